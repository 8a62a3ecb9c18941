import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { extract } from 'tar-stream';
import { afterAll, describe, expect, it } from 'vitest';
import { SlipwayError } from '../../../src/base/errors.ts';
import type { Host } from '../../../src/module/host.ts';
import { loadImages } from '../../../src/modules/docker/image-load.ts';
import { planLoads } from '../../../src/modules/docker/image-plan.ts';
import { smallBlob, type TarImage } from '../../../src/modules/docker/image-content.ts';
import { readImages } from '../../../src/modules/docker/image-state.ts';
import { readImageTar } from '../../../src/modules/docker/image-tar.ts';
import { bytesOf } from '../../../src/modules/docker/tar-entries.ts';
import { writeImageTar } from '../../e2e/kit/images.ts';
import { FolderLocal } from '../../kit/folder-local.ts';
import { localHost, shells } from '../../kit/local-shell.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'load-'));
afterAll(() => rmSync(folder, { recursive: true }));

const stage = `/var/tmp/slipway-images-${process.getuid!()}`;
const settings = {
  namespace: 'k8s.io',
  platform: undefined,
  pinned: undefined,
  distribute: 'direct' as const,
};
const nothing = readImages({ code: 0, stdout: 'runtime docker\n', stderr: '' });

/** What an engine would get: the files in the tar that it is given. */
async function received(file: string): Promise<Map<string, Buffer>> {
  const files = new Map<string, Buffer>();
  const tar = extract();
  Readable.from([readFileSync(file)]).pipe(tar);
  for await (const entry of tar) files.set(entry.header.name, await bytesOf(entry as unknown as Readable));
  return files;
}

let made = 0;

/** A tar whose layers nobody else has, so that suites beside this one do not meet it on the stage. */
async function image() {
  const file = path.join(folder, `${++made}.tar`);
  const unique = createHash('sha256').update(`${process.pid} ${made} ${Math.random()}`).digest();
  const content = (size: number) => Buffer.concat([unique, Buffer.alloc(size, 7)]);
  const layers = [{ base: content(300_001) }, { small: content(100) }, { top: content(200_000) }];
  await writeImageTar(file, { tags: ['load/it:1'], layers });
  const tar = await readImageTar(new FolderLocal(), file);
  const big = tar.images[0]!.blobs.filter(({ bytes }) => !bytes);
  return { tar, big, hex: big.map(({ digest }) => digest.slice(7)) };
}

const planOf = (tar: Awaited<ReturnType<typeof image>>['tar'], current = nothing) =>
  planLoads(
    'docker',
    tar.images.map((one) => ({ tar, images: [{ image: one, tags: one.tags }] })),
    current,
    [],
  );

const layerOf = async (tar: Awaited<ReturnType<typeof image>>['tar'], entry: string) => {
  for await (const { stream } of tar.entries.streams(new Map([[entry, 0]]))) return bytesOf(stream);
  throw new Error(entry);
};

