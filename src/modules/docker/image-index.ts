import { json, layerAt, MANIFEST, type SavedImage, savedImages } from './image-manifest.ts';
import {
  type Descriptor,
  type Layer,
  readConfig,
  type SmallBlob,
  smallBlob,
  type TarImage,
  verify,
} from './image-content.ts';
import { notAnImage, type TarEntries } from './tar-entries.ts';

interface Listed extends Partial<Descriptor> {
  readonly digest: string;
  readonly platform?: { readonly architecture?: string };
  readonly annotations?: Readonly<Record<string, string>>;
}

/** A manifest, or an index of manifests. */
interface Content {
  readonly mediaType?: string;
  readonly config?: { readonly digest: string };
  readonly layers?: readonly { readonly digest: string; readonly urls?: readonly string[] }[];
  readonly manifests?: readonly Listed[];
}

const INDEX = 'application/vnd.oci.image.index.v1+json';

export const blobName = (digest: string): string => `blobs/${digest.replace(':', '/')}`;

/** The images of an OCI layout: index.json, manifests, perhaps an index for several platforms in between. */
export async function imagesOfIndex(path: string, entries: TarEntries): Promise<TarImage[] | undefined> {
  const index = await json<{ manifests: readonly Listed[] }>(entries, 'index.json');
  if (index === undefined) return undefined;
  const saved = (await savedImages(entries)) ?? [];
  // An image is listed once for each of its names.
  const known = new Map<string, readonly Unnamed[]>();
  const images: TarImage[] = [];
  for (const listed of index.manifests) {
    const found = known.get(listed.digest) ?? (await imagesAt(path, entries, listed));
    if (found.length === 0) throw notAnImage(path, `the configuration of ${listed.digest} is missing`);
    known.set(listed.digest, found);
    images.push(...named(saved, listed, found));
  }
  return images;
}

type Unnamed = Omit<TarImage, 'tags'>;

async function imagesAt(
  path: string,
  entries: TarEntries,
  { digest, mediaType }: Listed,
): Promise<Unnamed[]> {
  const bytes = await entries.read(blobName(digest));
  if (bytes === undefined) return [];
  verify(path, digest, bytes);
  const content = JSON.parse(bytes.toString('utf8')) as Content;
  const itself: SmallBlob = { digest, size: bytes.length, bytes };
  if (content.manifests === undefined) {
    const target = { digest, size: bytes.length, mediaType: mediaType ?? content.mediaType ?? MANIFEST };
    const image = await imageAt(path, entries, content, itself);
    return image ? [{ ...image, target }] : [];
  }
  const target = { digest, size: bytes.length, mediaType: mediaType ?? content.mediaType ?? INDEX };
  const images: Unnamed[] = [];
  for (const child of content.manifests) {
    // Attestations name no platform; of the others those count that the tar really holds.
    if (child.platform?.architecture === 'unknown') continue;
    for (const image of await imagesAt(path, entries, child))
      images.push({ ...image, target, small: [...image.small, itself] });
  }
  return images;
}

async function imageAt(
  path: string,
  entries: TarEntries,
  { config, layers = [] }: Content,
  manifest: SmallBlob,
): Promise<Omit<Unnamed, 'target'> | undefined> {
  const bytes = config && (await entries.read(blobName(config.digest)));
  if (bytes === undefined) return undefined;
  verify(path, config!.digest, bytes);
  const blobs: Layer[] = [];
  for (const { digest, urls } of layers) {
    const entry = entries.find(blobName(digest));
    if (entry !== undefined) blobs.push(await layerAt(path, entries, entry, digest));
    else if (urls === undefined) throw notAnImage(path, `the layer ${digest} is missing`);
  }
  return { ...readConfig(bytes), blobs, small: [smallBlob(bytes), manifest] };
}

/** Names stand beside the manifest; where only a tag does, the list of `docker save` may know more. */
function named(saved: readonly SavedImage[], listed: Listed, images: readonly Unnamed[]): TarImage[] {
  const full = listed.annotations?.['io.containerd.image.name'];
  const reference = listed.annotations?.['org.opencontainers.image.ref.name'];
  return images.map((image) => {
    const list = saved.find(({ Config }) => Config.includes(image.config.slice(7)))?.RepoTags ?? [];
    const names = full !== undefined ? [full] : list.length > 0 ? list : reference ? [reference] : [];
    return { ...image, tags: names };
  });
}
