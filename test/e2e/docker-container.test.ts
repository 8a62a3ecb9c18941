import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { modules } from '../../src/modules/index.generated.ts';
import { engines, type Engines, MEMBER_USER, startEngines, SUDO_USER } from './kit/engines.ts';
import { differences, fingerprint } from './kit/fingerprint.ts';
import { compareForecast } from './kit/forecast.ts';
import { busyboxLayer, writeImageTar } from './kit/images.ts';
import { suite } from './kit/skip.ts';
import type { SlipwayRun } from './kit/slipway.ts';

type Yaml = Record<string, unknown>;

const ACCOUNT = { username: 'ada', password: 'swordfish-17' };
const REGISTRY = `
cat > /etc/docker/registry/config.yml <<'END'
version: 0.1
storage: {filesystem: {rootdirectory: /var/lib/docker-registry}}
http: {addr: '127.0.0.1:5000'}
auth: {htpasswd: {realm: test, path: /etc/docker/registry/htpasswd}}
END
echo 'ada:$2b$05$1ChpTYGbLKL4.C/hu1z6/eFR4s9K3IqPLvxLHhtsK.8oQK2rI1tvC' > /etc/docker/registry/htpasswd
`;

/** Containers on a node with a Docker Engine of its own, reached over SSH with sudo. */
suite('docker_container, docker_info and docker_prune on a real Engine', [engines], () => {
  let nodes: Engines;
  beforeAll(async () => {
    nodes = await startEngines(1, { services: ['docker', 'docker-registry'], setup: REGISTRY });
    const busybox = busyboxLayer();
    const app = {
      layers: [busybox],
      command: ['sleep', '1000'],
      config: { Env: ['PATH=/bin', 'OWN=1'], StopSignal: 'SIGKILL' },
    };
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
    docker_container: params,
    register: 'it',
  });

  function succeeded(run: SlipwayRun): SlipwayRun {
    expect(run.failures).toEqual([]);
    expect(`${run.code} ${run.stderr}`).toMatch(/^0/);
    return run;
  }

  /** The dry run foretells the run. */
  async function foretold(tasks: readonly Yaml[]): Promise<SlipwayRun> {
    const dry = succeeded(await play(tasks, '--check'));
    const real = succeeded(await play(tasks));
    expect(compareForecast(dry, real).wrong).toEqual([]);
    return real;
  }

  const finished = (run: SlipwayRun) => run.events.filter((event) => event.event === 'task.finished');

  /** What the last task left in its register. */
  const register = (run: SlipwayRun): Yaml => finished(run).at(-1)!.result as Yaml;

  const web = {
    name: 'web',
    image: 'app:1',
    env: { MODE: 'live', DB_PASSWORD: 'first-word' },
    published_ports: ['127.0.0.1:18080:80'],
    restart_policy: 'always',
    memory: '64M',
    labels: { team: 'web' },
  };
  const inspect = (format: string, name = 'web') => root(`docker inspect -f '${format}' ${name}`);

  it('is made and started; the dry run touches nothing, and the second run is the same', async () => {
    const tasks = [container(web), { docker_info: {} }];
    const before = await fingerprint(nodes.node);
    const dry = succeeded(await play(tasks, '--check'));
    expect(differences(before, await fingerprint(nodes.node))).toEqual([]);
    const real = succeeded(await play(tasks));
    expect(compareForecast(dry, real).wrong).toEqual([]);
    expect(real.changed).toEqual(['n1: it']);
    expect(await inspect('{{.State.Running}} {{.HostConfig.Memory}} {{.Config.Env}}')).toBe(
      'true 67108864 [MODE=live DB_PASSWORD=first-word PATH=/bin OWN=1]',
    );
    expect(await root('docker port web')).toBe('80/tcp -> 127.0.0.1:18080');
    expect(succeeded(await play(tasks)).changed).toEqual([]);
  });

  it('what is not declared is no reason, and a limit is changed in place', async () => {
    const id = await inspect('{{.Id}}');
    await root('docker update --cpus 0.5 web');
    await foretold([
      container({ name: 'web', image: 'app:1' }, 'as it is'),
      container({ ...web, memory: '128M', restart_policy: 'unless-stopped' }),
      container({ name: 'web', memory: '128M' }, 'as it is then'),
    ]);
    expect(await inspect('{{.Id}} {{.HostConfig.Memory}} {{.HostConfig.NanoCpus}}')).toBe(
      `${id} 134217728 500000000`,
    );
  });

  it('another variable, port or image makes it anew', async () => {
    const secret = await foretold([container({ ...web, env: { MODE: 'live', DB_PASSWORD: 'second-word' } })]);
    const [{ diff }] = finished(secret) as unknown as [{ diff: unknown }];
    expect(JSON.stringify(diff)).toContain('env DB_PASSWORD');
    expect(JSON.stringify(diff)).not.toMatch(/first-word|second-word/);
    const run = await foretold([
      container({ ...web, published_ports: ['127.0.0.1:18081:80'], image: 'app:2' }),
    ]);
    expect(register(run)).toMatchObject({ recreated: true });
    expect(await root("docker ps -a --format '{{.Names}} {{.Image}} {{.Command}} {{.Ports}}'")).toBe(
      'web app:2 "sleep 1001" 127.0.0.1:18081->80/tcp',
    );
  });

  it('an image that was built again under its name makes it anew', async () => {
    // What a run that was cut off midway leaves behind does not stand in the way.
    await root(
      'docker tag app:1 app:2; docker create --name web-slipway-new app:1; docker create --name web-slipway-old app:1',
    );
    const tasks = [container({ name: 'web', image: 'app:2' })];
    expect(register(await foretold(tasks))).toMatchObject({ recreated: true });
    expect(await root("docker ps -a --format '{{.Names}} {{.Command}}'")).toBe('web "sleep 1000"');
    expect(succeeded(await play(tasks)).changed).toEqual([]);
  });

  it('is stopped, started, restarted, paused and removed, and a chain of them is foretold', async () => {
    const run = await foretold([
      container({ name: 'web', state: 'stopped' }, 'stop'),
      container({ name: 'web', state: 'stopped' }, 'stopped'),
      container({ name: 'web' }, 'start'),
      container({ name: 'web', restart: true }, 'restart'),
      container({ name: 'web', paused: true }, 'pause'),
      container({ name: 'web', paused: false }, 'go on'),
      container({ name: 'web', state: 'absent' }, 'remove'),
      container({ name: 'web', state: 'absent' }, 'gone'),
      container({ name: 'web', image: 'app:1', state: 'present' }, 'make'),
      container({ name: 'web' }, 'start it'),
    ]);
    expect(run.changed.map((line) => line.slice(4))).toEqual([
      'stop',
      'start',
      'restart',
      'pause',
      'go on',
      'remove',
      'make',
      'start it',
    ]);
    expect(await inspect('{{.State.Status}}')).toBe('running');
  });

  it('a member of the group docker needs no root', async () => {
    const tasks = [container({ name: 'web', restart: true })];
    const text = stringify([{ hosts: 'nodes', gather_facts: false, tasks }]);
    expect(succeeded(await nodes.play(text, { user: MEMBER_USER })).changed).toEqual(['n1: it']);
    const refused = await nodes.play(text, { user: SUDO_USER });
    expect(refused.failures.join()).toContain('docker.sock refuses this user');
  });

  it('what cannot be started leaves the old one running', async () => {
    const id = await inspect('{{.Id}}');
    await root('docker run -d --name other -p 127.0.0.1:18082:80 app:1');
    const run = await play([
      container({ name: 'web', image: 'app:1', published_ports: ['127.0.0.1:18082:80'] }),
    ]);
    expect(run.failures.join()).toContain('port is already allocated');
    expect(await inspect('{{.Id}} {{.State.Running}}')).toBe(`${id} true`);
    const bad = await play([container({ name: 'web', image: 'app:1', user: 'nobody-here' })]);
    expect(bad.failures.join()).toContain('nobody-here');
    expect(await inspect('{{.Id}} {{.State.Running}}')).toBe(`${id} true`);
    const networks = [{ name: 'bridge' }, { name: 'nowhere' }];
    const lost = await play([container({ name: 'web', image: 'app:1', networks, recreate: true })]);
    expect(lost.failures.join()).toContain('nowhere not found');
    expect(await inspect('{{.Id}} {{.State.Running}}')).toBe(`${id} true`);
    expect(await root("docker ps -a --format '{{.Names}}' | sort | tr '\\n' ' '")).toBe('other web');
  });

  it('one that ends at once, or is never healthy, is a failure that says why', async () => {
    const crash = await play([
      container({ name: 'crash', image: 'app:1', command: "sh -c 'echo boom; exit 3'" }),
    ]);
    expect(crash.failures.join()).toContain('crash was started, and ended at once with exit code 3: boom');
    const ill = await play([
      container({
        name: 'crash',
        image: 'app:1',
        state: 'healthy',
        healthcheck: { test: 'echo not yet; false', interval: '1s', retries: 1 },
        healthy_wait_timeout: 3,
      }),
    ]);
    expect(ill.failures.join()).toMatch(
      /crash is (unhealthy|starting) after 3 s; its last check had exit code 1: not yet/,
    );
  });

  it('is waited for until it is healthy, and its log is registered', async () => {
    const tasks = [
      container({
        name: 'crash',
        image: 'app:1',
        command: ['sh', '-c', 'echo up; sleep 1; touch /tmp/ok; sleep 1000'],
        state: 'healthy',
        healthcheck: { test: 'test -e /tmp/ok', interval: '1s' },
        output_logs: true,
      }),
    ];
    const run = await foretold(tasks);
    expect(register(run)).toMatchObject({
      container: { Output: 'up\n', State: { Health: { Status: 'healthy' } } },
    });
    expect(succeeded(await play(tasks)).changed).toEqual([]);
  });

  it('a job is run to its end, each time, and its output is registered', async () => {
    const job = { name: 'job', image: 'app:1', detach: false, cleanup: true };
    const run = await foretold([
      container({ ...job, command: ['sh', '-c', 'echo out; echo err >&2; sleep 1; echo end'] }),
    ]);
    expect(register(run)).toMatchObject({ status: 0, container: { State: { ExitCode: 0 } } });
    expect((register(run)['container'] as Yaml)['Output']).toMatch(/^(out\nerr|err\nout)\nend\n$/);
    const bad = await play([container({ ...job, command: "sh -c 'echo no; exit 4'" })]);
    expect(bad.failures.join()).toContain('job ended with exit code 4: no');
    expect(await root('docker ps -aq --filter name=job')).toBe('');
  });

  it('networks are changed while it runs', async () => {
    await root('docker network create front; docker network create --subnet 10.99.0.0/24 back');
    const id = await inspect('{{.Id}}');
    const networks = [
      { name: 'front', aliases: ['www'] },
      { name: 'back', ipv4_address: '10.99.0.7' },
    ];
    const tasks = [container({ name: 'web', networks, comparisons: { networks: 'strict' } })];
    await foretold(tasks);
    expect(await inspect('{{.Id}} {{range $n, $e := .NetworkSettings.Networks}}{{$n}} {{end}}')).toBe(
      `${id} back front`,
    );
    expect(
      await root(
        'docker inspect -f "{{.NetworkSettings.Networks.back.IPAddress}} {{.NetworkSettings.Networks.front.Aliases}}" web',
      ),
    ).toMatch(/10\.99\.0\.7 \[www\b/);
    expect(succeeded(await play(tasks)).changed).toEqual([]);
    await foretold([
      container({ name: 'inside', image: 'app:1', networks: [{ name: 'front' }, { name: 'back' }] }),
    ]);
    expect(await inspect('{{range $n, $e := .NetworkSettings.Networks}}{{$n}} {{end}}', 'inside')).toBe(
      'back front',
    );
  });

  it('whatever is declared is found again', async () => {
    await root('docker volume create data');
    const run = await foretold([
      container({
        name: 'all',
        image: 'app:1',
        command: 'sleep 500',
        entrypoint: ['env', 'A=1'],
        env: { ONE: 1, TWO: 'a b=c', EMPTY: '' },
        labels: { one: 'two three' },
        user: '65534:65534',
        groups: ['1234'],
        hostname: 'all1',
        domainname: 'example.org',
        working_dir: '/tmp',
        tty: true,
        interactive: true,
        init: false,
        stop_signal: 'SIGKILL',
        stop_timeout: 3,
        restart_policy: 'on-failure',
        restart_retries: 2,
        published_ports: ['127.0.0.1:18100-18101:100-101/udp', '18102:102', '103'],
        exposed_ports: ['104', '105/udp'],
        volumes: ['/srv/:/srv:ro', 'data:/data', '/own'],
        mounts: [
          { target: '/mnt/bind', source: '/opt', type: 'bind', read_only: true },
          { target: '/mnt/mem', type: 'tmpfs', tmpfs_size: '8M', tmpfs_mode: '1777' },
          { target: '/mnt/data', source: 'data', no_copy: true },
        ],
        tmpfs: ['/run', '/var/tmp:size=4m'],
        read_only: false,
        healthcheck: {
          test: ['CMD', 'true'],
          interval: '1m30s',
          timeout: 5,
          retries: 2,
          start_period: '500ms',
        },
        log_driver: 'json-file',
        log_options: { 'max-size': '1m', 'max-file': 2 },
        network_mode: 'bridge',
        dns_servers: ['192.0.2.1'],
        dns_search_domains: ['example.org'],
        dns_opts: ['ndots:2'],
        etc_hosts: { db: '192.0.2.2' },
        memory: '64M',
        memory_reservation: '32M',
        memory_swap: '128M',
        cpus: 0.5,
        cpu_shares: 512,
        cpuset_cpus: '0',
        pids_limit: 100,
        shm_size: '16M',
        ulimits: ['nofile:256:512', 'core:0'],
        oom_score_adj: 100,
        privileged: false,
        capabilities: ['net_admin', 'CAP_SYS_TIME'],
        cap_drop: ['MKNOD'],
        devices: ['/dev/null:/dev/nothing:r'],
        security_opts: ['no-new-privileges'],
        sysctls: { 'net.ipv4.ip_forward': 1 },
        ipc_mode: 'private',
        cgroupns_mode: 'private',
        runtime: 'runc',
        publish_all_ports: false,
        auto_remove: false,
      }),
    ]);
    expect(register(run)).toMatchObject({ container: { State: { Running: true } } });
    await root('docker rm -f all');
  });

  it('its image is pulled where it is missing, and always when the registry has another', async () => {
    const name = 'localhost:5000/team/app:1';
    const push = (tag: string) =>
      root(
        `docker login -u ada -p ${ACCOUNT.password} localhost:5000; docker tag ${tag} ${name} && docker push -q ${name} && docker rmi ${name}; docker logout localhost:5000`,
      );
    await root('docker load -q -i /root/app.tar');
    await push('app:1');
    const nobody = await play([container({ name: 'pulled', image: name })]);
    expect(nobody.failures.join()).toContain('no basic auth credentials');
    const pulled = { name: 'pulled', image: name, ...ACCOUNT };
    const made = await foretold([container(pulled)]);
    expect(made.stdout).not.toMatch(new RegExp(`${ACCOUNT.password}|${btoa(ACCOUNT.password).slice(0, -4)}`));
    const always = [container({ ...pulled, pull: 'always' })];
    expect(succeeded(await play(always)).changed).toEqual([]);
    const first = await inspect('{{.Image}}', 'pulled');
    await push('app:2');
    await root(`docker tag ${first} ${name}`);
    expect(succeeded(await play([container(pulled)])).changed).toEqual([]);
    const run = await foretold(always);
    expect(register(run)).toMatchObject({
      recreated: true,
      container: { Config: { Cmd: ['sleep', '1001'] } },
    });
    expect(succeeded(await play(always)).changed).toEqual([]);
    const missing = await play([
      container({ ...ACCOUNT, name: 'none', image: 'localhost:5000/team/none:1' }),
    ]);
    expect(missing.failures.join()).toContain('localhost:5000/team/none:1 not found');
    await root('docker rm -f pulled; docker rmi localhost:5000/team/app:1');
  });

  it('docker_info tells what there is', async () => {
    const info = register(
      succeeded(
        await play([{ docker_info: { networks: true, volumes: true, disk_usage: true }, register: 'it' }]),
      ),
    ) as unknown as {
      host_info: { ServerVersion: string };
      containers: { Names: string[]; State: string; Id: string }[];
      images: { RepoTags: string[]; Size: number; Id: string }[];
      networks: { Name: string }[];
      disk_usage: { Type: string; TotalCount: number }[];
    };
    expect(info.host_info.ServerVersion).toBe(await root("docker version -f '{{.Server.Version}}'"));
    expect(info.containers.map(({ Id }) => Id).join('\n')).toBe(await root('docker ps -aq --no-trunc'));
    expect(info.containers.find(({ Names }) => Names.includes('web'))).toMatchObject({ State: 'running' });
    expect(info.images.flatMap(({ RepoTags }) => RepoTags).sort()).toEqual(['app:1', 'app:2', 'nginx:1.27']);
    expect(info.images[0]!.Size).toBeGreaterThan(100_000);
    expect(info.networks.map(({ Name }) => Name)).toContain('front');
    expect(info.disk_usage.find(({ Type }) => Type === 'Images')!.TotalCount).toBe(info.images.length);
  });

  it('docker_prune takes away just what its dry run says', async () => {
    await root(`docker rm -f inside crash other; docker network create unused; docker volume create spool
      docker create --name stopped -v /own app:1; docker tag app:1 spare:1; docker tag app:1 app:3
      printf 'FROM scratch\\nCOPY x /\\n' > /tmp/Dockerfile; echo one > /tmp/x; docker build -q -t built:1 /tmp; echo two > /tmp/x
      docker build -q -t built:1 /tmp; DOCKER_BUILDKIT=1 docker build -q -t kit:1 /tmp`);
    const all = { containers: true, images: true, networks: true, volumes: true, builder_cache: true };
    const prune = (more: Yaml = {}) => [
      { name: 'it', docker_prune: { ...all, images_filters: { dangling: false }, ...more }, register: 'it' },
    ];
    const later = await foretold(
      prune({ containers_filters: { until: '24h' }, images: false, networks: false, volumes: false }),
    );
    expect(await root('docker ps -aq --filter name=stopped')).not.toBe('');
    expect(register(later)).toMatchObject({ containers: [] });
    const list = async () => {
      const all = await root(`docker ps -a --format 'container {{.Names}}'
        docker images --format 'image {{.Repository}}:{{.Tag}}'
        docker network ls --format 'network {{.Name}}'; docker volume ls -q | sed 's/^/volume /'`);
      return all.split('\n').sort();
    };
    const before = await list();
    const dry = succeeded(await play(prune(), '--check'));
    expect(await list()).toEqual(before);
    const real = succeeded(await play(prune()));
    expect(compareForecast(dry, real).wrong).toEqual([]);
    const after = await list();
    const gone = before.filter((one) => !after.includes(one) && one !== 'image <none>:<none>').sort();
    const { diff } = finished(dry).at(-1) as unknown as { diff: { subject: string }[] };
    const said = diff
      .map(({ subject }) => subject)
      .filter((one) => !/^image [0-9a-f]{12}$|^builder/.test(one))
      .sort();
    expect(said).toEqual(gone);
    expect(gone).toEqual(
      expect.arrayContaining(['container stopped', 'network unused', 'volume spool', 'image built:1']),
    );
    expect(register(real)['images_space_reclaimed']).toBeGreaterThan(0);
    expect(succeeded(await play(prune())).changed).toEqual([]);
  });

  it('the examples do what they say', async () => {
    await root('docker rm -f web; docker network rm front back; docker load -q -i /root/app.tar');
    const examples = ['docker_container', 'docker_info', 'docker_prune'].flatMap(
      (name) => modules.get(name)!.examples,
    );
    succeeded(await play(examples.flatMap(({ yaml }) => parse(yaml) as Yaml[])));
  });
});
