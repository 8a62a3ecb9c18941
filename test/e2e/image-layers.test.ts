import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Engines, engines, startEngines, SUDO_USER } from './kit/engines.ts';
import { compareForecast } from './kit/forecast.ts';
import { noise, playOf, resultsOf } from './kit/image-plays.ts';
import { writeImageTar } from './kit/images.ts';
import { playbook, type SlipwayRun } from './kit/slipway.ts';
import { suite } from './kit/skip.ts';

const MB = 1e6;

const resultOf = (run: SlipwayRun) => resultsOf(run).at(-1) ?? {};
const IMAGES = fileURLToPath(new URL('../../playbooks/images.yml', import.meta.url));
const PROGRAM = fileURLToPath(new URL('../../bin/slipway.cjs', import.meta.url));

suite('only what is missing of an image travels', [engines], () => {
  let given: Engines;
  const tar = (name: string) => path.join(given.folder, `${name}.tar`);
  const root = (script: string) => given.node.root(script);
  const load = (src: string, more = '', options: Parameters<Engines['play']>[1] = {}) =>
    given.play(playOf(src, more), { user: SUDO_USER, ...options });
  const check = (src: string, more = '') => load(src, more, { args: ['--check'] });
  const stage = async () => (await root('ls -A /var/tmp | grep slipway-images')).stdout;

  beforeAll(async () => {
    given = await startEngines(1);
    const base = { base: noise('base', 5 * MB) };
    await writeImageTar(tar('one'), { tags: ['layers/one:1'], layers: [base, { one: noise('one', MB) }] });
    await writeImageTar(tar('two'), {
      tags: ['layers/two:1'],
      layers: [base, { two: noise('two', 2 * MB) }],
    });
    await writeImageTar(tar('three'), {
      tags: ['layers/three:1'],
      layers: [base, { three: noise('3', MB) }],
    });
    await writeImageTar(tar('big'), {
      tags: ['layers/big:1'],
      layers: [{ big: noise('big', 250 * MB) }, { top: noise('top', MB) }],
    });
  });
  afterAll(() => given?.stop());

  test.each(['docker', 'containerd'])('with %s, layers of other images are left out', async (runtime) => {
    const more = `runtime: ${runtime}`;
    const first = await load(tar('one'), more);
    expect(first).toMatchObject({ code: 0, failures: [] });
    expect(resultOf(first)['bytes_saved']).toBe(0);
    const foretold = resultOf(await check(tar('two'), more));
    const second = await load(tar('two'), more);
    expect(second).toMatchObject({ code: 0, failures: [] });
    const { bytes_sent: sent, bytes_saved: saved } = resultOf(second) as Record<string, number>;
    expect(sent).toBeGreaterThan(2 * MB);
    expect(sent).toBeLessThan(2.1 * MB);
    expect(saved).toBeGreaterThan(5 * MB);
    expect(foretold).toMatchObject({ bytes_sent: sent, bytes_saved: saved });
    expect(await load(tar('two'), more)).toMatchObject({ code: 0, changed: [] });
    expect(await stage()).toBe('');
  });

  test('a chain of loads is foretold to the byte, and what comes after it', async () => {
    const base = { base: noise('chain', 4 * MB) };
    const images = ['c1', 'c2'].map((name) => ({ name, layers: [base, { [name]: noise(name, MB) }] }));
    for (const { name, layers } of images)
      await writeImageTar(tar(name), { tags: [`layers/${name}:1`], layers });
    const loads = ['docker', 'containerd'].flatMap((runtime) =>
      images.map(({ name }) => `    - container_image: {src: '${tar(name)}', runtime: ${runtime}}`),
    );
    const text = `
- hosts: nodes
  gather_facts: false
  become: true
  tasks:
${loads.join('\n')}
    - docker_image: {name: 'layers/c1:1', source: local, repository: 'layers/other:1', archive_path: /srv/c1.tar}
    - docker_image: {name: 'layers/c1:1', source: load, load_path: '${tar('c1')}'}
`;
    const play = (...args: string[]) => given.play(text, { user: SUDO_USER, args });
    const dry = await play('--check');
    const real = await play();
    expect(real).toMatchObject({ code: 0, failures: [] });
    expect(compareForecast(dry, real).wrong).toEqual([]);
    const bytes = (run: SlipwayRun) =>
      run.events.flatMap((event) => {
        if (event.event !== 'task.finished' || event.status !== 'changed') return [];
        const { bytes_sent: sent, bytes_saved: saved } = event.result as Record<string, unknown>;
        return [`${sent} ${saved}`];
      });
    expect(bytes(dry)).toEqual(bytes(real));
    expect(bytes(real)[1]).toMatch(/^1\d{6} 4\d{6}$/);
    expect(await play()).toMatchObject({ code: 0, changed: [] });
  });

  test('an engine that does not run: nothing is sent', async () => {
    await root('systemctl stop docker.socket docker');
    const run = await load(tar('big'), 'runtime: docker');
    await root('systemctl start docker.socket docker');
    expect(run.failures.join()).toContain('docker does not answer: Cannot connect to the Docker daemon');
    expect(await stage()).toBe('');
  });

  test('what came of it is whole', async () => {
    const hash = createHash('sha256')
      .update(noise('base', 5 * MB))
      .digest('hex');
    const { stdout } = await root(`
      id=$(docker create layers/two:1 /x) && docker cp $id:/base - | tar -xO | sha256sum; docker rm $id >/dev/null
      ctr -n k8s.io images check name==docker.io/layers/two:1
      ctr -n k8s.io images mount --rw docker.io/layers/two:1 /mnt >/dev/null && sha256sum </mnt/base
      ctr -n k8s.io images unmount --rm /mnt >/dev/null
    `);
    expect(stdout.match(new RegExp(hash, 'g'))).toHaveLength(2);
    expect(stdout).toMatch(/complete \(3\/3\).*true/);
  });

  test.each(['docker', 'containerd'])('images.yml brings with %s what it foretold', async (runtime) => {
    const cluster = path.join(given.folder, 'cluster.ini');
    writeFileSync(cluster, `[cluster]\n${given.node.name}\n`);
    const vars = { image_tars: [tar('one'), tar('three')], container_runtime: runtime };
    const run = (...more: string[]) =>
      given.play(IMAGES, { user: SUDO_USER, args: ['-i', cluster, '-e', JSON.stringify(vars), ...more] });
    const dry = await run('--check');
    const real = await run();
    expect(real).toMatchObject({ code: 0, failures: [] });
    expect(real.changed).toHaveLength(1);
    expect(compareForecast(dry, real).wrong).toEqual([]);
    const [settled, second] = [await run('--check'), await run()];
    expect(second).toMatchObject({ code: 0, changed: [] });
    expect(compareForecast(settled, second).wrong).toEqual([]);
  });

  test('the kubelet is told to leave them', async () => {
    const more = 'runtime: containerd, pinned: true';
    expect(await load(tar('two'), more)).toMatchObject({ code: 0, changed: [`${given.node.name}: images`] });
    expect((await root('ctr -n k8s.io images ls name==docker.io/layers/two:1')).stdout).toContain(
      'io.cri-containerd.pinned=pinned',
    );
    expect(await load(tar('two'), more)).toMatchObject({ code: 0, changed: [] });
  });

  test('no room: nothing is sent, nothing is left', async () => {
    await root('mount -t tmpfs -o size=100m tmpfs /var/tmp');
    const dry = await check(tar('big'), 'runtime: docker');
    const run = await load(tar('big'), 'runtime: docker');
    const left = (await root('ls -A /var/tmp; umount /var/tmp; docker images -q layers/big')).stdout;
    for (const { failures } of [dry, run])
      expect(failures.join()).toMatch(/\/var\/tmp has .* free, and loading takes 25\d\.\d MB/);
    expect(left).toBe('');
  });

  test('a disk that is full when it is unpacked: no half image, and its room is free again', async () => {
    const [full] = await writeImageTar(tar('full'), {
      tags: ['layers/full:1'],
      layers: [{ full: noise('full', 3 * MB) }],
    });
    const place = '/var/lib/containerd/io.containerd.snapshotter.v1.overlayfs/snapshots';
    await root(`mount -t tmpfs -o size=1m tmpfs ${place}`);
    const run = await load(tar('full'), 'runtime: containerd');
    await expect
      .poll(async () => (await root(`ctr -n k8s.io content ls -q | grep ${full!.diffIds[0]}`)).stdout, {
        timeout: 10_000,
      })
      .toBe('');
    const left = await root(
      `ctr -n k8s.io images ls -q | grep full; ls -A /var/tmp | grep slipway; umount ${place}`,
    );
    expect(run.failures.join()).toMatch(/containerd did not take full\.tar: ctr: .*no space left on device/);
    expect(left.stdout).toBe('');
    expect(await load(tar('full'), 'runtime: containerd')).toMatchObject({ code: 0, failures: [] });
  });

  // Waits until a good part of the layer is there.
  const PART = `
    n=0
    until [ "$(cat /var/tmp/slipway-images-0/*.part 2>/dev/null | head -c 20000000 | wc -c)" -ge 20000000 ]; do
      n=$((n+1)); [ $n -lt 600 ] || exit 1; sleep 0.05
    done
  `;

  test('a lost connection: the rest goes over the next one', async () => {
    const cutting = root(`${PART}\npkill -KILL -f 'sshd: [${SUDO_USER[0]}]${SUDO_USER.slice(1)}'`);
    const run = await load(tar('big'), 'runtime: docker');
    expect(await cutting).toMatchObject({ code: 0 });
    expect(run).toMatchObject({ code: 0, failures: [], changed: [`${given.node.name}: images`] });
    const told = run.events.flatMap((event) => (event.event === 'task.progress' ? [event.text] : []));
    expect(told.join('\n')).toMatch(/big\.tar: \d+\.\d MB of 25\d\.\d MB, \d+ %, \d+\.\d MB\/s, \d+ s left/);
    expect(await stage()).toBe('');
    expect((await root('docker images -q layers/big')).stdout).not.toBe('');
  });

  test('a killed run: the next one sends the rest, and what came is there when the engine dies', async () => {
    const file = playbook(playOf(tar('big'), 'runtime: containerd'));
    const child = spawn(process.execPath, [PROGRAM, 'run', file, '-i', given.inventoryFor(SUDO_USER)], {
      cwd: given.folder,
      stdio: 'ignore',
    });
    const ended = once(child, 'exit');
    expect(await root(PART)).toMatchObject({ code: 0 });
    child.kill('SIGKILL');
    await ended;
    // It is loaded by an engine that goes away midway, and again.
    const dying = root(`
      n=0
      until [ "$(cat /var/lib/containerd/io.containerd.content.v1.content/ingest/*/data 2>/dev/null | head -c 9000000 | wc -c)" -ge 9000000 ]; do
        n=$((n+1)); [ $n -lt 3000 ] || exit 1; sleep 0.02
      done
      systemctl kill -s KILL containerd
    `);
    const next = await load(tar('big'), 'runtime: containerd');
    expect(await dying).toMatchObject({ code: 0 });
    expect(next.failures.join()).toMatch(/containerd went away midway: ctr: /);
    await root('systemctl reset-failed containerd; systemctl restart containerd');
    expect((await root('ctr -n k8s.io images ls -q | grep layers/big')).stdout).toBe('');
    const last = await load(tar('big'), 'runtime: containerd');
    expect(last).toMatchObject({ code: 0, failures: [] });
    expect(resultOf(last)['bytes_saved']).toBeGreaterThan(250 * MB);
    expect(resultOf(last)['bytes_sent']).toBeLessThan(1.1 * MB);
    expect(await stage()).toBe('');
  });
});
