import { createHash } from 'node:crypto';
import { type Layer, readConfig, smallBlob, type TarImage, verify } from './image-content.ts';
import { type Ends, isGzip, notAnImage, type TarEntries } from './tar-entries.ts';

/** What `docker save` lists. */
export interface SavedImage {
  readonly Config: string;
  readonly RepoTags?: readonly string[] | null;
  readonly Layers?: readonly string[];
}

export const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
const CONFIG = 'application/vnd.oci.image.config.v1+json';
/** A round trip costs more than so many bytes. */
const TINY = 64 * 1024;
const LAYER = 'application/vnd.oci.image.layer.v1.tar';

export async function json<T>(entries: TarEntries, name: string): Promise<T | undefined> {
  const bytes = await entries.read(name);
  return bytes === undefined ? undefined : (JSON.parse(bytes.toString('utf8')) as T);
}

export const savedImages = (entries: TarEntries): Promise<readonly SavedImage[] | undefined> =>
  json(entries, 'manifest.json');

/** The images of `docker save`. It writes no manifests: they are made here, always the same. */
export async function imagesOfManifest(path: string, entries: TarEntries): Promise<TarImage[] | undefined> {
  const saved = await savedImages(entries);
  if (saved === undefined) return undefined;
  const images: TarImage[] = [];
  for (const { Config, RepoTags, Layers = [] } of saved) {
    const config = await entries.read(Config);
    if (config === undefined) throw notAnImage(path, `${Config} is missing`);
    // It is named by its digest: HEX.json, or blobs/sha256/HEX.
    const hex = /(?:^|[/:])([0-9a-f]{64})(?:\.json)?$/.exec(Config)?.[1];
    if (hex !== undefined) verify(path, `sha256:${hex}`, config);
    const known = readConfig(config);
    if (known.layers.length !== Layers.length)
      throw notAnImage(path, `${Config} has ${known.layers.length} layers, manifest.json ${Layers.length}`);
    const blobs: Layer[] = [];
    const types: string[] = [];
    for (const [at, name] of Layers.entries()) {
      const { layer, packed } = await savedLayer(path, entries, name, known.layers[at]!);
      blobs.push(layer);
      types.push(packed ? `${LAYER}+gzip` : LAYER);
    }
    const manifest = smallBlob(
      Buffer.from(
        JSON.stringify({
          schemaVersion: 2,
          mediaType: MANIFEST,
          config: { mediaType: CONFIG, digest: known.config, size: config.length },
          layers: blobs.map(({ digest, size }, at) => ({ mediaType: types[at], digest, size })),
        }),
      ),
    );
    images.push({
      ...known,
      tags: RepoTags ?? [],
      target: { mediaType: MANIFEST, digest: manifest.digest, size: manifest.size },
      blobs,
      small: [smallBlob(config), manifest],
    });
  }
  return images;
}

/** A plain layer is named by its diff_id; what one that is packed is called, only its bytes can tell. */
async function savedLayer(
  path: string,
  entries: TarEntries,
  name: string,
  diffId: string,
): Promise<{ layer: Layer; packed: boolean }> {
  const entry = entries.find(name);
  if (entry === undefined) throw notAnImage(path, `${name} is missing`);
  const ends = await entries.ends(entry);
  const packed = isGzip(ends.head);
  const digest = packed ? await digestOf(entries, entry) : diffId;
  return { layer: await layerOf(path, entries, entry, digest, ends), packed };
}

async function digestOf(entries: TarEntries, entry: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const { stream } of entries.streams(new Map([[entry, 0]])))
    for await (const chunk of stream) hash.update(chunk as Buffer);
  return `sha256:${hash.digest('hex')}`;
}

export const layerAt = async (
  path: string,
  entries: TarEntries,
  entry: string,
  digest: string,
): Promise<Layer> => layerOf(path, entries, entry, digest, await entries.ends(entry));

/** gzip notes at its end how much went in (below 4 GiB). */
async function layerOf(
  path: string,
  entries: TarEntries,
  entry: string,
  digest: string,
  ends: Ends,
): Promise<Layer> {
  const size = entries.size(entry);
  const { head, tail } = ends;
  const noted = isGzip(head) && tail.length === 4 ? tail.readUInt32LE(0) : size;
  const layer = { entry, digest, size, unpacked: Math.max(size, noted) };
  const bytes = size <= TINY ? await entries.read(entry) : undefined;
  if (bytes === undefined) return layer;
  // A larger one is checked where it arrives.
  verify(path, digest, bytes);
  return { ...layer, bytes };
}
