/** Bytes kept of each stream of a step where it does not say otherwise. */
export const DEFAULT_LIMIT = 1024 * 1024;

export interface Collector {
  push(bytes: Buffer): void;
  /** What was kept, decoded; where bytes were left out a line between head and tail says how many. */
  text(): string;
  readonly truncated: boolean;
  /** All bytes seen, kept or not. */
  readonly total: number;
  /** Ends the live decoder: an incomplete character at the very end is given as U+FFFD. */
  flush(): void;
}

/** Keeps the head and the tail of a stream (half of `limit` each) and passes decoded text on as it comes. */
export function createCollector(limit: number, onText?: (text: string) => void): Collector {
  const headLimit = Math.ceil(limit / 2);
  const tailLimit = Math.floor(limit / 2);
  const head: Buffer[] = [];
  let headSize = 0;
  let tail: Buffer[] = [];
  let tailSize = 0;
  let total = 0;
  const live = onText && new TextDecoder('utf-8', { ignoreBOM: true });

  function keep(bytes: Buffer): void {
    const room = Math.min(headLimit - headSize, bytes.length);
    if (room > 0) {
      // A copy, so that a few kept bytes do not hold on to a whole network buffer.
      head.push(Buffer.from(bytes.subarray(0, room)));
      headSize += room;
    }
    if (room === bytes.length) return;
    tail.push(Buffer.from(bytes.subarray(Math.max(room, bytes.length - tailLimit))));
    tailSize += tail[tail.length - 1]!.length;
    if (tailSize > tailLimit * 2 + 65_536) shrinkTail();
  }

  function shrinkTail(): Buffer {
    const all = Buffer.concat(tail);
    const kept = Buffer.from(all.subarray(Math.max(0, all.length - tailLimit)));
    tail = [kept];
    tailSize = kept.length;
    return kept;
  }

  function emit(text: string): void {
    if (text !== '') onText?.(text);
  }

  return {
    push(bytes) {
      total += bytes.length;
      keep(bytes);
      if (live) emit(live.decode(bytes, { stream: true }));
    },
    flush() {
      if (live) emit(live.decode());
    },
    get truncated() {
      return total > limit;
    },
    get total() {
      return total;
    },
    text() {
      if (total <= limit) return decode(Buffer.concat([...head, ...tail]));
      const first = wholeEnd(Buffer.concat(head));
      const last = wholeStart(shrinkTail());
      const left = total - first.length - last.length;
      return `${decode(first)}\n[... ${left} bytes left out ...]\n${decode(last)}`;
    },
  };
}

function decode(bytes: Buffer): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
}

const isContinuation = (byte: number | undefined) => byte !== undefined && (byte & 0xc0) === 0x80;

// A cut through a character would show up as U+FFFD that the host never sent.
function wholeEnd(bytes: Buffer): Buffer {
  let start = bytes.length - 1;
  while (start > bytes.length - 4 && start > 0 && isContinuation(bytes[start])) start--;
  const lead = bytes[start] ?? 0;
  const width = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;
  return start >= 0 && start + width > bytes.length ? bytes.subarray(0, start) : bytes;
}

function wholeStart(bytes: Buffer): Buffer {
  let start = 0;
  while (start < 3 && isContinuation(bytes[start])) start++;
  return bytes.subarray(start);
}
