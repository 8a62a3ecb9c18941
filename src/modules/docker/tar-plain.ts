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
import { BLOCK, EXTRA, type Extra, type Header, readExtra, readHeader } from './tar-header.ts';

interface Place {
  readonly start: number;
  readonly end: number;
}

interface Entry extends Place {
  readonly header: Header;
}

/** Steps from header to header; what is said of an entry in those before it (long names, 8 GiB and more) counts. */
async function* entriesOf(local: Local, path: string, size: number): AsyncGenerator<Entry> {
  let ofAll: Extra = {};
  let ofNext: Extra = {};
  for (let at = 0; at + BLOCK <= size; ) {
    const block = await bytesOf(local.open(path, { start: at, end: at + BLOCK }));
    if (block.every((byte) => byte === 0)) return;
    const read = readHeader(block);
    if (read === undefined) throw notAnImage(path, 'it is no tar');
    const isExtra = EXTRA.has(read.type);
    const header = isExtra ? read : { ...read, ...ofAll, ...ofNext };
    const start = at + BLOCK;
    const end = start + header.size;
    if (!(end <= size)) throw notAnImage(path, 'it is cut off');
    if (!isExtra) {
      ofNext = {};
      yield { header, start, end };
    } else if (header.size <= SMALL) {
      const extra = readExtra(read.type, await bytesOf(local.open(path, { start, end })));
      if (read.type === 'g') ofAll = { ...ofAll, ...extra };
      else ofNext = { ...ofNext, ...extra };
    }
    at = start + Math.ceil(header.size / BLOCK) * BLOCK;
  }
}

/** Leaves the layers unread. */
export async function plainEntries(local: Local, path: string, size: number): Promise<TarEntries> {
  const places = new Map<string, Place>();
  const links = new Map<string, string>();
  for await (const { header, start, end } of entriesOf(local, path, size)) {
    const target = linkTarget(header);
    if (target === undefined) places.set(plainName(header.name), { start, end });
    else links.set(plainName(header.name), target);
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
