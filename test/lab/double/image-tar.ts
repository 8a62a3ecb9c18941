import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { pack } from 'tar-stream';

const layer = Buffer.alloc(2000);

/** The layer in `saveTar`'s images, by its content. */
export const SAVED_LAYER = `sha256:${createHash('sha256').update(layer).digest('hex')}`;

/** Writes a tar as `docker save` does, of one image with one layer; returns the image's id. */
export async function saveTar(
  path: string,
  tags: readonly string[],
  diffIds: readonly string[] = [],
): Promise<string> {
  const config = JSON.stringify({ architecture: 'amd64', rootfs: { type: 'layers', diff_ids: diffIds } });
  const digest = createHash('sha256').update(config).digest('hex');
  const manifest = [{ Config: `${digest}.json`, RepoTags: tags, Layers: ['layer/layer.tar'] }];
  const tar = pack();
  tar.entry({ name: `${digest}.json` }, config);
  tar.entry({ name: 'layer/layer.tar' }, layer);
  tar.entry({ name: 'manifest.json' }, JSON.stringify(manifest));
  tar.finalize();
  await pipeline(tar, createWriteStream(path));
  return `sha256:${digest}`;
}
