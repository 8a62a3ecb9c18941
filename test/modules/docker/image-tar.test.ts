import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';
import { describe, expect, it } from 'vitest';
import { canonicalName, familiarName } from '../../../src/modules/docker/image-names.ts';
import { readImageTar } from '../../../src/modules/docker/image-tar.ts';
import { bytesOf } from '../../../src/modules/docker/tar-entries.ts';
import { FakeLocal } from '../../kit/fake-local.ts';

const digest = (text: string | Buffer) => `sha256:${createHash('sha256').update(text).digest('hex')}`;
const config = JSON.stringify({
  architecture: 'amd64',
  rootfs: { type: 'layers', diff_ids: ['sha256:aa', 'sha256:bb'] },
});
const id = digest(config);

async function tar(files: Readonly<Record<string, string | Buffer>>): Promise<Buffer> {
  const stream = pack();
  for (const [name, content] of Object.entries(files)) stream.entry({ name }, content);
  stream.finalize();
  return bytesOf(stream as unknown as Readable);
}

const read = (bytes: Buffer, name = 'a.tar') =>
  readImageTar(new FakeLocal({ [name]: `base64:${bytes.toString('base64')}` }), name);

const classic = {
  'abc/layer.tar': Buffer.alloc(5_000_000, 7),
  'def/layer.tar': Buffer.alloc(1000, 8),
  'abc.json': config,
  'manifest.json': JSON.stringify([
    {
      Config: 'abc.json',
      RepoTags: ['nginx:1.27', 'quay.io/a/b:2'],
      Layers: ['abc/layer.tar', 'def/layer.tar'],
    },
  ]),
};

it('are read once for all hosts, and again when the tar was written anew', async () => {
  const bytes = gzipSync(await tar(classic));
  let opened = 0;
  const looked = (written: number) => {
    const local = new FakeLocal({ 'often.tar.gz': `base64:${bytes.toString('base64')}` });
    const open = local.open.bind(local);
    const stat = local.stat.bind(local);
    Object.assign(local, {
      open: (...given: Parameters<typeof open>) => {
        opened += 1;
        return open(...given);
      },
      stat: async (path: string) => ({ ...(await stat(path))!, written }),
    });
    return readImageTar(local, 'often.tar.gz');
  };
  const first = await looked(1);
  const times = opened;
  expect(times).toBeGreaterThan(0);
  expect(await looked(1)).toBe(first);
  expect(opened).toBe(times);
  expect(await looked(2)).not.toBe(first);
  expect(opened).toBe(2 * times);
});

describe('the images in a tar', () => {
  it('as docker save writes them, layers unread', async () => {
    const bytes = await tar(classic);
    expect(await read(bytes)).toMatchObject({
      path: 'a.tar',
      size: bytes.length,
      images: [
        {
          tags: ['docker.io/library/nginx:1.27', 'quay.io/a/b:2'],
          config: id,
          layers: ['sha256:aa', 'sha256:bb'],
          platform: 'linux/amd64',
          blobs: [
            { digest: 'sha256:aa', size: 5_000_000, unpacked: 5_000_000, entry: 'abc/layer.tar' },
            { digest: 'sha256:bb', size: 1000, bytes: Buffer.alloc(1000, 8) },
          ],
        },
      ],
    });
  });

  it('with a layer that is a link to its first copy', async () => {
    const stream = pack();
    stream.entry({ name: 'abc/layer.tar' }, Buffer.alloc(100_000, 7));
    stream.entry({ name: 'def/layer.tar', type: 'symlink', linkname: '../abc/layer.tar' });
    for (const name of ['abc.json', 'manifest.json'] as const) stream.entry({ name }, classic[name]);
    stream.finalize();
    const bytes = await bytesOf(stream as unknown as Readable);
    for (const packed of [bytes, gzipSync(bytes)])
      expect((await read(packed)).images[0]!.blobs[1]).toMatchObject({
        entry: 'abc/layer.tar',
        size: 100_000,
      });
  });

  it('with a layer that is packed: named by what it is, not by what it becomes', async () => {
    const layer = gzipSync(Buffer.alloc(100_000, 7));
    const { images } = await read(await tar({ ...classic, 'abc/layer.tar': layer }));
    const { digest: name, size, unpacked } = images[0]!.blobs[0]!;
    expect({ name, size, unpacked }).toEqual({
      name: digest(layer),
      size: layer.length,
      unpacked: 100_000,
    });
  });

  it.each([
    ['plain', (bytes: Buffer) => bytes],
    ['packed', (bytes: Buffer) => gzipSync(bytes)],
  ])('gives a layer as a stream, from an offset on: %s', async (_, wrap) => {
    const layer = Buffer.from(Array.from({ length: 3_000_000 }, (_, at) => at % 251));
    const { entries } = await read(wrap(await tar({ ...classic, 'abc/layer.tar': layer })));
    const wanted = new Map([
      ['abc/layer.tar', 1_234_567],
      ['def/layer.tar', 0],
    ]);
    const found: Buffer[] = [];
    for await (const { stream } of entries.streams(wanted)) found.push(await bytesOf(stream));
    expect(found[0]!.equals(layer.subarray(1_234_567))).toBe(true);
    expect(found[1]!.equals(Buffer.alloc(1000, 8))).toBe(true);
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
    expect(images).toMatchObject([
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

describe('what stands under a digest and is something else is found before anything is sent', () => {
  const layer = 'a layer';
  const settings = JSON.stringify({ architecture: 'amd64', rootfs: { diff_ids: [digest(layer)] } });
  const blob = (text: string) => `blobs/sha256/${digest(text).slice(7)}`;
  const manifest = JSON.stringify({
    config: { digest: digest(settings) },
    layers: [{ digest: digest(layer) }],
  });
  const index = JSON.stringify({
    manifests: [{ digest: digest(manifest), annotations: { 'io.containerd.image.name': 'a:1' } }],
  });
  const saved = (name: string) =>
    JSON.stringify([{ Config: name, RepoTags: ['a:1'], Layers: ['l/layer.tar'] }]);
  const layout = {
    'index.json': index,
    [blob(manifest)]: manifest,
    [blob(settings)]: settings,
    [blob(layer)]: layer,
  };
  const old = {
    'manifest.json': saved(`${digest(settings).slice(7)}.json`),
    [`${digest(settings).slice(7)}.json`]: settings,
    'l/layer.tar': layer,
  };

  it('all of it as it should be', async () => {
    expect((await read(await tar(layout))).images).toHaveLength(1);
    expect((await read(await tar(old))).images).toHaveLength(1);
  });

  it.each([
    ['a layer', layout, blob(layer), 'another', digest(layer)],
    ['a manifest', layout, blob(manifest), `${manifest} `, digest(manifest)],
    ['a configuration', layout, blob(settings), settings.replace('amd64', 'arm64'), digest(settings)],
    ['a layer of docker save', old, 'l/layer.tar', 'another', digest(layer)],
    [
      'a configuration of docker save',
      old,
      `${digest(settings).slice(7)}.json`,
      settings.replace('amd64', 'arm64'),
      digest(settings),
    ],
  ])('%s', async (_, files, name, content, said) => {
    const bytes = await tar({ ...files, [name]: content });
    await expect(read(bytes)).rejects.toThrow(`a.tar is damaged: ${said} is another`);
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
