import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasDocker, Node, settle } from './system-kit.ts';

const node = new Node('system-settings');
const shells: [string, string[]][] = [
  ['dash', ['dash']],
  ['bash', ['bash']],
  ['busybox', ['busybox', 'sh']],
];

describe.skipIf(!hasDocker)('settings of a real host', () => {
  beforeAll(async () => {
    node.start();
    await node.run({ text: 'mount -o remount,rw /proc/sys' }, { anyExit: true });
  });
  afterAll(() => node.remove());

  describe.each(shells)('%s', (shell, command) => {
    const host = node.with(command);
    const change = async (module: string, params: Record<string, unknown>) => {
      const settled = await settle(host, module, params);
      expect(settled.before).toMatchObject({ verdict: 'change' });
      expect(settled.after).toMatchObject({ verdict: 'same' });
      return settled.result;
    };
    const sh = async (text: string) => (await host.run({ text }, { anyExit: true })).stdout.trim();

    it('sets a kernel parameter, live and at boot', async () => {
      await sh('rm -f /etc/sysctl.d/t.conf; echo 0 > /proc/sys/net/ipv4/conf/lo/rp_filter');
      const params = { name: 'net.ipv4.conf.lo.rp_filter', sysctl_file: '/etc/sysctl.d/t.conf' };
      expect(await change('sysctl', { ...params, value: 2 })).toEqual({ value: '2' });
      expect(await sh('cat /etc/sysctl.d/t.conf')).toBe('net.ipv4.conf.lo.rp_filter = 2');
      await change('sysctl', { ...params, value: 1, reload: false });
      expect(await sh('cat /proc/sys/net/ipv4/conf/lo/rp_filter')).toBe('2');
      await change('sysctl', { ...params, state: 'absent' });
      await expect(
        settle(host, 'sysctl', { ...params, name: 'net.ipv4.none', value: 1 }),
      ).rejects.toMatchObject({
        message: 'the kernel has no parameter net.ipv4.none; load its module first',
      });
    });

    it('renames the host', async () => {
      expect(await change('hostname', { name: `${shell}.example.org` })).toEqual({
        name: `${shell}.example.org`,
      });
      expect(await sh('uname -n; cat /etc/hostname')).toBe(`${shell}.example.org\n${shell}.example.org`);
      await change('hostname', { name: 'node1' });
    });

    it('keeps names of hosts', async () => {
      await sh("printf '127.0.0.1 localhost\\n127.0.1.1 node1\\n' > /etc/hosts");
      await change('hosts_entry', { ip: '192.0.2.11', name: 'node1' });
      expect(await sh('getent hosts node1')).toMatch(/^192.0.2.11 +node1$/);
      const block = [{ ip: '192.0.2.12', name: ['node2', 'n2'] }];
      await change('hosts_entry', { block });
      expect(await sh('getent hosts n2')).toMatch(/^192.0.2.12 /);
      await change('hosts_entry', { block, state: 'absent' });
      await change('hosts_entry', { name: 'node1', state: 'absent' });
      expect(await sh('cat /etc/hosts')).toBe('127.0.0.1 localhost');
    });

    it('keeps a long block list', async () => {
      await sh(
        '{ echo 127.0.0.1 localhost; i=0; while [ $i -lt 5000 ]; do i=$((i + 1)); echo 0.0.0.0 a$i.example.org; done; } > /etc/hosts',
      );
      await change('hosts_entry', { ip: '192.0.2.11', name: 'node1' });
      expect(await sh('grep -c . /etc/hosts')).toBe('5002');
      await sh("printf '127.0.0.1 localhost\\n' > /etc/hosts");
    });
  });
});
