/** Takes what lies between two markers of one stream. */
export interface Segment {
  readonly nonce: string;
  /** Bytes before the marker, as they come; never a part of the marker. */
  data(bytes: Buffer): void;
  /** The marker was seen; `value` is what it carries (an exit code, a pid, `s` for skipped). */
  end(value: string): void;
}

export interface Scanner {
  expect(segment: Segment): void;
  push(chunk: Buffer): void;
}

const NEWLINE = 0x0a;
const RECORD_SEPARATOR = 0x1e;

/** The text by which a shell ends a segment: printf '\036%s %s\n' NONCE VALUE. */
export function markerOf(nonce: string): Buffer {
  return Buffer.from(`\u001e${nonce} `, 'latin1');
}

/**
 * Cuts one output stream of a session into the segments of its steps. A marker is only looked for while its segment
 * is the first one expected, and its nonce is not known to the step, so no output can forge one. Bytes that come
 * while nothing is expected (from children left behind by earlier steps) are dropped.
 */
export function createScanner(): Scanner {
  const expected: { segment: Segment; marker: Buffer }[] = [];
  let held: Buffer | undefined;

  return {
    expect: (segment) => expected.push({ segment, marker: markerOf(segment.nonce) }),
    push(chunk) {
      let bytes = held ? Buffer.concat([held, chunk]) : chunk;
      held = undefined;
      for (;;) {
        const first = expected[0];
        if (!first || bytes.length === 0) return;
        const { segment, marker } = first;
        const at = bytes.indexOf(marker);
        const valueAt = at + marker.length;
        const end = at === -1 ? -1 : bytes.indexOf(NEWLINE, valueAt);
        if (end === -1) {
          const keep = at === -1 ? partialAt(bytes, marker) : at;
          if (keep > 0) segment.data(bytes.subarray(0, keep));
          if (keep < bytes.length) held = bytes.subarray(keep);
          return;
        }
        if (at > 0) segment.data(bytes.subarray(0, at));
        expected.shift();
        segment.end(bytes.toString('latin1', valueAt, end));
        bytes = bytes.subarray(end + 1);
      }
    },
  };
}

// Where a marker may begin that the next chunk completes; the length when none does.
function partialAt(bytes: Buffer, marker: Buffer): number {
  let from = Math.max(0, bytes.length - marker.length + 1);
  for (;;) {
    const at = bytes.indexOf(RECORD_SEPARATOR, from);
    if (at === -1) return bytes.length;
    if (bytes.compare(marker, 0, bytes.length - at, at) === 0) return at;
    from = at + 1;
  }
}
