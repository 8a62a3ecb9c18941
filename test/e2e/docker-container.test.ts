import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { engines, type Engines, startEngines, SUDO_USER } from './kit/engines.ts';
import { differences, fingerprint } from './kit/fingerprint.ts';
import { compareForecast } from './kit/forecast.ts';
import { busyboxLayer, writeImageTar } from './kit/images.ts';
import { suite } from './kit/skip.ts';
import type { SlipwayRun } from './kit/slipway.ts';

type Yaml = Record<string, unknown>;

/** Containers on a node with a Docker Engine of its own, reached over SSH with sudo. */
suite('docker_container, docker_info and docker_prune on a real Engine', [engines], () => {
  let nodes: Engines;
  beforeAll(async () => {
    nodes = await startEngines();
    const busybox = busyboxLayer();
    const app = { layers: [busybox], command: ['sleep', '1000'], config: { Env: ['PATH=/bin', 'OWN=1'] } };
    const www = { ...app, command: ['sleep', '1001'] };
    await load('app.tar', { ...app, tags: ['app:1', 'nginx:1.27'] }, { ...www, tags: ['app:2'] });
  });
  afterAll(() => nodes?.stop());

  async function load(name: string, ...specs: Parameters<typeof writeImageTar>[1][]): Promise<void> {
    const file = path.join(nodes.folder, name);
    await writeImageTar(file, ...specs);
    execFileSync('docker', ['cp', file, `${nodes.node.id}:/root/${name}`], { stdio: 'ignore' });
    const { code, stderr } = await nodes.node.root(`docker load -q -i /root/${name}`);
    if (code !== 0) throw new Error(stderr);
  }

  const root = async (script: string) => (await nodes.node.root(script)).stdout.trim();

  const play = (tasks: readonly Yaml[], ...args: string[]) =>
    nodes.play(stringify([{ hosts: 'nodes', become: true, gather_facts: false, tasks }]), {
      user: SUDO_USER,
      args: ['--diff', ...args],
    });

  const container = (params: Yaml, name = 'it'): Yaml => ({
    name,
    docker_container: { stop_timeout: 0, ...params },
    register: 'it',
  });

  function succeeded(run: SlipwayRun): SlipwayRun {
    expect(run.failures).toEqual([]);
    expect(`${run.code} ${run.stderr}`).toMatch(/^0/);
    return run;
  }

  /** The dry run touches nothing and foretells the run; what is settled then is the same. Returns the run. */
  async function settles(tasks: readonly Yaml[], again: readonly string[] = []): Promise<SlipwayRun> {
    const before = await fingerprint(nodes.node);
    const dry = succeeded(await play(tasks, '--check'));
    expect(differences(before, await fingerprint(nodes.node))).toEqual([]);
    const real = succeeded(await play(tasks));
    expect(compareForecast(dry, real).wrong).toEqual([]);
    expect(succeeded(await play(tasks)).changed).toEqual(again);
    return real;
  }

  /** What the last task left in its register. */
  function register(run: SlipwayRun): Yaml {
    const finished = run.events.filter((event) => event.event === 'task.finished');
    return finished.at(-1)!.result as Yaml;
  }

  const web = {
    name: 'web',
    image: 'app:1',
    env: { MODE: 'live' },
    published_ports: ['127.0.0.1:18080:80'],
    restart_policy: 'always',
    memory: '64M',
    labels: { team: 'web' },
  };

  it('is made and started, and is the same the second time', async () => {
    const run = await settles([container(web)]);
    expect(run.changed).toEqual(['n1: it']);
    expect(
      await root("docker inspect -f '{{.State.Running}} {{.HostConfig.Memory}} {{.Config.Env}}' web"),
    ).toBe('true 67108864 [MODE=live PATH=/bin OWN=1]');
    expect(await root('docker port web')).toBe('80/tcp -> 127.0.0.1:18080');
  });

  it('what is not declared is no reason, and a limit is changed in place', async () => {
    const id = await root("docker inspect -f '{{.Id}}' web");
    await root('docker update --cpus 0.5 web');
    expect(succeeded(await play([container({ name: 'web', image: 'app:1' })])).changed).toEqual([]);
    await settles([container({ ...web, memory: '128M', restart_policy: 'unless-stopped' })]);
    expect(
      await root("docker inspect -f '{{.Id}} {{.HostConfig.Memory}} {{.HostConfig.NanoCpus}}' web"),
    ).toBe(`${id} 134217728 500000000`);
  });

  it('another variable, port or image makes it anew', async () => {
    const { changed } = await settles([container({ ...web, env: { MODE: 'test' } })]);
    expect(changed).toEqual(['n1: it']);
    await settles([container({ ...web, published_ports: ['127.0.0.1:18081:80'] })]);
    const run = await settles([container({ ...web, image: 'app:2' })]);
    expect(register(run)).toMatchObject({ recreated: true });
    expect(await root("docker ps -a --format '{{.Names}} {{.Image}} {{.Command}}'")).toBe(
      'web app:2 "sleep 1001"',
    );
  });

  it('an image that was built again under its name makes it anew', async () => {
    await root('docker tag app:1 app:2');
    const run = await settles([container({ ...web, image: 'app:2' })]);
    expect(register(run)).toMatchObject({ recreated: true });
    expect(await root("docker ps --format '{{.Names}} {{.Command}}'")).toBe('web "sleep 1000"');
  });
});
