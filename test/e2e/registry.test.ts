import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Engines, engines, startEngines, SUDO_USER } from './kit/engines.ts';
import { compareForecast } from './kit/forecast.ts';
import { busyboxLayer, writeImageTar } from './kit/images.ts';
import type { TestNode } from './kit/nodes.ts';
import { suite } from './kit/skip.ts';
import type { SlipwayRun } from './kit/slipway.ts';

const shipped = (name: string) => fileURLToPath(new URL(`../../playbooks/${name}.yml`, import.meta.url));
const REGISTRY = shipped('registry');

// Docker's own configuration, a registry beside it, and everything that has to agree for an image to be pushed and pulled.
suite('a registry, and Docker and containerd that use it', [engines], () => {
  let given: Engines;
  beforeAll(async () => {
    given = await startEngines(2, {
      services: ['docker'],
      // Package lists of a built image may be of yesterday.
      setup:
        'mkdir -p /var/lib/apt/periodic; touch /var/lib/apt/lists /var/lib/apt/periodic/update-success-stamp',
    });
  });
  afterAll(() => given?.stop());

  describe('docker_daemon', () => {
    const FILE = '/etc/docker/daemon.json';
    const daemon = (settings: string, more = '') => `
- hosts: n1
  gather_facts: false
  tasks:
    - docker_daemon: {settings: ${settings}${more}}
`;
    const started = async () =>
      (await given.node.root('systemctl show -p MainPID -p ActiveState docker; docker version >/dev/null'))
        .stdout;

    test('what the user set stays; Docker takes it over without a restart', async () => {
      const { root } = given.node;
      await root(`printf '{\\n    "log-level": "warn"\\n}\\n' > ${FILE}; systemctl restart docker`);
      const before = await started();
      const play = daemon('{insecure-registries: ["10.9.8.7:5000"]}');
      expect(await given.play(play, { args: ['--check'] })).toMatchObject({
        code: 0,
        changed: [expect.any(String)],
      });
      expect(await given.play(play)).toMatchObject({ code: 0, failures: [], changed: [expect.any(String)] });
      expect(await given.play(play)).toMatchObject({ code: 0, changed: [] });
      expect(await started()).toBe(before);
      expect((await root(`cat ${FILE}`)).stdout).toBe(
        '{\n    "log-level": "warn",\n    "insecure-registries": [\n        "10.9.8.7:5000"\n    ]\n}\n',
      );
      expect((await root("docker info --format '{{json .RegistryConfig.IndexConfigs}}'")).stdout).toContain(
        '10.9.8.7:5000',
      );
    });

    test('what Docker reads only at its start makes it start anew', async () => {
      const before = await started();
      expect(await given.play(daemon('{log-driver: local}'))).toMatchObject({ code: 0, failures: [] });
      expect(await started()).not.toBe(before);
      expect((await given.node.root("docker info --format '{{.LoggingDriver}}'")).stdout).toBe('local\n');
    });

    test.each([
      ['by a reload', '{insecure-registries: ["no host"]}', /insecure registry no host is not valid/],
      ['at its start', '{storage-driver: nonsense}', /nonsense/],
      ['because it is no setting', '{no-such-setting: true}', /no-such-setting/],
    ])('what Docker does not take %s is put back', async (_, settings, said) => {
      const { root } = given.node;
      const before = (await root(`cat ${FILE}`)).stdout;
      const run = await given.play(daemon(settings));
      expect(run.code).toBe(2);
      expect(run.failures.join()).toMatch(said);
      expect((await root(`cat ${FILE}; systemctl is-active docker`)).stdout).toBe(`${before}active\n`);
      expect((await root('docker version')).code).toBe(0);
    });

    test('taken out again', async () => {
      const play = daemon('{insecure-registries: ["10.9.8.7:5000"], log-driver: local}', ', state: absent');
      expect(await given.play(play)).toMatchObject({ code: 0, failures: [] });
      expect(await given.play(play)).toMatchObject({ code: 0, changed: [] });
      expect((await given.node.root(`cat ${FILE}`)).stdout).toBe('{\n    "log-level": "warn"\n}\n');
    });
  });

  describe('registry.yml', () => {
    const password = 'pw-of-the-registry';
    const folder = mkdtempSync(path.join(os.tmpdir(), 'slipway-e2e-registry-'));
    let n1: TestNode;
    let n2: TestNode;
    const play = (variables: Record<string, unknown>, ...args: string[]): Promise<SlipwayRun> =>
      given.play(REGISTRY, {
        user: SUDO_USER,
        folder,
        args: ['--diff', '-e', JSON.stringify({ ...variables, registry_images: images }), ...args],
      });
    const images = [{ name: 'team/busy:1', src: path.join(folder, 'busy.tar') }];
    const docker = async (node: TestNode, command: string) => {
      const { code, stdout, stderr } = await node.root(command);
      return code === 0 ? stdout.trim() : `exit ${code}: ${stderr}`;
    };
    const digests = (name: string) =>
      docker(n1, `docker image inspect --format '{{join .RepoDigests " "}}' ${name}`);

    beforeAll(async () => {
      [n1, n2] = given.nodes as [TestNode, TestNode];
      await writeImageTar(images[0]!.src, {
        tags: ['team/busy:1'],
        layers: [busyboxLayer()],
        command: ['true'],
      });
      await n1.root(
        `echo '{"log-level": "warn", "insecure-registries": ["old:1"]}' > /etc/docker/daemon.json`,
      );
      // A node that has containerd only.
      await n2.root(
        'systemctl stop docker.socket docker; dpkg --purge docker.io; rm -f /run/docker.sock; systemctl enable --now containerd',
      );
    });

    // Both together would disable the plugin cri.
    test('where containerd has mirrors in its configuration, nothing is changed, and it is said what to write', async () => {
      const mirrors =
        'version = 2\n[plugins."io.containerd.grpc.v1.cri".registry.mirrors."docker.io"]\n  endpoint = ["http://r"]\n';
      await n2.root('cat > /etc/containerd/config.toml', mirrors);
      const run = await play({ registry_tls: false });
      expect(run).toMatchObject({ code: 2, changed: [] });
      expect(run.failures.join()).toContain('Write each of them as /etc/containerd/certs.d/NAME/hosts.toml');
      expect(await docker(n2, 'cat /etc/containerd/config.toml')).toBe(mirrors.trim());
      await n2.root('containerd config default > /etc/containerd/config.toml; systemctl restart containerd');
    });

    test.each([
      ['with TLS, and users', { registry_users: [{ name: 'ci', password }] }, 'https', ['200', '401']],
      ['in plain HTTP', { registry_tls: false }, 'http', ['200', '200']],
    ])(
      '%s: as foretold, nothing the second time, the same digest everywhere',
      async (_, variables, scheme, answers) => {
        const dry = await play(variables, '--check');
        expect(dry).toMatchObject({ code: 0, failures: [] });
        const real = await play(variables);
        expect(real).toMatchObject({ code: 0, failures: [] });
        expect(compareForecast(dry, real).wrong).toEqual([]);
        expect(await play(variables)).toMatchObject({ code: 0, failures: [], changed: [] });

        const endpoint = `${n1.ip}:5000`;
        const [digest] = /sha256:\w+/.exec(await digests(`${endpoint}/team/busy:1`)) ?? [];
        expect(await docker(n2, `ctr -n k8s.io images ls name==${endpoint}/team/busy:1`)).toContain(digest);
        const ca = `/etc/containerd/certs.d/${endpoint}/ca.crt`;
        const answer = (account: string) =>
          docker(
            n2,
            `curl -sS -u ${account} --cacert ${ca} -o /dev/null -w '%{http_code}' ${scheme}://${endpoint}/v2/team/busy/manifests/1`,
          );
        expect([await answer(`ci:${password}`), await answer('ci:wrong')]).toEqual(answers);
        expect(await docker(n1, 'stat -c %a /etc/slipway-registry/ca.key')).toBe('600');
      },
    );

    test('containerd looks for the registry, and its plugin cri still runs', async () => {
      expect(await docker(n2, 'ctr plugins ls | grep -w cri')).toMatch(/\bok$/);
      expect(await docker(n2, 'containerd config dump')).toContain('config_path = "/etc/containerd/certs.d"');
      // An own table, where the file has none.
      await n2.root('echo "version = 2" > /etc/containerd/config.toml');
      const own = { registry_tls: false };
      expect(await play(own)).toMatchObject({ code: 0, failures: [] });
      expect(await play(own)).toMatchObject({ code: 0, failures: [], changed: [] });
      expect(await docker(n2, 'ctr plugins ls | grep -w cri')).toMatch(/\bok$/);
      expect(await docker(n2, 'containerd config dump')).toContain('config_path = "/etc/containerd/certs.d"');
    });

    test('in a container, from an image that comes as a tar', async () => {
      const file = '/usr/bin/docker-registry';
      const { stdout } = await n1.root(
        `{ echo ${file}; ldd ${file} | grep -o '/[^ ]*'; } | tar -hcPT - | base64 -w0`,
      );
      const entry = { 'entrypoint.sh': `#!/bin/sh\nexec ${file} serve "$1"\n` };
      const src = path.join(folder, 'registry.tar');
      await writeImageTar(src, {
        tags: ['registry:2'],
        layers: [busyboxLayer(), Buffer.from(stdout, 'base64'), entry],
        config: { Entrypoint: ['/entrypoint.sh'] },
      });
      await n1.root('systemctl disable --now docker-registry');
      const variables = { registry_image_tar: src, registry_port: 5001 };
      expect(await play(variables, '-l', 'n1')).toMatchObject({ code: 0, failures: [] });
      expect(await play(variables, '-l', 'n1')).toMatchObject({ code: 0, failures: [], changed: [] });
      expect(await digests(`${n1.ip}:5001/team/busy:1`)).toMatch(/:5001\/team\/busy@sha256:/);
    });

    test('the password is nowhere but in the one file that needs it', async () => {
      const everything = spawnSync('grep', ['-rlE', `${password}|${btoa(`ci:${password}`)}`, folder], {
        encoding: 'utf8',
      });
      expect(everything.stdout).toBe('');
    });

    test('what the user has in daemon.json is still there', async () => {
      expect(JSON.parse(await docker(n1, 'cat /etc/docker/daemon.json'))).toEqual({
        'log-level': 'warn',
        'insecure-registries': ['old:1', `${n1.ip}:5000`],
      });
    });
  });

  test('docker.yml: loaded, built, saved, run, as foretold; nothing the second time', async () => {
    const { node } = given;
    const folder = mkdtempSync(path.join(os.tmpdir(), 'slipway-e2e-docker-'));
    const src = path.join(folder, 'base.tar');
    const build = path.join(folder, 'app');
    await writeImageTar(src, { tags: ['e2e/base:1'], layers: [busyboxLayer(), { 'etc/base': '1' }] });
    mkdirSync(build);
    writeFileSync(path.join(build, 'index.html'), 'it works\n');
    writeFileSync(
      path.join(build, 'Dockerfile'),
      'FROM e2e/base:1\nCOPY index.html /www/\nCMD ["httpd", "-f", "-p", "8080", "-h", "/www"]\n',
    );
    const variables = {
      docker_daemon: { labels: ['of=slipway'] },
      docker_users: [SUDO_USER],
      docker_images: [
        { name: 'e2e/base:1', src },
        { name: 'e2e/app:1', build, save: '/srv/app.tar', repository: 'e2e/app:newest' },
      ],
      docker_containers: [{ name: 'app', image: 'e2e/app:1', published_ports: ['127.0.0.1:8081:8080'] }],
    };
    const play = (...args: string[]) =>
      given.play(shipped('docker'), {
        user: SUDO_USER,
        args: ['-l', 'n1', '-e', JSON.stringify(variables), ...args],
      });
    const dry = await play('--check');
    expect(dry).toMatchObject({ code: 0, failures: [] });
    const real = await play();
    expect(real).toMatchObject({ code: 0, failures: [] });
    expect(compareForecast(dry, real).wrong).toEqual([]);
    expect((await node.root('curl -s http://127.0.0.1:8081/index.html')).stdout).toBe('it works\n');
    expect((await node.root('tar -tf /srv/app.tar')).stdout).toContain('manifest.json');
    expect(await play()).toMatchObject({ code: 0, failures: [], changed: [] });
    writeFileSync(path.join(build, 'index.html'), 'it works better\n');
    expect((await play()).changed.map((line) => line.replace('n1: ', ''))).toEqual([
      'Images are built',
      'Images have another name, and are in a registry',
      'Images are saved',
      'Containers run',
    ]);
    expect((await node.root('curl -s http://127.0.0.1:8081/index.html')).stdout).toBe('it works better\n');
  });
});
