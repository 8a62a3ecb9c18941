import type { Local } from '../../module/host.ts';
import type { ImageTar, TarImage } from './image-content.ts';
import { imagesOfIndex } from './image-index.ts';
import { imagesOfManifest } from './image-manifest.ts';
import { canonicalName } from './image-names.ts';
import { notAnImage } from './tar-entries.ts';
import { openTar } from './tar-open.ts';

export type { ImageTar, TarImage };

const known = new Map<string, Promise<ImageTar>>();
const KEPT = 64;

/**
 * Reads which images a tar holds, without unpacking it: once for all hosts, as long as it stays as it is.
 * @throws {SlipwayError} task.invalid, file.missing
 */
export async function readImageTar(local: Local, path: string): Promise<ImageTar> {
  const stat = await local.stat(path);
  if (stat === undefined || stat.directory)
    throw notAnImage(path, stat ? 'it is a folder' : 'it is not there');
  if (stat.written === undefined) return readTar(local, path, stat.size);
  const key = `${path}\n${stat.size}\n${stat.written}`;
  const before = known.get(key);
  if (before) return before;
  const tar = readTar(local, path, stat.size);
  if (known.size >= KEPT) known.delete(known.keys().next().value!);
  known.set(key, tar);
  tar.catch(() => known.delete(key));
  return tar;
}

async function readTar(local: Local, path: string, size: number): Promise<ImageTar> {
  const entries = await openTar(local, path, size);
  let images: readonly TarImage[] | undefined;
  try {
    // Newer tars have both. The index knows digests and platforms, the older list the names.
    images = (await imagesOfIndex(path, entries)) ?? (await imagesOfManifest(path, entries));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw notAnImage(path, error.message, error);
  }
  if (images === undefined) throw notAnImage(path, 'there is no manifest.json and no index.json in it');
  return { path, size, images: merged(images), entries };
}

/** An image that is listed once for each of its names is one. */
function merged(images: readonly TarImage[]): TarImage[] {
  const found = new Map<string, TarImage>();
  for (const image of images) {
    const key = `${image.target.digest} ${image.config}`;
    const tags = [...(found.get(key)?.tags ?? []), ...image.tags.map(canonicalName)];
    found.set(key, { ...image, tags: [...new Set(tags)] });
  }
  return [...found.values()];
}
