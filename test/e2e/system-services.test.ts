import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasDocker, Node, perform, settle } from './system-kit.ts';

const node = new Node('system-services');
const shells: [string, string[]][] = [
  ['dash', ['dash']],
  ['bash', ['bash']],
  ['busybox', ['busybox', 'sh']],
];

const UNIT = `[Service]
ExecStart=/bin/sleep 1000
[Install]
WantedBy=multi-user.target
`;

describe.skipIf(!hasDocker)('services on a real host', () => {
  beforeAll(() => node.start());
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

    it('starts, enables, masks, and back', async () => {
      const name = `s-${shell}`;
      await sh(`printf '%s' '${UNIT}' > /etc/systemd/system/${name}.service`);
      const result = await change('systemd', { name, state: 'started', enabled: true, daemon_reload: true });
      expect(result).toMatchObject({ state: 'started', enabled: true });
      await change('systemd', { name, enabled: false });
      await change('systemd', { name, state: 'stopped' });
      await sh(`rm /etc/systemd/system/${name}.service; systemctl daemon-reload`);
    });

    it('masks and unmasks a unit', async () => {
      await change('systemd', { name: 'cron', masked: true, state: 'stopped' });
      expect((await settle(host, 'systemd', { name: 'cron', state: 'started' })).before).toMatchObject({
        verdict: 'impossible',
        why: 'cron.service is masked',
      });
      await change('systemd', { name: 'cron', masked: false, state: 'started' });
    });

    it('restarts each time', async () => {
      const pid = await sh('systemctl show -p MainPID cron');
      const { before, after } = await settle(host, 'systemd', { name: 'cron', state: 'restarted' });
      expect(before).toMatchObject({ verdict: 'change', always: true });
      expect(after).toMatchObject({ verdict: 'change', always: true });
      expect(await sh('systemctl show -p MainPID cron')).not.toBe(pid);
    });

    it('reads changed unit files once', async () => {
      const folder = '/etc/systemd/system/cron.service.d';
      await sh(`mkdir -p ${folder}; printf '[Service]\\nEnvironment=A=${shell}\\n' > ${folder}/a.conf`);
      await change('systemd', { daemon_reload: true });
    });

    it('names the unit that was meant', async () => {
      const { before } = await settle(host, 'systemd', { name: 'crom', state: 'started' });
      expect(before).toEqual({
        verdict: 'impossible',
        why: 'there is no unit crom.service',
        hint: 'Did you mean `cron.service`?',
      });
    });

    it('shows why a unit does not start', async () => {
      await sh(
        'printf \'[Service]\\nType=oneshot\\nExecStart=/bin/sh -c "echo no luck today; exit 7"\\n\' > /etc/systemd/system/bad.service',
      );
      const failed = settle(host, 'systemd', { name: 'bad', state: 'started' });
      await expect(failed).rejects.toMatchObject({
        code: 'task.command',
        data: { stderr: expect.stringMatching(/Job for bad.service failed[^]*status=7[^]*no luck today/) },
      });
    });

    it('waits for a port, a path and a text', async () => {
      const unit = `p-${shell}`;
      await sh(
        `systemd-run --unit=${unit} sh -c 'sleep 1; echo ready in 5 > /run/${unit}; exec busybox nc -ll -p 4711 -e echo "hello from here"'`,
      );
      expect(await perform(host, 'wait_for', { port: 4711, timeout: 20 })).toMatchObject({ changed: false });
      expect(
        await perform(host, 'wait_for', { port: 4711, search_regex: 'hello .*here', timeout: 5 }),
      ).toMatchObject({
        match: 'hello from here',
      });
      expect(
        await perform(host, 'wait_for', { path: `/run/${unit}`, search_regex: 'in [0-9]+', timeout: 5 }),
      ).toMatchObject({ match: 'ready in 5' });
      await sh(`systemctl stop ${unit}`);
      await perform(host, 'wait_for', { port: 4711, state: 'stopped', timeout: 20 });
      await perform(host, 'wait_for', { port: 22, state: 'drained', timeout: 5 });
      await expect(perform(host, 'wait_for', { port: 4711, timeout: 1 })).rejects.toMatchObject({
        code: 'task.failed',
        message: 'Timeout when waiting for 127.0.0.1:4711',
      });
    });

    it('finds a port of another address', async () => {
      const address = await sh("ip -o -4 addr show eth0 | sed 's/.*inet \\([0-9.]*\\).*/\\1/'");
      await perform(host, 'wait_for', { host: address, port: 22, timeout: 5, search_regex: '^SSH-2' });
      await perform(host, 'wait_for', { host: address, port: 22, timeout: 5 });
    });

    it('gathers facts', async () => {
      const { ansible_facts: facts } = await perform(host, 'setup', {});
      expect(facts).toMatchObject({
        distribution: 'Debian',
        os_family: 'Debian',
        service_mgr: 'systemd',
        pkg_mgr: 'apt',
        hostname: 'system-services',
        user_id: 'root',
        default_ipv4: { interface: 'eth0' },
      });
      expect(facts.listening_tcp).toContainEqual({ address: '0.0.0.0', port: 22 });
    });
  });
});
