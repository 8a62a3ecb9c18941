import { createHash } from 'node:crypto';
import { SlipwayError } from '../../base/errors.ts';
import { likenessOf } from './image-likeness.ts';
import type { TarEntries } from './tar-entries.ts';

/** What stands in an image under its digest. */
export interface Blob {
  /** `sha256:...` of its bytes. */
  readonly digest: string;
  readonly size: number;
}

/** A layer in a tar. */
export interface Layer extends Blob {
  /** Its name in the tar. */
  readonly entry: string;
  /** Bytes when unpacked, as far as that can be told without unpacking it. */
  readonly unpacked: number;
  /** Where it is so small that it travels with the manifests. */
  readonly bytes?: Buffer;
}

export interface SmallBlob extends Blob {
  readonly bytes: Buffer;
}

/** What a name in an OCI index points to. */
export interface Descriptor extends Blob {
  readonly mediaType: string;
}

/** One image in a tar; an image for several platforms counts once for each that is in the tar. */
export interface TarImage {
  /** Names as containerd writes them. */
  readonly tags: readonly string[];
  /** `sha256:...` of its configuration: its id in Docker's classic store and for the kubelet. */
  readonly config: string;
  /** `rootfs.diff_ids`: the same in every store. */
  readonly layers: readonly string[];
  /** Of its configuration what every store tells (`likenessOf`). */
  readonly likeness: string;
  /** `linux/amd64`, `linux/arm/v7`. */
  readonly platform: string;
  /** What it says of containers, as Docker shows it (`Config`). */
  readonly settings: Readonly<Record<string, unknown>> | undefined;
  /** What its names stand for in containerd: a manifest, or an index of several platforms. */
  readonly target: Descriptor;
  /** The layers as they are in the tar, from the lowest to the highest. */
  readonly blobs: readonly Layer[];
  /** Configuration, manifest, perhaps an index. */
  readonly small: readonly SmallBlob[];
}

export interface ImageTar {
  readonly path: string;
  readonly size: number;
  readonly images: readonly TarImage[];
  readonly entries: TarEntries;
}

export const sha256 = (bytes: Buffer | string): string =>
  `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

/** @throws {SlipwayError} task.invalid where bytes are not those that stand under their digest */
export function verify(path: string, digest: string, bytes: Buffer): void {
  if (sha256(bytes) === digest || !/^sha256:[0-9a-f]{64}$/.test(digest)) return;
  throw new SlipwayError('task.invalid', `${path} is damaged: ${digest} is another`, {
    hint: 'Make the tar anew.',
  });
}

export const smallBlob = (bytes: Buffer): SmallBlob => ({
  digest: sha256(bytes),
  size: bytes.length,
  bytes,
});

/** What a configuration tells. */
export function readConfig(
  bytes: Buffer,
): Pick<TarImage, 'config' | 'layers' | 'likeness' | 'platform' | 'settings'> {
  const parsed = JSON.parse(bytes.toString('utf8')) as {
    os?: string;
    architecture?: string;
    variant?: string;
    created?: string;
    rootfs?: { diff_ids?: readonly string[] };
    config?: Readonly<Record<string, unknown>> | null;
  };
  const { os = 'linux', architecture = '', variant, created, config } = parsed;
  return {
    config: sha256(bytes),
    layers: parsed.rootfs?.diff_ids ?? [],
    settings: config ?? undefined,
    likeness: likenessOf(created, config),
    platform: `${os}/${architecture}${variant === undefined || variant === '' ? '' : `/${variant}`}`,
  };
}
