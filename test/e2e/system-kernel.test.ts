import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SlipwayError } from '../../src/base/errors.ts';
import type { Example } from '../../src/module/contract.ts';
import { swapoff, swapon } from '../../src/lab/namespaces/doubles/kernel.ts';
import { find, hasDocker, Node, perform, settle, tasksOf } from './system-kit.ts';

const node = new Node('system-kernel');
const shells: [string, string[]][] = [
  ['dash', ['dash']],
  ['bash', ['bash']],
  ['busybox', ['busybox', 'sh']],
];
const HEADING = 'Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority';

describe.skipIf(!hasDocker)('kernel, swap, mounts and jobs on a real host', () => {
  beforeAll(async () => {
    node.start();
    // Swap belongs to the machine: this host gets a table of its own and stand-ins that only write to it.
    const setup = `printf '%s\\n' '${HEADING}' > /run/swaps; mount --bind /run/swaps /proc/swaps`;
    await node.run({ text: setup });
    for (const [name, text] of Object.entries({ swapon, swapoff }))
      await node.send(
        { bytes: Buffer.from(text) },
        { text: `cat > /usr/local/sbin/${name}; chmod 755 /usr/local/sbin/${name}` },
      );
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

    const examples = ['modprobe', 'swap', 'mount', 'cron'].flatMap((name) =>
      find(name).examples.map((example): [string, Example] => [`${name}: ${example.title}`, example]),
    );
    it.each(examples.filter(([, example]) => example.skip === undefined))('%s', async (_, example) => {
      if (example.given) await sh(example.given);
      const tasks = tasksOf(example.yaml);
      for (const { module, params } of tasks)
        expect((await settle(host, module, params)).after).toMatchObject({ verdict: 'same' });
      for (const { module, params } of tasks)
        expect((await settle(host, module, params)).before).toMatchObject({ verdict: 'same' });
    });

    it('has a module loaded at boot, and no more', async () => {
      await change('modprobe', {
        name: 'fuse',
        persistent: 'present',
        params: `max_user_bgreq=${shell.length}`,
      });
      expect(await sh('cat /etc/modules-load.d/fuse.conf /etc/modprobe.d/fuse.conf')).toBe(
        `fuse\noptions fuse max_user_bgreq=${shell.length}`,
      );
      await sh('rm /etc/modules-load.d/fuse.conf /etc/modprobe.d/fuse.conf');
      await sh("printf '# mine\\nno_such-thing\\nloop\\n' > /etc/modules");
      await change('modprobe', { name: 'no-such_thing', state: 'absent', persistent: 'absent' });
      expect(await sh('cat /etc/modules')).toBe('# mine\n#no_such-thing\nloop');
    });

    it('says why a module cannot be had', async () => {
      const { before } = await settle(host, 'modprobe', { name: 'no_such_thing' });
      expect(before).toMatchObject({
        verdict: 'impossible',
        why: expect.stringMatching(/^the kernel \S+ has no module no_such_thing$/),
        hint: expect.stringMatching(/./),
      });
    });

    it('makes a swap file, resizes it, and turns it off', async () => {
      const fstab = await sh('cat /etc/fstab');
      const path = `/srv/swap of ${shell}`.replaceAll(' ', '-');
      expect(await change('swap', { path, size: '1M' })).toEqual({ active: [path] });
      expect(await sh(`stat -c '%a %s' ${path}`)).toBe('600 1048576');
      expect(await sh('tail -n 1 /etc/fstab')).toBe(`${path} none swap sw 0 0`);
      await change('swap', { path, size: '2M', priority: 3 });
      expect(await sh('tail -n 1 /etc/fstab')).toBe(`${path} none swap sw,pri=3 0 0`);
      expect(await change('swap', { state: 'absent', path })).toEqual({ active: [] });
      expect(await sh(`ls ${path} 2>&1; cat /etc/fstab`)).toContain(`${fstab}\n#${path} none swap`);
    });

    it('turns all swap off, now and at boot', async () => {
      const lines = `/swap.img none swap sw 0 0\n# kept\n/dev/none /none ext4 noauto 0 0\n`;
      await sh(`printf '${lines}' > /etc/fstab; touch /swap.img; swapon /swap.img; systemctl daemon-reload`);
      const unit = '[Swap]\\nWhat=/srv/more\\n[Install]\\nWantedBy=swap.target\\n';
      await sh(`printf '${unit}' > /etc/systemd/system/srv-more.swap; systemctl enable srv-more.swap`);
      await sh(
        `mkdir -p /usr/lib/systemd/system-generators; ln -sf /bin/true /usr/lib/systemd/system-generators/zram-generator; echo '[zram0]' > /usr/lib/systemd/zram-generator.conf; rm -f /etc/systemd/zram-generator.conf`,
      );
      expect(await change('swap', { state: 'absent' })).toEqual({ active: [] });
      expect(await sh('cat /proc/swaps')).toBe(HEADING);
      expect(await sh('cat /etc/fstab')).toBe(`#${lines}`.trim());
      expect(await sh('cat /etc/fstab.*~ | head -n 1')).not.toBe('');
      expect(await sh('systemctl is-enabled srv-more.swap')).toBe('disabled');
      expect(await sh('stat -c %s /etc/systemd/zram-generator.conf')).toBe('0');
      await sh('rm -f /etc/systemd/system/srv-more.swap /swap.img; systemctl daemon-reload');
    });

    it('mounts, remounts, unmounts and forgets', async () => {
      const path = `/srv/in memory ${shell}`;
      const asked = { path, src: 'tmpfs', fstype: 'tmpfs', opts: 'size=8m', state: 'mounted' };
      const fstab = '# first\n/dev/none\t/none  ext4 noauto\n';
      await sh(`printf '${fstab}' > /etc/fstab`);
      expect(await change('mount', asked)).toMatchObject({ mounted: true, src: 'tmpfs' });
      expect(await sh('cat /etc/fstab')).toBe(
        `${fstab}tmpfs ${path.replaceAll(' ', '\\040')} tmpfs size=8m 0 0`,
      );
      const result = await change('mount', { ...asked, opts: 'size=4m,noexec' });
      expect(result).toMatchObject({ opts: expect.stringContaining('noexec') });
      expect(result).toMatchObject({ opts: expect.stringContaining('size=4096k') });
      await change('mount', { path, state: 'unmounted' });
      await change('mount', asked);
      await change('mount', { path, state: 'absent', backup: true });
      expect(await sh(`cat /etc/fstab; ls -d '${path}' 2>&1`)).toContain(fstab);
      expect(await sh(`ls -d '${path}'`)).toBe('');
    });

    it('mounts a directory at another place, by way of a link too', async () => {
      const dir = `/srv/m-${shell}`;
      await sh(`mkdir -p ${dir}/real ${dir}/a ${dir}/b; ln -s real ${dir}/link; echo 1 > ${dir}/a/x`);
      const bind = { path: `${dir}/link`, fstype: 'none', opts: 'bind' };
      await change('mount', { ...bind, src: `${dir}/a`, state: 'ephemeral' });
      expect(
        (await settle(host, 'mount', { ...bind, src: `${dir}/b`, state: 'ephemeral' })).before,
      ).toMatchObject({
        verdict: 'impossible',
      });
      await change('mount', { ...bind, src: `${dir}/b`, state: 'mounted' });
      expect(await sh(`ls ${dir}/real`)).toBe('');
      await change('mount', { path: `${dir}/link`, state: 'absent' });
      expect(await sh(`grep -c ${dir} /proc/self/mountinfo`)).toBe('0');
    });

    it('keeps a crontab, with what others wrote in it', async () => {
      const user = `cron-${shell}`;
      await sh(
        `useradd ${user}; printf '# mine\n1 2 3 4 5 true\n#Ansible: old\n* * * * * old\n' | crontab -u ${user} -`,
      );
      const job = { name: 'it', user, minute: '*/5', job: `echo "it's"; echo 100\\%`, backup: true };
      expect(await change('cron', job)).toEqual({ jobs: ['old', 'it'], envs: [] });
      await change('cron', { name: 'old', user, special_time: 'reboot', job: 'new' });
      await change('cron', { name: 'MAILTO', env: true, user, job: 'a@b' });
      expect(await sh(`crontab -u ${user} -l`)).toBe(
        `MAILTO="a@b"\n# mine\n1 2 3 4 5 true\n#Ansible: old\n@reboot new\n#Slipway: it\n*/5 * * * * ${job.job}`,
      );
      expect(await sh(`cat /var/tmp/crontab.${user}.*~ | head -n 1`)).toBe('# mine');
      await change('cron', { ...job, disabled: true });
      await change('cron', { name: 'it', user, state: 'absent' });
      expect(await sh(`crontab -u ${user} -l`)).not.toContain('*/5');
    });

    it('keeps a file of jobs', async () => {
      const cron_file = `f-${shell}`;
      await change('cron', { name: 'a', cron_file, user: 'daemon', hour: 1, job: 'x' });
      await change('cron', { name: 'b', cron_file, job: 'y' });
      expect(await sh(`cat /etc/cron.d/${cron_file}; stat -c %a /etc/cron.d/${cron_file}`)).toBe(
        '#Slipway: a\n* 1 * * * daemon x\n#Slipway: b\n* * * * * root y\n644',
      );
      await change('cron', { cron_file, state: 'absent' });
    });

    it('asks for a reboot behind its own back, and sees that it failed', async () => {
      const rebooting = perform(host, 'reboot', { reboot_command: 'echo no; exit 3' });
      await expect(rebooting).rejects.toMatchObject({
        code: 'task.failed',
        message: 'the reboot command failed with exit 3: no',
      });
    });
  });

  it('sees that a host has been rebooted', async () => {
    // A container goes down with its first process; its engine starts it again.
    spawnSync('docker', ['update', '--restart', 'always', node.name]);
    const host = Object.assign(node.with(['sh']), {
      reconnect: async () => {
        const up = spawnSync('docker', ['exec', node.name, 'true']);
        if (up.status !== 0) throw new SlipwayError('connect.refused', 'not up yet');
      },
    });
    const done = await perform(host, 'reboot', {
      reboot_timeout: 240,
      test_command: 'systemctl is-system-running --wait | grep -E "running|degraded"',
    });
    expect(done).toMatchObject({ changed: true, rebooted: true });
  });
});
