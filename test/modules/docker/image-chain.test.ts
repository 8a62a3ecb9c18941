import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { StateModule } from '../../../src/module/contract.ts';
import { type Subject, Unclear } from '../../../src/module/outlook.ts';
import { containerImage } from '../../../src/modules/docker/container-image.ts';
import { dockerContainer } from '../../../src/modules/docker/docker-container.ts';
import { dockerImage } from '../../../src/modules/docker/docker-image.ts';
import { HostOutlook } from '../../../src/run/outlook.ts';
import { type MadeImage, writeImageTar } from '../../e2e/kit/images.ts';
import { FolderLocal } from '../../kit/folder-local.ts';

/* oxlint-disable typescript/no-explicit-any */
type State = StateModule<any, any, any, any, any>;
/* oxlint-enable typescript/no-explicit-any */

const KB = 1000;
const folder = mkdtempSync(path.join(tmpdir(), 'chain-'));
const tar = (name: string) => path.join(folder, `${name}.tar`);
let one: MadeImage;
let two: MadeImage;

beforeAll(async () => {
  const base = { base: Buffer.alloc(500 * KB, 1) };
  const config = { Env: ['PATH=/bin'], Healthcheck: { Test: ['CMD', 'true'] } };
  [one] = (await writeImageTar(tar('one'), {
    tags: ['chain/one:1'],
    layers: [base, { one: Buffer.alloc(100 * KB, 2) }],
    config,
  })) as [MadeImage];
  [two] = (await writeImageTar(tar('two'), {
    tags: ['chain/two:1'],
    layers: [base, { two: Buffer.alloc(200 * KB, 3) }],
  })) as [MadeImage];
});
afterAll(() => rmSync(folder, { recursive: true }));

const ROOM = `room
Filesystem     1024-blocks  Used Available Capacity Mounted on
/dev/vda           9000000     0   9000000       0% /
/dev/vda           9000000     0   9000000       0% /
`;
const DOCKER = `runtime docker\nstore [["Backing Filesystem","extfs"]]\n${ROOM}`;
const CONTAINERD = `runtime containerd\n${ROOM}`;

/** A dry run of a host: tasks one after the other, each with what the host says now. */
function dryRun(...before: readonly Subject[]) {
  const outlook = new HostOutlook();
  outlook.expect(
    before.map((subject) => ({ subject })),
    'before',
  );
  return async (module: State, params: Record<string, unknown>, stdout: string) => {
    const ready = await module.prepare!(params, new FolderLocal({}, folder));
    const found = module.read({ code: 0, stdout, stderr: '' }, ready);
    const then = outlook.empty ? found : module.foresee!(found, ready, outlook);
    if (then instanceof Unclear) return { said: `unknown: ${then.by}` };
    const verdict = module.compare(then, ready);
    const said = `${verdict.verdict}: ${verdict.why}`;
    if (verdict.verdict !== 'change') return { said };
    const doer = { user: 'root' };
    outlook.expect(module.effects!(verdict.change, then, ready, doer), JSON.stringify(params));
    const { bytes_sent: sent, bytes_saved: saved } = module.forecast!(verdict.change, then, ready) as {
      bytes_sent?: number;
      bytes_saved?: number;
    };
    return { said, sent, saved };
  };
}

const load = (name: string, runtime = 'docker') => ({ src: tar(name), runtime });
const size = (made: MadeImage, at: number) => made.sizes[at]!;

describe('layers that an earlier task would bring', () => {
  test.each([
    ['docker', DOCKER],
    ['containerd', CONTAINERD],
  ])('%s: are not sent again', async (runtime, host) => {
    const task = dryRun();
    const first = await task(containerImage, load('one', runtime), host);
    expect(first.sent).toBeGreaterThan(size(one, 0) + size(one, 1));
    const second = await task(containerImage, load('two', runtime), host);
    expect(second.sent).toBeLessThan(size(two, 1) + 50 * KB);
    expect(second.saved).toBe(size(two, 0));
    const third = await task(containerImage, load('one', runtime), host);
    expect(third.said).toBe('same: all 1 tags are there');
  });

  test('docker_image and container_image count for each other', async () => {
    const task = dryRun();
    await task(dockerImage, { source: 'load', load_path: tar('one') }, DOCKER);
    expect(await task(containerImage, load('two', 'auto'), DOCKER)).toMatchObject({ saved: size(two, 0) });
    const absent = { name: 'chain/one:1', state: 'absent' };
    expect((await task(dockerImage, absent, '')).said).toMatch(/^change/);
    // What goes with an image may be another one's, too: at most so much is sent.
    const again = await task(dockerImage, { source: 'load', load_path: tar('one') }, DOCKER);
    expect(again.said).toMatch(/^change: 1 image to load, at most 6\d\d kB to send/);
    expect(again).toMatchObject({ sent: undefined, saved: undefined });
  });

  test('what a pull brings nobody knows', async () => {
    const task = dryRun();
    await task(dockerImage, { name: 'chain/three', source: 'pull' }, '');
    const first = await task(containerImage, load('one'), DOCKER);
    expect(first.said).toMatch(/^change: 1 image to load, at most 6\d\d kB to send/);
    expect(first.sent).toBeUndefined();
  });

  test('another engine, or another namespace, has none of them', async () => {
    const task = dryRun();
    const first = await task(containerImage, load('one'), DOCKER);
    expect(await task(containerImage, load('one', 'containerd'), CONTAINERD)).toEqual(first);
    const other = { ...load('one', 'containerd'), namespace: 'other' };
    expect(await task(containerImage, other, CONTAINERD)).toEqual(first);
  });

  test('an engine that is to come has nothing yet; how Docker keeps layers is not known before', async () => {
    const docker = dryRun('package:docker.io');
    const first = await docker(containerImage, load('one', 'auto'), '');
    expect(first.said).toMatch(/^change: docker is not there yet; 1 image to load, 6\d\d kB to send$/);
    expect(first.sent).toBeGreaterThan(600 * KB);
    expect((await docker(containerImage, load('two', 'auto'), '')).said).toMatch(/at most 7\d\d kB to send$/);
    const containerd = dryRun('package:containerd');
    await containerd(containerImage, load('one', 'auto'), '');
    expect(await containerd(containerImage, load('two', 'auto'), '')).toMatchObject({ saved: size(two, 0) });
    // Docker is taken as soon as it is there.
    const both = dryRun('package:docker.io');
    const has = `runtime containerd\ntag docker.io/chain/one:1 ${one.id} x\n`;
    expect((await both(containerImage, load('one', 'auto'), has)).said).toMatch(/^change: docker is not/);
    expect((await dryRun('package:nginx')(containerImage, load('one'), '')).said).toMatch(/^impossible/);
  });

  test('whether a new name is pinned is known', async () => {
    const task = dryRun();
    await task(containerImage, load('one', 'containerd'), CONTAINERD);
    const pinned = { ...load('one', 'containerd'), pinned: true };
    expect((await task(containerImage, pinned, CONTAINERD)).said).toBe('change: 1 image to pin or to let go');
    expect((await task(containerImage, pinned, CONTAINERD)).said).toMatch(/^same/);
  });

  test('where nobody had to ask for layers, as all was there, they may be', async () => {
    const task = dryRun();
    const there = `runtime docker\ndocker ["chain/one:1"] ${one.id} ${JSON.stringify(one.diffIds)}\n`;
    const inspected = `image {"Id":"${one.id}","RepoTags":["chain/one:1"]}\n`;
    await task(dockerImage, { name: 'chain/one:1', state: 'absent' }, inspected);
    expect((await task(containerImage, load('one'), there)).said).toMatch(/at most 6\d\d kB to send/);
  });
});

