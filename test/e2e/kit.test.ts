import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Engines, engines, MEMBER_USER, startEngines, SUDO_USER } from './kit/engines.ts';
import { differences, fingerprint } from './kit/fingerprint.ts';
import { busyboxLayer, writeImageTar } from './kit/images.ts';
import { type TestNodes, startNodes } from './kit/nodes.ts';
import { docker, suite } from './kit/skip.ts';

// The equipment itself: a fingerprint that saw nothing would let every lie about a dry run pass.
suite('the test equipment', [docker], () => {
  let lab: TestNodes;
  beforeAll(async () => {
    lab = await startNodes(2, { shell: 'busybox' });
  });
  afterAll(() => lab?.stop());

  test('nodes are whole: systemd is up, /bin/sh is what was asked for, identities differ', async () => {
    const [first, second] = lab.nodes;
    expect(await first!.root('systemctl is-system-running; readlink /bin/sh')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^running\n.*busybox\n$/),
    });
    for (const file of ['/etc/machine-id', '/etc/hostname']) {
      const id = async (node: typeof first) => (await node!.root(`cat ${file}`)).stdout;
      expect(await id(first)).not.toBe(await id(second));
    }
  });

  test('an untouched host has the same fingerprint', async () => {
    const [node] = lab.nodes;
    const before = await fingerprint(node!);
    expect(before.get('files')!.length).toBeGreaterThan(1000);
    expect(differences(before, await fingerprint(node!))).toEqual([]);
  });

  test.each([
    ['a new file', 'echo x > /etc/slipway-new', /\+ files: .*\/etc\/slipway-new/],
    [
      'content behind an old time',
      't=$(stat -c %Y /etc/hostname); printf "n1 \\n" > /etc/issue.net',
      /files: .*issue\.net/,
    ],
    ['a mode', 'chmod 600 /etc/motd', /\+ files: f 600 .*\/etc\/motd/],
    ['a file in /tmp', 'echo x > /tmp/left', /\+ files: .*\/tmp\/left/],
    ['a stopped service', 'systemctl stop cron', /units: cron.service .*inactive/],
    ['a disabled service', 'systemctl disable -q cron 2>&1', /units: cron.service +disabled/],
    ['a held package', 'apt-mark hold sudo', /\+ packages: hold sudo/],
    ['a parameter', 'sysctl -qw net.ipv4.ip_forward=0 net.ipv4.conf.all.rp_filter=2', /sysctl: net.ipv4/],
    ['a process that stays', 'setsid sleep 987 >/dev/null 2>&1 &', /\+ processes: sleep 987/],
    ['a mount', 'mount -t tmpfs none /mnt', /\+ mounts: none \/mnt/],
  ])('%s shows', async (_title, change, expected) => {
    const node = lab.nodes[1]!;
    const before = await fingerprint(node);
    expect(await node.root(change)).toMatchObject({ code: 0 });
    expect(differences(before, await fingerprint(node)).join('\n')).toMatch(expected);
  });
});

suite('the test equipment: nodes with an engine of their own', [engines], () => {
  let given: Engines;
  beforeAll(async () => {
    given = await startEngines(1, { services: ['docker', 'docker-registry'] });
  });
  afterAll(() => given?.stop());

  test('who may open the socket', async () => {
    const ask = '- hosts: nodes\n  gather_facts: false\n  tasks: [{command: docker version}]\n';
    expect(await given.play(ask, { user: MEMBER_USER })).toMatchObject({ code: 0 });
    expect(await given.play(ask, { user: SUDO_USER })).toMatchObject({ code: 2 });
    expect(await given.play(ask, { user: SUDO_USER, args: ['--become'] })).toMatchObject({ code: 0 });
  });

  test('an image made from nothing runs there; nothing failed to start', async () => {
    const file = path.join(given.folder, 'busy.tar');
    const [made] = await writeImageTar(file, {
      tags: ['e2e/busy:1'],
      layers: [busyboxLayer(), { 'etc/greeting': 'hello\n' }],
      command: ['cat', '/etc/greeting'],
    });
    const load = `
- hosts: nodes
  gather_facts: false
  tasks:
    - container_image: {src: '${file}', runtime: docker}
    - container_image: {src: '${file}', runtime: containerd}
`;
    expect(await given.play(load)).toMatchObject({ code: 0, failures: [] });
    const { root } = given.node;
    expect((await root('docker run --rm e2e/busy:1')).stdout).toBe('hello\n');
    expect((await root('docker images -q --no-trunc')).stdout).toBe(`${made!.id}\n`);
    expect((await root('ctr -n k8s.io images ls -q')).stdout).toContain('docker.io/e2e/busy:1');
    expect((await root('systemctl --failed --no-legend')).stdout).toBe('');
    expect((await root('curl -s -o /dev/null -w "%{http_code}" localhost:5000/v2/')).stdout).toBe('401');
  });
});
