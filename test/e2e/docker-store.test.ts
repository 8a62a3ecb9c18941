import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { type Engines, enginesOf, MEMBER_USER, startEngines, SUDO_USER } from './kit/engines.ts';
import { compareForecast } from './kit/forecast.ts';
import { noise } from './kit/image-plays.ts';
import { busyboxLayer, type ImageSpec, writeImageTar } from './kit/images.ts';
import { suite } from './kit/skip.ts';
import type { SlipwayRun } from './kit/slipway.ts';

const MB = 1e6;
const PASSWORD = 'swordfish-17';
const REGISTRY = `
cat > /etc/docker/registry/config.yml <<'END'
version: 0.1
storage: {filesystem: {rootdirectory: /var/lib/docker-registry}}
http: {addr: ':5000'}
auth: {htpasswd: {realm: test, path: /etc/docker/registry/htpasswd}}
END
echo 'ada:$2b$05$1ChpTYGbLKL4.C/hu1z6/eFR4s9K3IqPLvxLHhtsK.8oQK2rI1tvC' > /etc/docker/registry/htpasswd
install -d -m 777 /srv/out
`;

type Yaml = Record<string, unknown>;

/** Two minutes on a machine that has not made its image yet. */
const asked = () => (process.env['SLIPWAY_E2E_STORE'] ? undefined : 'SLIPWAY_E2E_STORE=1 asks for it');