describe('an image that an earlier task would load', () => {
  const inspect = (name: string, id: string, more = '') =>
    `image {"Id":"${id}","RepoTags":["${name}"]${more}}\n`;
  const named = { name: 'chain/one:1', source: 'local' };

  test('is there to be tagged, saved and pushed', async () => {
    const task = dryRun();
    await task(containerImage, load('one'), DOCKER);
    const tag = { ...named, repository: 'reg:5000/one:1' };
    expect((await task(dockerImage, tag, '')).said).toBe('change: chain/one:1 is not called reg:5000/one:1');
    expect((await task(dockerImage, tag, '')).said).toBe('same: chain/one:1 and reg:5000/one:1 is there');
    const save = { ...named, archive_path: '/srv/one.tar' };
    expect((await task(dockerImage, save, '')).said).toBe('change: there is no /srv/one.tar');
    const push = { ...tag, push: true };
    expect((await task(dockerImage, push, 'registry HTTP/1.0 404 Not Found\n')).said).toMatch(/^change/);
    // By its id, too.
    const byId = { name: one.id, source: 'local', repository: 'other:1' };
    expect((await task(dockerImage, byId, '')).said).toMatch(/^change: sha256:\w+ is not called other:1/);
  });

  test('is what already has the other name', async () => {
    const task = dryRun();
    await task(containerImage, load('one'), DOCKER);
    const tag = { ...named, repository: 'two:1' };
    expect((await task(dockerImage, tag, inspect('two:1', one.id))).said).toMatch(/^same/);
    expect((await task(dockerImage, tag, inspect('two:1', two.id))).said).toBe(
      'change: two:1 is another image',
    );
  });

  test('is not there where it went into the other engine', async () => {
    const task = dryRun();
    await task(containerImage, load('one', 'containerd'), CONTAINERD);
    expect((await task(dockerImage, { ...named, repository: 'two:1' }, '')).said).toMatch(/^impossible/);
  });

  test('gives a container what its configuration says', async () => {
    const task = dryRun();
    await task(containerImage, load('one'), DOCKER);
    const none = 'container\nError: No such container: web\nimage\n';
    const web = { name: 'web', image: 'chain/one:1', pull: 'never' };
    const healthy = await task(dockerContainer, { ...web, state: 'healthy' }, none);
    expect(healthy.said).toBe('change: there is no container web');
    const known = { ...web, env: { PATH: '/bin' } };
    expect((await task(dockerContainer, known, none)).said).toBe('same: web runs, and is as declared');
    expect((await task(dockerContainer, { ...web, user: 'ada' }, none)).said).toBe('change: user differs');
  });

  test('that a container pulls is there to be tagged', async () => {
    const task = dryRun();
    const none = 'container\nError: No such container: web\nimage\n';
    const made = await task(dockerContainer, { name: 'web', image: 'app:1' }, none);
    expect(made.said).toBe('change: there is no container web; app:1 is pulled first');
    const tag = { name: 'app:1', source: 'local', repository: 'app:2' };
    expect((await task(dockerImage, tag, '')).said).toBe('change: app:1 is not called app:2');
    expect((await task(dockerContainer, { name: 'two', image: 'app:1' }, none)).said).toBe(
      'change: there is no container two',
    );
    const first = await task(containerImage, load('one'), DOCKER);
    expect(first.said).toMatch(/at most/);
  });

  test('goes with all its names when it goes by its id', async () => {
    const task = dryRun();
    const host = inspect('app:latest', one.id);
    expect((await task(dockerImage, { name: one.id, state: 'absent' }, host)).said).toMatch(/^change/);
    expect((await task(dockerImage, { name: 'app', source: 'pull' }, host)).said).toMatch(/^change/);
  });
});
