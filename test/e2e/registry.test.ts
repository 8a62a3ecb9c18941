import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Engines, engines, startEngines } from './kit/engines.ts';
import { suite } from './kit/skip.ts';

// Docker's own configuration, a registry beside it, and everything that has to agree for an image to be pushed and pulled.
suite('a registry, and Docker and containerd that use it', [engines], () => {
  let given: Engines;
  beforeAll(async () => {
    given = await startEngines(1, { services: ['docker'] });
  });
  afterAll(() => given?.stop());

  describe('docker_daemon', () => {
    const FILE = '/etc/docker/daemon.json';
    const daemon = (settings: string, more = '') => `
- hosts: nodes
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
});
