import { json, layerAt, MANIFEST, savedImages } from './image-manifest.ts';
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
  const images: TarImage[] = [];
  for (const listed of index.manifests) {
    const bytes = await entries.read(blobName(listed.digest));
    if (bytes) verify(path, listed.digest, bytes);
    const content = bytes && (JSON.parse(bytes.toString('utf8')) as Content);
    const found = content ? await imagesAt(path, entries, listed, content, bytes) : [];
    if (found.length === 0) throw notAnImage(path, `the configuration of ${listed.digest} is missing`);
    images.push(...(await named(entries, listed, found)));
  }
  return images;
}

type Unnamed = Omit<TarImage, 'tags'>;

async function imagesAt(
  path: string,
  entries: TarEntries,
  { digest, mediaType }: Listed,
  content: Content,
  bytes: Buffer,
): Promise<Unnamed[]> {
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
    const inner = await entries.read(blobName(child.digest));
    if (inner === undefined) continue;
    verify(path, child.digest, inner);
    const parsed = JSON.parse(inner.toString('utf8')) as Content;
    for (const image of await imagesAt(path, entries, child, parsed, inner))
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
async function named(entries: TarEntries, listed: Listed, images: readonly Unnamed[]): Promise<TarImage[]> {
  const full = listed.annotations?.['io.containerd.image.name'];
  const reference = listed.annotations?.['org.opencontainers.image.ref.name'];
  const saved = full === undefined ? ((await savedImages(entries)) ?? []) : [];
  return images.map((image) => {
    const list = saved.find(({ Config }) => Config.includes(image.config.slice(7)))?.RepoTags ?? [];
    const names = full !== undefined ? [full] : list.length > 0 ? list : reference ? [reference] : [];
    return { ...image, tags: names };
  });
}
