import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync, fstatSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

interface Entry {
  readonly name: string;
  readonly size: number;
  /** Where the content starts. */
  readonly start: number;
}

/** A tar archive, read where it lies: only the parts that are asked for. */
interface Archive {
  readonly entries: readonly Entry[];
  content(entry: Entry): Buffer;
}

type Source = (start: number, length: number) => Buffer;

const octal = (bytes: Buffer): number =>
  Number.parseInt(bytes.toString('latin1').replace(/\0.*$/s, '').trim() || '0', 8);
const text = (bytes: Buffer): string => bytes.toString('utf8').replace(/\0.*$/s, '');

function scan(source: Source, length: number): Entry[] {
  const entries: Entry[] = [];
  let at = 0;
  let longName: string | undefined;
  while (at + 512 <= length) {
    const head = source(at, 512);
    if (head[0] === 0) break;
    if (head.toString('latin1', 257, 262) !== 'ustar') throw new Error('archive/tar: invalid tar header');
    const size = octal(head.subarray(124, 136));
    const type = head.toString('latin1', 156, 157);
    const prefix = text(head.subarray(345, 500));
    const plain = `${prefix === '' ? '' : `${prefix}/`}${text(head.subarray(0, 100))}`;
    if (type === 'L') longName = text(source(at + 512, size));
    else {
      entries.push({ name: (longName ?? plain).replace(/^\.\//, ''), size, start: at + 512 });
      longName = undefined;
    }
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return entries;
}

function withArchive<T>(path: string, use: (archive: Archive) => T): T {
  const file = openSync(path, 'r');
  try {
    const plain: Source = (start, length) => {
      const bytes = Buffer.alloc(length);
      const got = readSync(file, bytes, 0, length, start);
      return bytes.subarray(0, got);
    };
    const { size } = fstatSync(file);
    const zipped = size > 2 && plain(0, 2).toString('hex') === '1f8b';
    const whole = zipped ? gunzipSync(plain(0, size)) : undefined;
    const source: Source =
      whole === undefined ? plain : (start, length) => whole.subarray(start, start + length);
    const entries = scan(source, whole?.length ?? size);
    return use({ entries, content: (entry) => source(entry.start, entry.size) });
  } finally {
    closeSync(file);
  }
}

export interface TarImage {
  readonly tags: readonly string[];
  /** `sha256:...` of the configuration, which is the id of the image. */
  readonly id: string;
  readonly size: number;
}

interface ManifestEntry {
  Config: string;
  RepoTags: string[] | null;
  Layers?: string[];
}

/** The images in the tar that `docker save` writes. Throws on what is none. */
export function readImages(path: string): TarImage[] {
  return withArchive(path, ({ entries, content }) => {
    const find = (name: string): Entry | undefined => entries.find((entry) => entry.name === name);
    const manifest = find('manifest.json');
    if (manifest === undefined) throw new Error('unrecognized image format');
    return (JSON.parse(content(manifest).toString()) as ManifestEntry[]).map((image) => {
      const config = find(image.Config);
      if (config === undefined) throw new Error(`content digest ${image.Config}: not found`);
      const size = (image.Layers ?? []).reduce((sum, layer) => sum + (find(layer)?.size ?? 0), config.size);
      const id = `sha256:${createHash('sha256').update(content(config)).digest('hex')}`;
      return { tags: image.RepoTags ?? [], id, size };
    });
  });
}
