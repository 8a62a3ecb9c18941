import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BoundedCollector } from '../../src/transport/session/collector.ts';
import { createScanner, markerOf } from '../../src/transport/session/scanner.ts';

interface Seen {
  readonly data: Buffer;
  readonly value: string | undefined;
}

/** Runs a stream in pieces through a scanner that expects these nonces. */
function scan(nonces: readonly string[], pieces: readonly Uint8Array[]): Seen[] {
  const scanner = createScanner();
  const seen = nonces.map(() => ({ data: Buffer.alloc(0), value: undefined as string | undefined }));
  nonces.forEach((nonce, index) => {
    const one = seen[index]!;
    scanner.expect({
      nonce,
      data(bytes) {
        one.data = Buffer.concat([one.data, bytes]);
      },
      end(value) {
        one.value = value;
      },
    });
  });
  for (const piece of pieces) scanner.push(Buffer.from(piece));
  return seen;
}

const NONCES = ['aaaaaaaaaaaaaaaa', 'aaaaaaaaaaaaaaab', '1e1e1e1e1e1e1e1e'];
const marker = (nonce: string, value: string) => Buffer.concat([markerOf(nonce), Buffer.from(`${value}\n`)]);

/** Output that is as like a marker as it can be without knowing the nonce. */
const hostile = fc.oneof(
  fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
  fc
    .constantFrom(
      '\u001e',
      '\u001e\u001e',
      '\u001eaaaaaaaaaaaaaaaa',
      '\u001e0000000000000000 0\n',
      '\u001eaaaaaaaa 0\n',
    )
    .map((text) => Buffer.from(text, 'latin1')),
  fc.nat(17).map((length) => markerOf('aaaaaaaaaaaaaaaa').subarray(0, length)),
  fc.constantFrom('\u001b[2J\u001b]0;title\u0007', '\n', '', 'é', '\u0000').map((text) => Buffer.from(text)),
);
const output = fc.array(hostile, { maxLength: 12 }).map((parts) => Buffer.concat(parts));

describe('the scanner', () => {
  test('gives back any output, cut at any places', () => {
    fc.assert(
      fc.property(
        fc
          .tuple(output, output, output)
          .filter((all) => all.every((one, at) => !one.includes(markerOf(NONCES[at]!)))),
        fc.array(fc.nat(400), { maxLength: 30 }),
        (outputs, cuts) => {
          const stream = Buffer.concat(outputs.flatMap((one, at) => [one, marker(NONCES[at]!, String(at))]));
          const places = [
            0,
            ...[...cuts].sort((a, b) => a - b).filter((cut) => cut < stream.length),
            stream.length,
          ];
          const pieces = places.slice(1).map((place, at) => stream.subarray(places[at], place));
          const seen = scan(NONCES, pieces);
          expect(seen.map((one) => one.value)).toEqual(['0', '1', '2']);
          seen.forEach((one, at) => expect(one.data.equals(outputs[at]!)).toBe(true));
        },
      ),
      { numRuns: 1500 },
    );
  });

  test('finds a marker split at every byte', () => {
    const before = Buffer.from('x\u001eaaaaaaaaaaaaaaa\u001e', 'latin1');
    const stream = Buffer.concat([before, marker(NONCES[0]!, '137'), Buffer.from('next')]);
    for (let cut = 0; cut <= stream.length; cut++) {
      const [one] = scan([NONCES[0]!], [stream.subarray(0, cut), stream.subarray(cut)]);
      expect(one).toEqual({ data: before, value: '137' });
    }
    const single = scan(
      [NONCES[0]!],
      [...stream].map((byte) => Uint8Array.of(byte)),
    );
    expect(single[0]).toEqual({ data: before, value: '137' });
  });

  test('drops what comes while nothing is expected', () => {
    const stream = Buffer.concat([marker(NONCES[0]!, '0'), Buffer.from('late'), marker(NONCES[0]!, '5')]);
    expect(scan([NONCES[0]!], [stream, Buffer.from('later')])).toEqual([
      { data: Buffer.alloc(0), value: '0' },
    ]);
  });

  test('a marker of a later step is output', () => {
    const stream = Buffer.concat([marker(NONCES[1]!, '0'), marker(NONCES[0]!, '3')]);
    const [one, two] = scan([NONCES[0]!, NONCES[1]!], [stream]);
    expect(one).toEqual({ data: marker(NONCES[1]!, '0'), value: '3' });
    expect(two?.value).toBeUndefined();
  });
});

describe('the collector', () => {
  test('keeps all that fits, however it comes', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: 'grapheme' })),
        fc.integer({ min: 1, max: 7 }),
        (texts, size) => {
          const text = texts.join('');
          const bytes = Buffer.from(text);
          let live = '';
          const collector = new BoundedCollector(1_000_000, (piece) => (live += piece));
          for (let at = 0; at < bytes.length; at += size) collector.push(bytes.subarray(at, at + size));
          collector.flush();
          expect(collector.text()).toBe(text);
          expect(live).toBe(text);
        },
      ),
    );
  });

  test('keeps head and tail, counts the rest, and cuts no character', () => {
    fc.assert(
      fc.property(fc.integer({ min: 4, max: 64 }), fc.integer({ min: 1, max: 50 }), (limit, size) => {
        const text = 'aé€😀'.repeat(40);
        const bytes = Buffer.from(text);
        const collector = new BoundedCollector(limit);
        for (let at = 0; at < bytes.length; at += size) collector.push(bytes.subarray(at, at + size));
        const kept = collector.text();
        expect(collector.truncated).toBe(true);
        expect(kept).not.toContain('\ufffd');
        const [, head, count, tail] = /^([^]*)\n\[\.\.\. (\d+) bytes left out \.\.\.\]\n([^]*)$/.exec(kept)!;
        expect(text.startsWith(head!)).toBe(true);
        expect(text.endsWith(tail!)).toBe(true);
        expect(Buffer.byteLength(head! + tail!) + Number(count)).toBe(bytes.length);
      }),
    );
  });

  test('megabytes do not pile up', () => {
    const collector = new BoundedCollector(1000);
    const chunk = Buffer.alloc(65_536, 'x');
    for (let index = 0; index < 500; index++) collector.push(chunk);
    expect(collector.total).toBe(500 * 65_536);
    expect(collector.text().length).toBeLessThan(1100);
  });

  test('bytes that are no text become U+FFFD', () => {
    const collector = new BoundedCollector(100);
    collector.push(Buffer.from([0x61, 0xff, 0xfe, 0x62]));
    expect(collector.text()).toBe('a\ufffd\ufffdb');
  });
});
