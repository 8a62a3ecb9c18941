import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';
import { describe, expect, it } from 'vitest';
import { canonicalName, familiarName } from '../../../src/modules/docker/image-names.ts';
import { readImageTar } from '../../../src/modules/docker/image-tar.ts';
import { FakeLocal } from '../../kit/fake-local.ts';

const digest = (text: string) => `sha256:${createHash('sha256').update(text).digest('hex')}`;
const config = JSON.stringify({
  architecture: 'amd64',
  rootfs: { type: 'layers', diff_ids: ['sha256:aa', 'sha256:bb'] },
});
const id = digest(config);

async function tar(files: Readonly<Record<string, string | Buffer>>): Promise<Buffer> {
  const stream = pack();
  for (const [name, content] of Object.entries(files)) stream.entry({ name }, content);
  stream.finalize();
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

const read = (bytes: Buffer, name = 'a.tar') =>
  readImageTar(new FakeLocal({ [name]: `base64:${bytes.toString('base64')}` }), name);

const classic = {
  'abc/layer.tar': Buffer.alloc(5_000_000, 7),
  'abc.json': config,
  'manifest.json': JSON.stringify([
    { Config: 'abc.json', RepoTags: ['nginx:1.27', 'quay.io/a/b:2'], Layers: ['abc/layer.tar'] },
  ]),
};

describe('the images in a tar', () => {
  it('as docker save writes them, layers unread', async () => {
    const bytes = await tar(classic);
    expect(await read(bytes)).toEqual({
      path: 'a.tar',
      size: bytes.length,
      images: [
        {
          tags: ['docker.io/library/nginx:1.27', 'quay.io/a/b:2'],
          config: id,
          layers: ['sha256:aa', 'sha256:bb'],
        },
      ],
    });
  });

  it('packed with gzip', async () => {
    const { images } = await read(gzipSync(await tar(classic)), 'a.tar.gz');
    expect(images[0]?.config).toBe(id);
  });

  it('as ctr exports them: an index of an index, attestations left out', async () => {
    const manifest = JSON.stringify({ config: { digest: id } });
    const attestation = JSON.stringify({ config: { digest: 'sha256:00' } });
    const platforms = JSON.stringify({
      manifests: [
        { digest: digest(attestation), platform: { architecture: 'unknown' } },
        { digest: digest('another platform'), platform: { architecture: 'arm64' } },
        { digest: digest(manifest), platform: { architecture: 'amd64' } },
      ],
    });
    const blob = (text: string) => [`blobs/sha256/${digest(text).slice(7)}`, text] as const;
    const bytes = await tar({
      'oci-layout': '{"imageLayoutVersion":"1.0.0"}',
      ...Object.fromEntries([blob(config), blob(manifest), blob(attestation), blob(platforms)]),
      'index.json': JSON.stringify({
        manifests: [
          {
            digest: digest(platforms),
            annotations: { 'io.containerd.image.name': 'registry.k8s.io/pause:3.10' },
          },
        ],
      }),
    });
    const { images } = await read(bytes);
    expect(images).toEqual([
      { tags: ['registry.k8s.io/pause:3.10'], config: id, layers: ['sha256:aa', 'sha256:bb'] },
    ]);
  });

  it.each([
    ['no image', async () => tar({ 'a.txt': 'x' }), 'no manifest.json'],
    ['no tar', async () => Buffer.alloc(2048, 65), 'it is no tar'],
    ['cut off', async () => (await tar(classic)).subarray(0, 1_000_000), 'it is cut off'],
    [
      'cut off and packed',
      async () => gzipSync(await tar(classic)).subarray(0, 1000),
      'unexpected end of file',
    ],
    ['packed with zstd', async () => Buffer.from('28b52ffd00000000', 'hex'), 'zstd'],
    [
      'without its configuration',
      async () => tar({ 'manifest.json': '[{"Config":"x.json"}]' }),
      'x.json is missing',
    ],
    ['with a broken manifest', async () => tar({ 'manifest.json': '[{' }), 'JSON'],
  ])('says what is wrong with one that is %s', async (_, make, why) => {
    await expect(make().then((bytes) => read(bytes))).rejects.toThrow(why);
  });
});

describe('names', () => {
  it.each([
    ['nginx', 'docker.io/library/nginx:latest', 'nginx:latest'],
    ['a/b:1', 'docker.io/a/b:1', 'a/b:1'],
    ['localhost/b:1', 'localhost/b:1', 'localhost/b:1'],
    ['localhost:5000/b', 'localhost:5000/b:latest', 'localhost:5000/b:latest'],
    ['registry.k8s.io/pause:3.10', 'registry.k8s.io/pause:3.10', 'registry.k8s.io/pause:3.10'],
  ])('%s', (name, canonical, familiar) => {
    expect(canonicalName(name)).toBe(canonical);
    expect(familiarName(canonical)).toBe(familiar);
  });
});