/** Debian 13's Engine, with its classic store first, then with its images in containerd. */
suite(
  "a newer Engine, and containerd's image store",
  [() => asked() ?? enginesOf('trixie')()],
  () => {
    let given: Engines;
    const file = (name: string) => path.join(given.folder, name);
    const box = { layers: [busyboxLayer()], command: ['sh'], config: { StopSignal: 'SIGKILL' } };
    const base = { base: noise('base', 5 * MB) };
    const IMAGES: Readonly<Record<string, readonly ImageSpec[]>> = {
      box: [{ ...box, tags: ['e2e/box:1', 'e2e/box:latest'] }],
      // The same layers.
      anew: [
        {
          ...box,
          tags: ['e2e/box:1', 'e2e/box:latest'],
          config: { ...box.config, Env: ['PATH=/bin', 'ANEW=1'] },
        },
      ],
      one: [{ tags: ['layers/one:1'], layers: [base, { one: noise('one', MB) }] }],
      two: [{ tags: ['layers/two:1'], layers: [base, { two: noise('two', 2 * MB) }] }],
      ageless: [{ tags: ['layers/ageless:1'], ageless: true, layers: [{ some: 'thing' }] }],
      // No tar, though its digest is right.
      broken: [{ tags: ['layers/broken:1'], layers: [noise('broken', MB)] }],
    };

    beforeAll(async () => {
      given = await startEngines(1, {
        release: 'trixie',
        services: ['docker', 'docker-registry'],
        setup: REGISTRY,
      });
      for (const [name, specs] of Object.entries(IMAGES)) await writeImageTar(file(`${name}.tar`), ...specs);
    });
    afterAll(() => given?.stop());

    const root = async (script: string) => (await given.node.root(script)).stdout.trim();
    const idOf = (name: string) => root(`docker image inspect --format '{{.Id}}' ${name}`);
    const task = (module: string, params: Yaml): Yaml => ({ name: 'it', register: 'it', [module]: params });
    const image = (params: Yaml) => task('docker_image', params);
    const load = (name: string) => image({ source: 'load', load_path: file(`${name}.tar`) });
    const layers = (name: string) => task('container_image', { src: file(`${name}.tar`), runtime: 'docker' });

    const asMember = { user: MEMBER_USER, become: false };
    const asRoot = { user: SUDO_USER, become: true };
    function play(tasks: readonly Yaml[], args: readonly string[] = [], { user, become } = asRoot) {
      const plays = [{ hosts: 'nodes', gather_facts: false, become, tasks }];
      return given.play(stringify(plays), { user, args });
    }
    const resultOf = ({ events }: SlipwayRun) =>
      (events.findLast(({ event }) => event === 'task.finished') as { result?: Yaml } | undefined)?.result ??
      {};

    function succeeded(run: SlipwayRun): SlipwayRun {
      expect(run.failures).toEqual([]);
      expect(run.code).toBe(0);
      return run;
    }

    /** Dry run, run, run again: as foretold, and then nothing is left to do. */
    async function settles(tasks: readonly Yaml[], as = asRoot): Promise<Yaml> {
      const dry = succeeded(await play(tasks, ['--check', '--diff'], as));
      const real = succeeded(await play(tasks, [], as));
      expect(real.changed).not.toEqual([]);
      expect(compareForecast(dry, real).wrong).toEqual([]);
      await unchanged(tasks, as);
      return resultOf(real);
    }

    async function unchanged(tasks: readonly Yaml[], as = asRoot): Promise<void> {
      const run = succeeded(await play(tasks, [], as));
      expect(run.changed).toEqual([]);
      expect(resultOf(run)['bytes_sent'] ?? 0).toBe(0);
    }

    test('the classic store: layers that are there stay where they are, another configuration counts', async () => {
      expect(await root("docker info -f '{{.Driver}}'")).toBe('overlay2');
      await settles([load('box')], asMember);
      const less = await settles([load('anew')]);
      expect(less['bytes_saved']).toBeGreaterThan(MB);
      expect(less['bytes_sent']).toBeLessThan(100_000);
      expect(await root("docker image inspect --format '{{json .Config.Env}}' e2e/box:latest")).toContain(
        'ANEW',
      );
      await settles([layers('one')]);
      expect((await settles([layers('two')]))['bytes_saved']).toBeGreaterThan(5 * MB);
    });

    test('docker_daemon puts images into containerd, by a restart', async () => {
      const settings = { features: { 'containerd-snapshotter': true } };
      const done = await settles([task('docker_daemon', { settings })]);
      expect(done['restart_needed']).toBe(true);
      expect(await root("docker info -f '{{json .DriverStatus}}'")).toContain('io.containerd.snapshotter.v1');
    });

    test('a tar is loaded once, and its names are taken away', async () => {
      await settles([load('box')], asMember);
      expect(await idOf('e2e/box:1')).toBe(await idOf('e2e/box:latest'));
      await settles([image({ name: 'e2e/box', state: 'absent' })], asMember);
      // Only root sees what containerd has.
      expect((await settles([load('box')]))['bytes_sent']).toBeLessThan(100_000);
    });

    test('the same layers with another configuration are another image', async () => {
      const before = await idOf('e2e/box:1');
      const { bytes_sent: sent } = await settles([load('anew')]);
      expect(sent).toBeLessThan(100_000);
      expect(await idOf('e2e/box:1')).not.toBe(before);
      await settles([load('box')]);
      expect(await idOf('e2e/box:1')).toBe(before);
    });

    test('what somebody else has loaded is the same, under whatever id', async () => {
      const ours = await idOf('e2e/box:1');
      await root('docker image rm -f $(docker image ls -aq)');
      execFileSync('docker', ['cp', file('box.tar'), `${given.node.id}:/root/box.tar`], { stdio: 'ignore' });
      await root('docker load -i /root/box.tar');
      expect(await idOf('e2e/box:1')).not.toBe(ours);
      await unchanged([load('box')], asMember);
    });

    test('only layers that containerd lacks travel, and what comes of it is whole', async () => {
      await settles([layers('one')]);
      const { bytes_sent: sent, bytes_saved: saved } = await settles([layers('two')]);
      expect(sent).toBeGreaterThan(2 * MB);
      expect(sent).toBeLessThan(2.1 * MB);
      expect(saved).toBeGreaterThan(5 * MB);
      const said = await root(
        `docker create --name whole layers/two:1 /x >/dev/null; docker cp whole:/base - | tar -xO | sha256sum; docker rm whole
        ctr -n moby images check name==docker.io/layers/two:1`,
      );
      expect(said).toContain(createHash('sha256').update(base.base).digest('hex'));
      expect(said).toMatch(/complete \(3\/3\).*true/);
    });

    test('an image whose layer cannot be unpacked is not there', async () => {
      const run = await play([layers('broken')]);
      expect(run.failures.join()).toContain('docker did not take broken.tar');
      expect(await root('docker image ls -q layers/broken')).toBe('');
    });

    test('tagged, saved, and loaded again from an OCI layout', async () => {
      const saved = image({
        name: 'e2e/box:1',
        source: 'local',
        repository: 'e2e/other:2',
        archive_path: '/srv/out/box.tar',
      });
      await settles([saved]);
      execFileSync('docker', ['cp', `${given.node.id}:/srv/out/box.tar`, file('layout.tar')], {
        stdio: 'ignore',
      });
      expect(execFileSync('tar', ['-tf', file('layout.tar')], { encoding: 'utf8' })).toContain('oci-layout');
      const before = await idOf('e2e/box:1');
      await unchanged([load('layout')]);
      await root('docker image rm -f $(docker image ls -aq)');
      await settles([load('layout')], asMember);
      expect(await idOf('e2e/box:1')).toBe(before);
    });

    test('pushed and pulled, with the right account alone', async () => {
      const repository = 'localhost:5000/team/box:2';
      const account = { username: 'ada', password: PASSWORD };
      const push = { name: 'e2e/box:1', source: 'local', repository, push: true };
      const wrong = await play([image({ ...push, username: 'ada', password: 'not-that-one' })]);
      expect(wrong.failures.join()).toMatch(/pushing .*401 Unauthorized/);
      await settles([image({ ...push, ...account })]);
      const id = await idOf(repository);
      await root('docker image rm -f $(docker image ls -aq)');
      const pull = { name: repository, source: 'pull', ...account };
      await settles([image(pull)]);
      await unchanged([image({ ...pull, force_source: true })]);
      expect(await idOf(repository)).toBe(id);
      const none = await play([image({ ...pull, name: 'localhost:5000/team/none' })]);
      expect(none.failures.join()).toMatch(/localhost:5000\/team\/none:latest: not found/);
    });

    test('built once, and anew when something changes', async () => {
      await root('docker image rm -f $(docker image ls -aq)');
      mkdirSync(file('app'));
      writeFileSync(
        path.join(file('app'), 'Dockerfile'),
        'FROM e2e/box:1\nRUN echo built > /who\nCOPY main /\n',
      );
      writeFileSync(path.join(file('app'), 'main'), 'one');
      const build = image({ name: 'e2e/app', source: 'build', build: { path: file('app') } });
      await settles([load('box'), build], asMember);
      writeFileSync(path.join(file('app'), 'main'), 'two');
      await settles([build]);
      expect(await root('docker run --rm --network none e2e/app cat /who /main')).toBe('built\ntwo');
    });

    test('containers are made, changed, and made anew of another image', async () => {
      await root('docker image rm -f $(docker image ls -aq)');
      const run = (more: Yaml = {}) =>
        task('docker_container', { name: 'web', image: 'e2e/box:1', command: 'sleep 1000', ...more });
      await settles([load('box'), run()]);
      await settles([run({ memory: '64M' })]);
      const id = await root("docker inspect --format '{{.Id}}' web");
      // Another name for it is no reason.
      await settles([image({ name: 'e2e/box:1', source: 'local', repository: 'e2e/box:3' })]);
      await unchanged([run({ image: 'e2e/box:3' })]);
      await settles([load('anew'), run()]);
      expect(await root("docker inspect --format '{{.Id}}' web")).not.toBe(id);
      const info = resultOf(succeeded(await play([task('docker_info', {})])));
      expect(info).toMatchObject({
        host_info: { Driver: 'overlayfs' },
        containers: [{ Names: ['web'], Image: 'e2e/box:1', State: 'running' }],
      });
      expect((info['images'] as { RepoTags: string[] }[]).flatMap(({ RepoTags }) => RepoTags).sort()).toEqual(
        ['e2e/box:1', 'e2e/box:3', 'e2e/box:latest'],
      );
    });

    test('docker_prune takes away just what its dry run says', async () => {
      const prune = task('docker_prune', {
        containers: true,
        images: true,
        images_filters: { dangling: false },
        volumes: true,
      });
      await settles([layers('one')]);
      await settles([layers('ageless')]);
      await root('docker create --name old -v /own layers/one:1 /x; docker tag e2e/box:1 e2e/spare:1');
      const list = async () => {
        const all = await root(`docker ps -a --format 'container {{.Names}}'
          docker image ls --format 'image {{.Repository}}:{{.Tag}}'; docker volume ls -q | sed 's/^/volume /'`);
        return all.split('\n').sort();
      };
      const before = await list();
      const dry = succeeded(await play([prune], ['--check', '--diff']));
      expect(await list()).toEqual(before);
      succeeded(await play([prune]));
      const after = await list();
      const said = dry.events.flatMap((event) =>
        event.event === 'task.finished' ? (event.diff ?? []).map(({ subject }) => subject) : [],
      );
      expect(said.sort()).toEqual(before.filter((one) => !after.includes(one)));
      expect(said).toEqual(
        expect.arrayContaining([
          'container old',
          'image e2e/spare:1',
          'image layers/one:1',
          'image layers/ageless:1',
        ]),
      );
      expect(after).toContain('image e2e/box:1');
      await unchanged([prune]);
    });
  },
  { optional: true },
);
