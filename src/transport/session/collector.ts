/** Bytes kept of each stream of a step where it does not say otherwise. */
export const DEFAULT_LIMIT = 1024 * 1024;

/** Where the bytes of one stream of a step go. */
export interface Collector {
  push(bytes: Buffer): void;
  /** What was kept, decoded. */
  text(): string;
  readonly truncated: boolean;
  /** All bytes seen, kept or not. */
  readonly total: number;
  flush(): void;
}

/**
 * Keeps the head and the tail of a stream (half of `limit` each) and passes decoded text on as it comes. Every step has
 * two, most of them stay empty: nothing is set up before there is something to keep.
 */
export class BoundedCollector implements Collector {
  readonly #limit: number;
  readonly #onText: ((text: string) => void) | undefined;
  #live: InstanceType<typeof TextDecoder> | undefined;
  #head: Buffer[] | undefined;
  #headSize = 0;
  #tail: Buffer[] | undefined;
  #tailSize = 0;
  #total = 0;

  constructor(limit: number, onText?: (text: string) => void) {
    this.#limit = limit;
    this.#onText = onText;
  }

  push(bytes: Buffer): void {
    this.#total += bytes.length;
    this.#keep(bytes);
    if (!this.#onText) return;
    this.#live ??= new TextDecoder('utf-8', { ignoreBOM: true });
    this.#emit(this.#live.decode(bytes, { stream: true }));
  }

  /** Ends the live decoder: an incomplete character at the very end is given as U+FFFD. */
  flush(): void {
    if (this.#live) this.#emit(this.#live.decode());
  }

  get truncated(): boolean {
    return this.#total > this.#limit;
  }

  /** All bytes seen, kept or not. */
  get total(): number {
    return this.#total;
  }

  /** What was kept, decoded; where bytes were left out a line between head and tail says how many. */
  text(): string {
    const head = this.#head ?? [];
    if (!this.truncated) return decode(joined(this.#tail ? [...head, ...this.#tail] : head));
    const first = wholeEnd(joined(head));
    const last = wholeStart(this.#shrinkTail());
    const left = this.#total - first.length - last.length;
    return `${decode(first)}\n[... ${left} bytes left out ...]\n${decode(last)}`;
  }

  #keep(bytes: Buffer): void {
    const room = Math.min(Math.ceil(this.#limit / 2) - this.#headSize, bytes.length);
    if (room > 0) {
      // A copy, so that a few kept bytes do not hold on to a whole network buffer.
      (this.#head ??= []).push(Buffer.from(bytes.subarray(0, room)));
      this.#headSize += room;
    }
    if (room === bytes.length) return;
    const tailLimit = Math.floor(this.#limit / 2);
    const kept = Buffer.from(bytes.subarray(Math.max(room, bytes.length - tailLimit)));
    (this.#tail ??= []).push(kept);
    this.#tailSize += kept.length;
    if (this.#tailSize > tailLimit * 2 + 65_536) this.#shrinkTail();
  }

  #shrinkTail(): Buffer {
    const all = joined(this.#tail ?? []);
    const kept = Buffer.from(all.subarray(Math.max(0, all.length - Math.floor(this.#limit / 2))));
    this.#tail = [kept];
    this.#tailSize = kept.length;
    return kept;
  }

  #emit(text: string): void {
    if (text !== '') this.#onText?.(text);
  }
}

function joined(parts: readonly Buffer[]): Buffer {
  return parts.length === 1 ? parts[0]! : Buffer.concat(parts);
}

function decode(bytes: Buffer): string {
  return bytes.toString('utf8');
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
