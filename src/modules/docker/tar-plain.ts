import { Readable } from 'node:stream';
import type { Local } from '../../module/host.ts';
import {
  bytesOf,
  END,
  follower,
  linkTarget,
  notAnImage,
  plainName,
  SMALL,
  type TarEntries,
} from './tar-entries.ts';
import { BLOCK, readHeader } from './tar-header.ts';

interface Place {
  readonly start: number;
  readonly end: number;
}

/** Steps from header to header and leaves the layers unread. */
export async function plainEntries(local: Local, path: string, size: number): Promise<TarEntries> {
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
      const found = find(name);
      const place = found === undefined ? undefined : places.get(found);
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
