import { createHash } from 'node:crypto';
import type { Local } from '../../module/host.ts';
import { canonicalName } from './image-names.ts';
import { notAnImage, openTar, type TarEntries } from './tar-entries.ts';

/** One image in a tar. */
export interface TarImage {
  /** Names as containerd writes them. */
  readonly tags: readonly string[];
  /** `sha256:...` of its configuration: its id in Docker's classic store and for the kubelet. */
  readonly config: string;
  /** `rootfs.diff_ids`: the same in every store. */
  readonly layers: readonly string[];
}

export interface ImageTar {
  readonly path: string;
  readonly size: number;
  readonly images: readonly TarImage[];
}

interface Descriptor {
  readonly digest: string;
  readonly mediaType?: string;
  readonly platform?: { readonly architecture?: string };
  readonly annotations?: Readonly<Record<string, string>>;
}

async function json<T>(entries: TarEntries, name: string): Promise<T | undefined> {
  const bytes = await entries(name);
  return bytes === undefined ? undefined : (JSON.parse(bytes.toString('utf8')) as T);
}

const blob = (digest: string) => `blobs/${digest.replace(':', '/')}`;

/** What `docker save` writes, and newer exports beside their OCI index. */
async function fromManifest(path: string, entries: TarEntries): Promise<TarImage[] | undefined> {
  type Manifest = readonly { readonly Config: string; readonly RepoTags?: readonly string[] | null }[];
  const manifest = await json<Manifest>(entries, 'manifest.json');
  if (manifest === undefined) return undefined;
  const images: TarImage[] = [];
  for (const { Config, RepoTags } of manifest) {
    const bytes = await entries(Config);
    if (bytes === undefined) throw notAnImage(path, `${Config} is missing`);
    images.push(readImage(bytes, RepoTags ?? []));
  }
  return images;
}

function readImage(config: Buffer, tags: readonly string[]): TarImage {
  const parsed = JSON.parse(config.toString('utf8')) as { rootfs?: { diff_ids?: readonly string[] } };
  return {
    tags: tags.map(canonicalName),
    config: `sha256:${createHash('sha256').update(config).digest('hex')}`,
    layers: parsed.rootfs?.diff_ids ?? [],
  };
}

/** An OCI layout: index.json, manifests, perhaps an index for several platforms in between. */
async function fromIndex(path: string, entries: TarEntries): Promise<TarImage[] | undefined> {
  const index = await json<{ manifests: readonly Descriptor[] }>(entries, 'index.json');
  if (index === undefined) return undefined;
  const images: TarImage[] = [];
  for (const descriptor of index.manifests) {
    const name =
      descriptor.annotations?.['io.containerd.image.name'] ??
      descriptor.annotations?.['org.opencontainers.image.ref.name'];
    const config = await configOf(entries, descriptor.digest);
    if (config === undefined) throw notAnImage(path, `the configuration of ${descriptor.digest} is missing`);
    images.push(readImage(config, name === undefined ? [] : [name]));
  }
  return images;
}

async function configOf(entries: TarEntries, digest: string): Promise<Buffer | undefined> {
  const manifest = await json<{ config?: Descriptor; manifests?: readonly Descriptor[] }>(
    entries,
    blob(digest),
  );
  if (manifest?.config) return entries(blob(manifest.config.digest));
  // Attestations name no platform; the first image that the tar really holds counts.
  for (const child of manifest?.manifests ?? []) {
    if (child.platform?.architecture === 'unknown') continue;
    const config = await configOf(entries, child.digest);
    if (config) return config;
  }
  return undefined;
}

/** Reads which images a tar holds, without unpacking it. @throws {SlipwayError} task.invalid, file.missing */
export async function readImageTar(local: Local, path: string): Promise<ImageTar> {
  const stat = await local.stat(path);
  if (stat === undefined || stat.directory)
    throw notAnImage(path, stat ? 'it is a folder' : 'it is not there');
  const entries = await openTar(local, path, stat.size);
  let images: TarImage[] | undefined;
  try {
    images = (await fromManifest(path, entries)) ?? (await fromIndex(path, entries));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw notAnImage(path, error.message, error);
  }
  if (images === undefined) throw notAnImage(path, 'there is no manifest.json and no index.json in it');
  return { path, size: stat.size, images };
}
