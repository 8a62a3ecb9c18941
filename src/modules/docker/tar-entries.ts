import { createGunzip } from 'node:zlib';
import type { Readable } from 'node:stream';
import { extract } from 'tar-stream';
import { SlipwayError } from '../../base/errors.ts';
import type { Local } from '../../module/host.ts';

/** The small files in a tar, by name. */
export type TarEntries = (name: string) => Promise<Buffer | undefined>;

const BLOCK = 512;
/** Manifests and configurations are kilobytes; what is larger is a layer and never read. */
const SMALL = 4 * 1024 * 1024;

async function bytes(stream: Readable): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

const text = (block: Buffer, from: number, length: number) => {
  const end = block.indexOf(0, from);
  return block.toString('utf8', from, end >= 0 && end < from + length ? end : from + length);
};

/** A number of a tar header: octal text, or binary where the top bit says so. */
function number(block: Buffer, from: number, length: number): number {
  if (block[from]! & 0x80) return Number(BigInt(`0x${block.toString('hex', from + 1, from + length)}`));
  return Number.parseInt(text(block, from, length).trim() || '0', 8);
}

function isHeader(block: Buffer): boolean {
  let sum = 0;
  for (let i = 0; i < BLOCK; i++) sum += i >= 148 && i < 156 ? 32 : block[i]!;
  return sum === number(block, 148, 8);
}

/** Steps from header to header and leaves the layers unread. */
async function plainTar(local: Local, path: string, size: number): Promise<TarEntries> {
  const places = new Map<string, { start: number; end: number }>();
  for (let at = 0; at + BLOCK <= size; ) {
    const header = await bytes(local.open(path, { start: at, end: at + BLOCK }));
    if (header.every((byte) => byte === 0)) break;
    if (!isHeader(header)) throw notAnImage(path, 'it is no tar');
    const prefix = text(header, 257, 5) === 'ustar' ? text(header, 345, 155) : '';
    const name = `${prefix === '' ? '' : `${prefix}/`}${text(header, 0, 100)}`.replace(/^\.\//, '');
    const length = number(header, 124, 12);
    const start = at + BLOCK;
    if (start + length > size) throw notAnImage(path, 'it is cut off');
    places.set(name, { start, end: start + length });
    at = start + Math.ceil(length / BLOCK) * BLOCK;
  }
  return async (name) => {
    const place = places.get(name);
    if (place === undefined || place.end - place.start > SMALL) return undefined;
    return place.end === place.start ? Buffer.alloc(0) : bytes(local.open(path, place));
  };
}

/** A packed tar has to be read as a whole, once; only the small files are kept. */
async function packedTar(local: Local, path: string): Promise<TarEntries> {
  const kept = new Map<string, Buffer>();
  const tar = extract();
  const source = local.open(path);
  const unpacked = source.pipe(createGunzip());
  source.on('error', (error) => unpacked.destroy(error));
  unpacked.on('error', (error) => tar.destroy(error));
  unpacked.pipe(tar);
  try {
    for await (const entry of tar) {
      const { name, size = 0 } = entry.header;
      if (size <= SMALL) kept.set(name.replace(/^\.\//, ''), await bytes(entry as unknown as Readable));
      else entry.resume();
    }
  } catch (error) {
    throw notAnImage(path, error instanceof Error ? error.message : String(error), error);
  }
  return async (name) => kept.get(name);
}

export function notAnImage(path: string, why: string, cause?: unknown): SlipwayError {
  return new SlipwayError('task.invalid', `${path} holds no image: ${why}`, {
    hint: 'Make it with `docker save` or `ctr images export`; .tar and .tar.gz are read.',
    cause,
  });
}

/** Opens a tar of any size without unpacking it. @throws {SlipwayError} task.invalid */
export async function openTar(local: Local, path: string, size: number): Promise<TarEntries> {
  const head = await bytes(local.open(path, { start: 0, end: 6 }));
  if (head[0] === 0x1f && head[1] === 0x8b) return packedTar(local, path);
  if (head.subarray(0, 4).equals(Buffer.from('28b52ffd', 'hex')))
    throw notAnImage(path, 'it is packed with zstd; unpack it first');
  return plainTar(local, path, size);
}
