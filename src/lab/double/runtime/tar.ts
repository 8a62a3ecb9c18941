import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs';
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

function unzipped(bytes: Buffer): Buffer {
  return bytes.length > 2 && bytes.toString('hex', 0, 2) === '1f8b' ? gunzipSync(bytes) : bytes;
}

function archiveOf(source: Source, length: number): Archive {
  return { entries: scan(source, length), content: (entry) => source(entry.start, entry.size) };
}

function inMemory(bytes: Buffer): Archive {
  return archiveOf((start, length) => bytes.subarray(start, start + length), bytes.length);
}

/** `-` is what is piped in: it cannot be read by position and is taken whole. */
function withArchive<T>(path: string, use: (archive: Archive) => T): T {
  if (path === '-') return use(inMemory(unzipped(readFileSync(0))));
  const file = openSync(path, 'r');
  try {
    const source: Source = (start, length) => {
      const bytes = Buffer.alloc(length);
      return bytes.subarray(0, readSync(file, bytes, 0, length, start));
    };
    const { size } = fstatSync(file);
    const packed = source(0, 2).toString('hex') === '1f8b';
    return use(packed ? inMemory(unzipped(source(0, size))) : archiveOf(source, size));
  } finally {
    closeSync(file);
  }
}

export interface TarImage {
  readonly tags: readonly string[];
  /** `sha256:...` of the configuration, which is the id of the image. */
  readonly id: string;
  readonly size: number;
  /** The layers' diff_ids as the configuration lists them. */
  readonly layers?: readonly string[];
}

interface ManifestEntry {
  Config: string;
  RepoTags: string[] | null;
  Layers?: string[];
}

interface Index {
  manifests: { digest: string; annotations?: Record<string, string> }[];
}

function diffIds(config: Buffer): readonly string[] | undefined {
  return (JSON.parse(config.toString()) as { rootfs?: { diff_ids?: string[] } }).rootfs?.diff_ids;
}

/** The other form, of `ctr images export`: an index that names manifests by digest. */
function fromIndex({ entries, content }: Archive, index: Entry): TarImage[] {
  const blob = (digest: string): Entry | undefined =>
    entries.find((e) => e.name === `blobs/${digest.replace(':', '/')}`);
  return (JSON.parse(content(index).toString()) as Index).manifests.map(({ digest, annotations }) => {
    const entry = blob(digest);
    if (entry === undefined) throw new Error(`content digest ${digest}: not found`);
    const manifest = JSON.parse(content(entry).toString()) as {
      config?: { digest: string };
      layers?: { size: number }[];
    };
    const name =
      annotations?.['io.containerd.image.name'] ?? annotations?.['org.opencontainers.image.ref.name'];
    const size = (manifest.layers ?? []).reduce((sum, layer) => sum + layer.size, 0);
    const config = blob(manifest.config?.digest ?? '');
    return {
      tags: name === undefined ? [] : [name],
      id: manifest.config?.digest ?? digest,
      size,
      ...(config === undefined ? {} : { layers: diffIds(content(config)) ?? [] }),
    };
  });
}

/** The images in the tar that `docker save` or `ctr images export` writes; `-` is stdin. Throws on what is none. */
export function readImages(path: string): TarImage[] {
  return withArchive(path, (archive) => {
    const { entries, content } = archive;
    const find = (name: string): Entry | undefined => entries.find((entry) => entry.name === name);
    const manifest = find('manifest.json');
    const index = find('index.json');
    if (manifest === undefined) {
      if (index === undefined) throw new Error('unrecognized image format');
      return fromIndex(archive, index);
    }
    return (JSON.parse(content(manifest).toString()) as ManifestEntry[]).map((image) => {
      const config = find(image.Config);
      if (config === undefined) throw new Error(`content digest ${image.Config}: not found`);
      const size = (image.Layers ?? []).reduce((sum, layer) => sum + (find(layer)?.size ?? 0), config.size);
      const text = content(config);
      const id = `sha256:${createHash('sha256').update(text).digest('hex')}`;
      return { tags: image.RepoTags ?? [], id, size, layers: diffIds(text) ?? [] };
    });
  });
}
