import { posix } from 'node:path';
import type { Readable } from 'node:stream';
import { SlipwayError } from '../../base/errors.ts';
import type { Header } from './tar-header.ts';

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

export function notAnImage(path: string, why: string, cause?: unknown): SlipwayError {
  return new SlipwayError('task.invalid', `${path} holds no image: ${why}`, {
    hint: 'Make it with `docker save` or `ctr images export`; .tar and .tar.gz are read.',
    cause,
  });
}

export const isGzip = (head: Buffer): boolean => head[0] === 0x1f && head[1] === 0x8b;
