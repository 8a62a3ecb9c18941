import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';
import { describe, expect, it } from 'vitest';
import { canonicalName, familiarName } from '../../../src/modules/docker/image-names.ts';
import { readImageTar } from '../../../src/modules/docker/image-tar.ts';
import { bytesOf } from '../../../src/modules/docker/tar-entries.ts';
import { BLOCK, padding, writeHeader } from '../../../src/modules/docker/tar-header.ts';
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

describe('what a header has no room for', () => {
  const GIB = 1024 ** 3;
  const block = (name: string, type: string, bytes: Buffer | string, size = Buffer.byteLength(bytes)) => {
    const header = writeHeader(name, size);
    header[156] = type.charCodeAt(0);
    return Buffer.concat([signed(header), Buffer.from(bytes), padding(Buffer.byteLength(bytes))]);
  };
  const signed = (header: Buffer) => {
    header.fill(' ', 148, 156);
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
    return header;
  };
  const record = (key: string, value: string) => {
    const rest = ` ${key}=${value}\n`;
    let length = rest.length;
    while (`${length}${rest}`.length !== length) length++;
    return `${length}${rest}`;
  };
  const pax = (records: Readonly<Record<string, string>>, type = 'x') =>
    block(
      'PaxHeaders/1',
      type,
      Object.entries(records)
        .map(([key, value]) => record(key, value))
        .join(''),
    );

  /** A file that is nothing but zeros between the pieces. */
  function sparse(pieces: readonly (Buffer | number)[]) {
    let size = 0;
    const placed = pieces.map((piece) => {
      const start = size;
      size += typeof piece === 'number' ? piece : piece.length;
      return { start, bytes: typeof piece === 'number' ? Buffer.alloc(0) : piece };
    });
    const local = new FakeLocal();
    return Object.assign(local, {
      stat: async () => ({ size, directory: false, mode: 0o644 }),
      open: (_: string, { start, end }: { start: number; end: number }) => {
        const read = Buffer.alloc(Math.min(end, size) - start);
        for (const piece of placed)
          if (piece.start < end && piece.start + piece.bytes.length > start)
            piece.bytes.copy(read, Math.max(0, piece.start - start), Math.max(0, start - piece.start));
        return Readable.from([read]);
      },
    });
  }

  const long = `${'layers/'.repeat(30)}layer.tar`;
  const manifest = (layers: readonly string[]) =>
    JSON.stringify([{ Config: 'c.json', RepoTags: ['big:1'], Layers: layers }]);
  const rest = (layers: readonly string[]) => [
    block('c.json', '0', config),
    block('manifest.json', '0', manifest(layers)),
  ];
  const layer = (size: number) => [size, (BLOCK - (size % BLOCK)) % BLOCK];

  it.each([
    ['by PAX, and 0 in its header', [pax({ mtime: '1.5', size: `${9 * GIB + 1}` }), block('a.tar', '0', '')]],
    ['in binary in its header', [writeHeader('a.tar', 9 * GIB + 1)]],
  ])('8 GiB and more, %s', async (_, head) => {
    const small = [block('b.tar', '0', 'bb')];
    const local = sparse([...head, ...layer(9 * GIB + 1), ...small, ...rest(['a.tar', 'b.tar'])]);
    const { images } = await readImageTar(local, 'big.tar');
    expect(images[0]!.blobs).toMatchObject([
      { entry: 'a.tar', size: 9 * GIB + 1 },
      { entry: 'b.tar', size: 2 },
    ]);
  });

  it.each([
    ['by PAX', [pax({ path: long })], [pax({ path: 'b.tar', linkpath: `./${long}` })]],
    ['of GNU', [block('././@LongLink', 'L', `${long}\0`)], [block('././@LongLink', 'K', `${long}\0`)]],
  ])('long names and links, %s', async (_, name, link) => {
    const pieces = [
      ...name,
      block(long.slice(0, 99), '0', 'aa'),
      ...link,
      block('b.tar', '1', ''),
      ...rest([long, 'b.tar']),
      Buffer.alloc(2 * BLOCK),
    ];
    for (const bytes of [Buffer.concat(pieces), gzipSync(Buffer.concat(pieces))])
      expect((await read(bytes)).images[0]!.blobs).toMatchObject([
        { entry: long, size: 2 },
        { entry: long, size: 2 },
      ]);
  });

  it('a record of all that follow, and damaged ones, change nothing', async () => {
    const strange = [pax({ comment: 'by git', 'size ': '9' }, 'g'), block('PaxHeaders/2', 'x', '0 size=9\n')];
    const negative = pax({ size: '-512' });
    const local = sparse([
      ...strange,
      negative,
      block('a.tar', '0', 'aa'),
      block('b.tar', '0', 'bb'),
      ...rest(['a.tar', 'b.tar']),
    ]);
    expect((await readImageTar(local, 'a.tar')).images[0]!.blobs).toMatchObject([{ size: 2 }, { size: 2 }]);
  });
});

it('what lists the images is read once, however many names they have', async () => {
  const manifest = JSON.stringify({ config: { digest: id } });
  const blob = (text: string) => [`blobs/sha256/${digest(text).slice(7)}`, text] as const;
  const bytes = await tar({
    ...Object.fromEntries([blob(config), blob(manifest)]),
    'index.json': JSON.stringify({
      manifests: ['1', '2', '3'].map((name) => ({
        digest: digest(manifest),
        annotations: { 'org.opencontainers.image.ref.name': `app:${name}` },
      })),
    }),
    'manifest.json': '[]',
  });
  const local = new FakeLocal({ 'a.tar': `base64:${bytes.toString('base64')}` });
  const open = local.open.bind(local);
  const starts: number[] = [];
  Object.assign(local, {
    open: (path: string, range: { start: number; end: number }) => {
      // A header is read by itself.
      if (range.end - range.start !== BLOCK) starts.push(range.start);
      return open(path, range);
    },
  });
  const { images } = await readImageTar(local, 'a.tar');
  expect(images).toMatchObject([{ tags: [1, 2, 3].map((name) => `docker.io/library/app:${name}`) }]);
  expect(starts).toEqual([...new Set(starts)]);
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