describe.each(shells)('loading with %s', (name, shell) => {
  const programs = path.join(folder, `bin-${name}`);
  const got = path.join(folder, `got-${name}`);
  mkdirSync(programs);
  const engine = (answer: string) =>
    writeFileSync(path.join(programs, 'docker'), `#!/bin/sh\ncat >${got}\n${answer}\n`, { mode: 0o755 });
  const host = localHost({ ...shell, path: `${programs}:${shell.path ?? process.env['PATH']}` });

  /** How many bytes were sent, layer by layer. */
  function counting(): Host & { sizes: number[] } {
    const sizes: number[] = [];
    return {
      ...host,
      sizes,
      send: (content, program, options) => {
        if ('stream' in content) sizes.push(content.size);
        return host.send(content, program, options);
      },
    };
  }

  it('puts the tar together on the host, with every byte, and leaves nothing behind', async () => {
    const { tar, hex } = await image();
    engine('echo "Loaded image: load/it:1"');
    const plan = planOf(tar);
    await loadImages(host, plan, settings);
    const files = await received(got);
    const [one] = tar.images;
    for (const blob of one!.blobs)
      expect(files.get(`blobs/sha256/${blob.digest.slice(7)}`)?.equals(await layerOf(tar, blob.entry))).toBe(
        true,
      );
    expect(JSON.parse(files.get('manifest.json')!.toString())).toEqual([
      {
        Config: `blobs/sha256/${one!.config.slice(7)}`,
        RepoTags: ['load/it:1'],
        Layers: one!.blobs.map(({ digest }) => `blobs/sha256/${digest.slice(7)}`),
      },
    ]);
    const index = JSON.parse(files.get('index.json')!.toString());
    const manifest = JSON.parse(files.get(`blobs/sha256/${index.manifests[0].digest.slice(7)}`)!.toString());
    expect(manifest.config.digest).toBe(one!.config);
    // What was announced is what travelled.
    expect(plan.bytes).toBe(readFileSync(got).length);
    for (const file of hex) expect(existsSync(path.join(stage, file))).toBe(false);
  });

  it('goes on from where an earlier run was cut off', async () => {
    const { tar, big, hex } = await image();
    mkdirSync(stage, { recursive: true, mode: 0o700 });
    const first = await layerOf(tar, big[0]!.entry);
    writeFileSync(path.join(stage, `${hex[0]}.part`), first.subarray(0, 123_456));
    writeFileSync(path.join(stage, hex[1]!), await layerOf(tar, big[1]!.entry));
    engine('echo loaded');
    const counted = counting();
    await loadImages(counted, planOf(tar), settings);
    expect(counted.sizes).toEqual([first.length - 123_456]);
    expect((await received(got)).get(`blobs/sha256/${hex[0]}`)?.equals(first)).toBe(true);
    expect(existsSync(path.join(stage, `${hex[0]}.part`))).toBe(false);
  });

  it('sends again what was staged wrong', async () => {
    const { tar, big, hex } = await image();
    mkdirSync(stage, { recursive: true, mode: 0o700 });
    writeFileSync(path.join(stage, `${hex[0]}.part`), Buffer.alloc(1000, 1));
    engine('echo loaded');
    const counted = counting();
    await loadImages(counted, planOf(tar), settings);
    expect(counted.sizes).toEqual([big[0]!.size - 1000, big[0]!.size, big[1]!.size]);
    expect((await received(got)).has(`blobs/sha256/${hex[0]}`)).toBe(true);
  });

  it('goes on over the next connection when one is lost', async () => {
    const { tar, big } = await image();
    engine('echo loaded');
    const counted = counting();
    let reconnected = 0;
    let lost = false;
    const flaky: Host = {
      ...counted,
      reconnect: async () => void reconnected++,
      send: async (content, program, options) => {
        if (!('stream' in content) || lost) return counted.send(content, program, options);
        lost = true;
        const stream = Readable.from([(await bytesOf(content.stream)).subarray(0, 50_000)]);
        await host.send({ stream, size: 50_000 }, program, { ...options, anyExit: true });
        throw new SlipwayError('connect.lost', 'the connection was lost');
      },
    };
    await loadImages(flaky, planOf(tar), settings);
    expect(reconnected).toBe(1);
    expect(counted.sizes).toEqual([big[0]!.size - 50_000, big[1]!.size]);
  });

  it('says that a tar is damaged whose layer is another', async () => {
    const { tar } = await image();
    const broken = {
      ...tar.images[0]!,
      blobs: tar.images[0]!.blobs.map((blob, at) =>
        at === 0 ? { ...blob, digest: `sha256:${'0'.repeat(64)}` } : blob,
      ),
    };
    await expect(loadImages(host, planOf({ ...tar, images: [broken] }), settings)).rejects.toThrow(
      /is damaged: the layer sha256:0+ is another/,
    );
    expect(existsSync(path.join(stage, `${'0'.repeat(64)}.part`))).toBe(false);
  });

  it('sends all where a layer that was there is gone since', async () => {
    const { tar, big } = await image();
    const layers = tar.images[0]!.layers;
    const current = { ...nothing, stacks: new Set([layers[0]!]) };
    // Complains once.
    engine(
      `[ -e ${got}.once ] || { : >${got}.once; echo "open /var/lib/docker/tmp/x/layer.tar: no such file or directory" >&2; exit 1; }`,
    );
    const counted = counting();
    await loadImages(counted, planOf(tar, current), settings);
    rmSync(`${got}.once`);
    expect(counted.sizes).toEqual([big[1]!.size, big[0]!.size]);
  });

  it("sends all where a blob that Docker's containerd store had is gone since", async () => {
    const { tar, big } = await image();
    const blobs = new Set([big[0]!.digest]);
    // As 28.5 says it, and exits with 0.
    engine(
      `[ $1 != load ] || [ -e ${got}.once ] || { : >${got}.once; echo 'Loaded image: load/it:1'; echo 'Error unpacking image load/it:1: apply layer error for "docker.io/load/it:1": failed to extract layer ${big[0]!.digest}: NotFound: failed to get reader from content store: content digest ${big[0]!.digest}: not found'; }`,
    );
    const counted = counting();
    await loadImages(counted, planOf(tar, { ...nothing, store: 'containerd', blobs }), settings);
    rmSync(`${got}.once`);
    expect(counted.sizes).toEqual([big[1]!.size, big[0]!.size]);
  });

  it("Docker's containerd store: a name that came with a load that failed goes, and one of before stays", async () => {
    const { tar, hex } = await image();
    const { digest } = tar.images[0]!.target;
    const log = `${got}.log`;
    const said = async (found: string) => {
      writeFileSync(log, '');
      writeFileSync(
        path.join(programs, 'docker'),
        `#!/bin/sh\necho "$*" >>${log}\ncase "$1 $2" in load*) cat >/dev/null; echo 'Error unpacking image load/it:1: archive/tar: invalid tar header' ;; *inspect) echo ${found} ;; esac\n`,
        { mode: 0o755 },
      );
      await expect(loadImages(host, planOf(tar), settings)).rejects.toThrow(
        /docker did not take .*Error unpacking image/,
      );
      return readFileSync(log, 'utf8');
    };
    expect(await said(digest)).toContain('image rm load/it:1');
    expect(await said(tar.images[0]!.config)).not.toContain(' rm ');
    for (const file of hex) rmSync(path.join(stage, file));
  });

  it('an error within a successful load is an error; what came is kept for the next run', async () => {
    const { tar, hex } = await image();
    engine('echo "Error processing tar file(exit status 1): unexpected EOF"');
    await expect(loadImages(host, planOf(tar), settings)).rejects.toThrow(
      /docker did not take .*: Error processing tar file/,
    );
    expect(existsSync(path.join(stage, hex[0]!))).toBe(true);
    engine('echo "first"; echo "invalid diffID for layer 0" >&2; exit 1');
    await expect(loadImages(host, planOf(tar), settings)).rejects.toThrow(/did not take .*: invalid diffID/);
    engine('echo "error during connect: Post /images/load: broken pipe" >&2; exit 1');
    await expect(loadImages(host, planOf(tar), settings)).rejects.toThrow(
      /docker went away midway: error during/,
    );
    engine(
      'echo "ctr: failed to ingest \\"blobs/sha256/x\\": failed to copy: failed to send write: EOF: unknown" >&2; exit 1',
    );
    await expect(loadImages(host, planOf(tar), settings)).rejects.toThrow(/docker went away midway: ctr: /);
    engine('echo "write /x: no space left on device" >&2; exit 1');
    await expect(loadImages(host, planOf(tar), settings)).rejects.toThrow(/no space left/);
    expect(existsSync(path.join(stage, hex[0]!))).toBe(false);
  });

  it('containerd: a name that came with a load that failed goes, and one of before stays', async () => {
    const { tar, hex } = await image();
    const { digest } = tar.images[0]!.target;
    const log = `${got}.log`;
    // The second look, once the name is gone, shows what the kubelet's interface has named.
    const { config } = tar.images[0]!;
    const ls = (found: string) =>
      `echo "REF TYPE DIGEST SIZE"; grep -q ' rm ' ${log} || echo "docker.io/load/it:1 x ${found} 1"; echo "${config} x ${found} 1"`;
    const ctr = (found: string) =>
      writeFileSync(
        path.join(programs, 'ctr'),
        `#!/bin/sh\necho "$*" >>${log}\ncase $4 in import) cat >/dev/null; echo "ctr: no" >&2; exit 1 ;; ls) ${ls(found)} ;; esac\n`,
        { mode: 0o755 },
      );
    const said = async (found: string) => {
      writeFileSync(log, '');
      ctr(found);
      const plan = { ...planOf(tar), runtime: 'containerd' as const };
      await expect(loadImages(host, plan, settings)).rejects.toThrow('containerd did not take');
      return readFileSync(log, 'utf8');
    };
    const gone = await said(digest);
    expect(gone).toContain('-n k8s.io images rm --sync docker.io/load/it:1');
    expect(gone).toContain(`-n k8s.io images rm --sync ${config}`);
    expect(await said(`sha256:${'0'.repeat(64)}`)).not.toContain(' rm ');
    for (const file of hex) rmSync(path.join(stage, file));
  });

  it('containerd: of an image for several platforms none is cleared away when another one comes', async () => {
    const { tar } = await image();
    const [one] = tar.images as [TarImage];
    const other = `sha256:${'5'.repeat(64)}`;
    const manifests = [{ digest: one.target.digest }, { digest: other }];
    const index = smallBlob(Buffer.from(JSON.stringify({ manifests })));
    const indexed = { ...one, target: { ...one.target, ...index }, small: [...one.small, index] };
    const log = `${got}.log`;
    writeFileSync(log, '');
    writeFileSync(
      path.join(programs, 'ctr'),
      `#!/bin/sh\necho "$*" >>${log}\ncase $4 in import) cat >/dev/null ;; esac\n`,
      { mode: 0o755 },
    );
    await loadImages(host, { ...planOf({ ...tar, images: [indexed] }), runtime: 'containerd' }, settings);
    const holds = (digest: string) => `containerd.io/gc.ref.content.slipway.${digest.slice(7, 19)}=${digest}`;
    const label = `-n k8s.io content label ${index.digest} ${holds(one.target.digest)} ${holds(other)}`;
    expect(readFileSync(log, 'utf8').trim().split('\n')).toEqual([label, '-n k8s.io images import -', label]);
  });

  it('a disk that gets full while layers come is not left full', async () => {
    const { tar, hex } = await image();
    const full: Host = {
      ...host,
      send: async (content, program, options) => {
        if (!('stream' in content)) return host.send(content, program, options);
        content.stream.destroy();
        await host.send({ bytes: Buffer.from('some') }, program, options);
        return { code: 1, stdout: '', stderr: 'cat: write error: No space left on device\n' };
      },
    };
    await expect(loadImages(full, planOf(tar), settings)).rejects.toThrow(/No space left/);
    expect(existsSync(path.join(stage, `${hex[0]}.part`))).toBe(false);
  });
});
