import { posix } from 'node:path';
import { Readable } from 'node:stream';
import { SlipwayError } from '../../base/errors.ts';
import type { Local } from '../../module/host.ts';
import { BLOCK, type Header, readHeader } from './tar-header.ts';
import { unpackedEntries } from './tar-packed.ts';

/** What is in a tar; names are without `./` in front. */
export interface TarEntries {
  /** A small file's bytes; undefined where there is none. */
  read(name: string): Promise<Buffer | undefined>;
  /** Where a link leads to, and the name itself otherwise; undefined where there is nothing. */
  find(name: string): string | undefined;
  size(name: string): number;
  /** The first and the last bytes of a file, whatever its size. */
  ends(name: string): Promise<Ends>;
  /**
   * Files as streams, each from an offset on. One is to be read to its end, or given up, before the next is asked for.
   * They come in the order of the tar: a packed one is read through once, and never held in memory.
   */
  streams(wanted: ReadonlyMap<string, number>): AsyncGenerator<TarStream>;
}

export interface TarStream {
  readonly name: string;
  readonly stream: Readable;
}

export interface Ends {
  readonly head: Buffer;
  readonly tail: Buffer;
}

/** Bytes at either end of a file that tell how it is packed. */
export const END = 4;
/** Manifests and configurations are kilobytes; what is larger is a layer and only read when it is sent. */
export const SMALL = 1024 * 1024;

export async function bytesOf(stream: Readable): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

export const plainName = (name: string): string => name.replace(/^(?:\.?\/)+/, '');

/** `docker save` writes a layer that images share as a link to its first copy. */
export function linkTarget({ name, type, link }: Header): string | undefined {
  if (type === '1') return plainName(link);
  return type === '2' ? plainName(posix.join(posix.dirname(name), link)) : undefined;
}

export function follower(
  has: (name: string) => boolean,
  links: ReadonlyMap<string, string>,
): TarEntries['find'] {
  return (name) => {
    let at = plainName(name);
    for (let steps = 0; steps < 10; steps++) {
      if (has(at)) return at;
      const next = links.get(at);
      if (next === undefined) return undefined;
      at = next;
    }
    return undefined;
  };
}

interface Place {
  readonly start: number;
  readonly end: number;
}

/** Steps from header to header and leaves the layers unread. */
async function plainEntries(local: Local, path: string, size: number): Promise<TarEntries> {
  const places = new Map<string, Place>();
  const links = new Map<string, string>();
  for (let at = 0; at + BLOCK <= size; ) {
    const block = await bytesOf(local.open(path, { start: at, end: at + BLOCK }));
    if (block.every((byte) => byte === 0)) break;
    const header = readHeader(block);
    if (header === undefined) throw notAnImage(path, 'it is no tar');
    const start = at + BLOCK;
    const end = start + header.size;
    if (end > size) throw notAnImage(path, 'it is cut off');
    const target = linkTarget(header);
    if (target === undefined) places.set(plainName(header.name), { start, end });
    else links.set(plainName(header.name), target);
    at = start + Math.ceil(header.size / BLOCK) * BLOCK;
  }
  const find = follower((name) => places.has(name), links);
  const open = ({ start, end }: Place) =>
    end > start ? local.open(path, { start, end }) : Readable.from([]);
  return {
    find,
    size: (name) => places.get(name)!.end - places.get(name)!.start,
    async read(name) {
      const place = places.get(find(name) ?? '');
      return place === undefined || place.end - place.start > SMALL ? undefined : bytesOf(open(place));
    },
    async ends(name) {
      const { start, end } = places.get(name)!;
      const head = await bytesOf(open({ start, end: Math.min(end, start + END) }));
      return { head, tail: await bytesOf(open({ start: Math.max(start, end - END), end })) };
    },
    async *streams(wanted) {
      for (const [name, from] of wanted) {
        const { start, end } = places.get(name)!;
        yield { name, stream: open({ start: start + from, end }) };
      }
    },
  };
}

export function notAnImage(path: string, why: string, cause?: unknown): SlipwayError {
  return new SlipwayError('task.invalid', `${path} holds no image: ${why}`, {
    hint: 'Make it with `docker save` or `ctr images export`; .tar and .tar.gz are read.',
    cause,
  });
}

/** Opens a tar of any size without unpacking it. @throws {SlipwayError} task.invalid */
export async function openTar(local: Local, path: string, size: number): Promise<TarEntries> {
  const head = await bytesOf(local.open(path, { start: 0, end: 6 }));
  if (isGzip(head)) return unpackedEntries(local, path);
  if (isZstd(head)) throw notAnImage(path, 'it is packed with zstd; unpack it first');
  return plainEntries(local, path, size);
}

export const isGzip = (head: Buffer): boolean => head[0] === 0x1f && head[1] === 0x8b;
const isZstd = (head: Buffer): boolean => head.subarray(0, 4).equals(Buffer.from('28b52ffd', 'hex'));
