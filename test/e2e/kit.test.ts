import { afterAll, beforeAll, expect, test } from 'vitest';
import { differences, fingerprint } from './kit/fingerprint.ts';
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
