import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { createLocal } from '../../src/cli/local.ts';
import { readImageTar } from '../../src/modules/docker/image-tar.ts';
import { pack } from 'tar-stream';
import { recordScope } from '../../src/expression/scope.ts';

it('opens a range of a file, so that a tar is read without its layers', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'local-'));
  try {
    const place = { layers: {}, span: { source: { path: path.join(folder, 'a.yml'), text: '' } } };
    const local = createLocal(place as never, recordScope({}), { play: { folder } } as never);
    const file = path.join(folder, 'a.tar');
    const tar = pack();
    tar.entry({ name: 'layer.tar' }, Buffer.alloc(2_000_000, 1));
    tar.entry({ name: 'c.json' }, '{"rootfs":{"diff_ids":["sha256:aa"]}}');
    tar.entry({ name: 'manifest.json' }, '[{"Config":"c.json","RepoTags":["a:1"],"Layers":["layer.tar"]}]');
    tar.finalize();
    const parts: Buffer[] = [];
    for await (const part of tar) parts.push(part as Buffer);
    writeFileSync(file, Buffer.concat(parts));
    const range: Buffer[] = [];
    for await (const part of local.open(file, { start: 0, end: 9 })) range.push(part as Buffer);
    expect(Buffer.concat(range).toString()).toBe('layer.tar');
    const { images } = await readImageTar(local, file);
    expect(images).toMatchObject([{ tags: ['docker.io/library/a:1'], layers: ['sha256:aa'] }]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
