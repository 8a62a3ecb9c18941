import { familiarName } from './image-names.ts';
import { blobName } from './image-index.ts';
import type { Layer, SmallBlob, TarImage } from './image-content.ts';
import { padding, TAR_END, wholeFile, writeHeader } from './tar-header.ts';

/** An image of a tar with those of its names that are to be set. */
export interface Wanted {
  readonly image: TarImage;
  readonly tags: readonly string[];
}

/** So many bytes of the frame, or a layer. */
export type Part = number | Layer;

/**
 * A tar for an engine, in two: the layers, and the frame of all that stands around them. They meet on the host, so that
 * a layer is a file there that can come bit by bit, and from anywhere.
 */
export interface Pack {
  readonly frame: Buffer;
  readonly parts: readonly Part[];
}

/**
 * An OCI layout that is at the same time what `docker save` writes: containerd and both of Docker's stores take it.
 *
 * @param layers those that are to be in it; the engine has the others
 */
export function packImages(images: readonly Wanted[], layers: readonly Layer[]): Pack {
  const small = new Map<string, SmallBlob>();
  for (const { image } of images) for (const blob of image.small) small.set(blob.digest, blob);
  const pieces: Buffer[] = [
    wholeFile('oci-layout', Buffer.from('{"imageLayoutVersion":"1.0.0"}')),
    wholeFile('index.json', Buffer.from(JSON.stringify(indexOf(images)))),
    wholeFile('manifest.json', Buffer.from(JSON.stringify(images.map(savedAs)))),
    ...[...small.values()].map(({ digest, bytes }) => wholeFile(blobName(digest), bytes)),
    ...layers.flatMap(({ digest, bytes }) => (bytes ? [wholeFile(blobName(digest), bytes)] : [])),
  ];
  const parts: Part[] = [];
  let from = 0;
  for (const layer of layers) {
    if (layer.bytes) continue;
    pieces.push(writeHeader(blobName(layer.digest), layer.size));
    const length = lengthOf(pieces);
    parts.push(length - from, layer);
    from = length;
    pieces.push(padding(layer.size));
  }
  pieces.push(TAR_END);
  const frame = Buffer.concat(pieces);
  return { frame, parts: [...parts, frame.length - from] };
}

const lengthOf = (pieces: readonly Buffer[]) => pieces.reduce((sum, { length }) => sum + length, 0);

function indexOf(images: readonly Wanted[]): object {
  const manifests = images.flatMap(({ image, tags }) =>
    tags.map((tag) => ({
      ...image.target,
      annotations: {
        'io.containerd.image.name': tag,
        'org.opencontainers.image.ref.name': tag.slice(tag.lastIndexOf(':') + 1),
      },
    })),
  );
  return { schemaVersion: 2, manifests };
}

function savedAs({ image, tags }: Wanted): object {
  return {
    Config: blobName(image.config),
    RepoTags: tags.map(familiarName),
    Layers: image.blobs.map(({ digest }) => blobName(digest)),
  };
}
