import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { Local } from '../../module/host.ts';
import {
  bytesOf,
  END,
  type Ends,
  follower,
  linkTarget,
  notAnImage,
  plainName,
  SMALL,
  type TarEntries,
} from './tar-entries.ts';

interface Passed {
  readonly name: string;
  readonly size: number;
  readonly type: '0' | '1' | '2';
  readonly link: string;
  readonly stream: Readable;
}

const TYPES = { link: '1', symlink: '2' } as const;

/** Reads a packed tar through; what the caller leaves of an entry is passed over. */
async function* passes(local: Local, path: string): AsyncGenerator<Passed> {
  // Loaded only where it is needed: every command knows this module.
  const { extract } = await import('tar-stream');
  const source = local.open(path);
  const unpacked = source.pipe(createGunzip());
  const tar = extract();
  source.on('error', (error) => unpacked.destroy(error));
  unpacked.on('error', (error) => tar.destroy(error));
  unpacked.pipe(tar);
  try {
    for await (const entry of tar) {
      const { name, size = 0, type, linkname } = entry.header;
      const stream = entry as unknown as Readable;
      const kind = TYPES[type as keyof typeof TYPES] ?? '0';
      yield { name: plainName(name), size, type: kind, link: linkname ?? '', stream };
      stream.resume();
    }
  } finally {
    source.destroy();
    unpacked.destroy();
    tar.destroy();
  }
}

/** The first and the last bytes of a stream that is read through. */
async function endsOf(stream: Readable): Promise<Ends> {
  let head = Buffer.alloc(0);
  let tail = Buffer.alloc(0);
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    if (head.length < END) head = Buffer.concat([head, chunk.subarray(0, END)]).subarray(0, END);
    tail = Buffer.concat([tail, chunk.subarray(-END)]).subarray(-END);
  }
  return { head, tail };
}

async function* after(stream: AsyncIterable<Buffer>, from: number): AsyncGenerator<Buffer> {
  let left = from;
  for await (const chunk of stream) {
    if (left < chunk.length) yield left > 0 ? chunk.subarray(left) : chunk;
    left = Math.max(0, left - chunk.length);
  }
}

/** A packed tar has to be read as a whole to know what is in it; only the small files are kept. */
export async function unpackedEntries(local: Local, path: string): Promise<TarEntries> {
  const kept = new Map<string, Buffer>();
  const sizes = new Map<string, number>();
  const ends = new Map<string, Ends>();
  const links = new Map<string, string>();
  try {
    for await (const { name, size, type, link, stream } of passes(local, path)) {
      const target = linkTarget({ name, size, type, link });
      if (target !== undefined) links.set(name, target);
      else {
        sizes.set(name, size);
        if (size <= SMALL) kept.set(name, await bytesOf(stream));
        else ends.set(name, await endsOf(stream));
      }
    }
  } catch (error) {
    throw notAnImage(path, error instanceof Error ? error.message : String(error), error);
  }
  const find = follower((name) => sizes.has(name), links);
  return {
    find,
    size: (name) => sizes.get(name)!,
    async read(name) {
      const found = find(name);
      return found === undefined ? undefined : kept.get(found);
    },
    async ends(name) {
      const whole = kept.get(name);
      return whole ? { head: whole.subarray(0, END), tail: whole.subarray(-END) } : ends.get(name)!;
    },
    async *streams(wanted) {
      let left = wanted.size;
      for await (const { name, stream } of passes(local, path)) {
        const from = wanted.get(name);
        if (from === undefined || !sizes.has(name)) continue;
        yield { name, stream: Readable.from(after(stream as AsyncIterable<Buffer>, from)) };
        left -= 1;
        if (left === 0) return;
      }
    },
  };
}
