import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasDocker, Node, settle } from './system-kit.ts';

const node = new Node('system-accounts');
const shells: [string, string[]][] = [
  ['dash', ['dash']],
  ['bash', ['bash']],
  ['busybox', ['busybox', 'sh']],
];

describe.skipIf(!hasDocker)('accounts on a real host', () => {
  beforeAll(() => node.start());
  afterAll(() => node.remove());

  describe.each(shells)('%s', (shell, command) => {
    const host = node.with(command);
    const name = `u-${shell}`;
    const change = async (module: string, params: Record<string, unknown>) => {
      const settled = await settle(host, module, params);
      expect(settled.before).toMatchObject({ verdict: 'change' });
      expect(settled.after).toMatchObject({ verdict: 'same' });
      return settled.result;
    };

    it('makes a group, changes its id, removes it', async () => {
      await change('group', { name: 'ops', gid: 2000 });
      expect(await change('group', { name: 'ops', gid: 2001 })).toMatchObject({ gid: 2001 });
      await change('group', { name: 'ops', state: 'absent' });
    });

    it('refuses the id of another group', async () => {
      const { before } = await settle(host, 'group', { name: 'ops', gid: 0 });
      expect(before).toMatchObject({ verdict: 'impossible', why: 'gid 0 belongs to the group root' });
    });

    it('makes a user with everything', async () => {
      const hash = '$6$salt$hash';
      const params = {
        name,
        uid: 3000,
        groups: ['sudo', 'adm'],
        shell: '/bin/bash',
        comment: "Ada O'Lace",
        password: hash,
        expires: 1893456000,
        password_expire_max: 90,
        generate_ssh_key: true,
        ssh_key_type: 'ed25519',
      };
      const result = await change('user', params);
      expect(result).toMatchObject({
        uid: 3000,
        home: `/home/${name}`,
        groups: expect.arrayContaining(['adm', 'sudo']),
      });
      expect(String((result as { ssh_public_key: string }).ssh_public_key)).toMatch(/^ssh-ed25519 /);
    });

    it('changes each thing and settles', async () => {
      await change('user', { name, groups: 'adm' });
      await change('user', { name, groups: ['sudo'], append: true });
      await change('user', { name, groups: [] });
      await change('user', { name, shell: '/bin/sh', comment: '', expires: -1 });
      await change('user', { name, home: `/srv/${name}`, move_home: true });
      await change('user', { name, password_lock: true });
      await change('user', { name, password_lock: false });
      await change('user', { name, password: '$6$salt$other', password_expire_min: 1 });
    });

    it('makes a home that is missing', async () => {
      await host.run({ text: `rm -rf /srv/${name}` });
      await change('user', { name });
      const { stdout } = await host.run({ text: `stat -c '%U %a' /srv/${name}; ls -A /srv/${name}` });
      expect(stdout).toContain(`${name} 700\n`);
      expect(stdout).toContain('.profile');
    });

    it('keeps the authorized keys of a user', async () => {
      const key = (n: number, comment: string) =>
        `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI${'A'.repeat(42)}${n} ${comment}`;
      await change('authorized_key', { user: name, key: key(1, 'one') });
      await change('authorized_key', {
        user: name,
        key: `${key(2, 'two')}\n${key(3, 'three')}`,
        key_options: 'no-pty',
      });
      const file = `/srv/${name}/.ssh/authorized_keys`;
      const { stdout } = await host.run({ text: `stat -c '%U %a' ${file} /srv/${name}/.ssh; cat ${file}` });
      expect(stdout).toBe(
        `${name} 600\n${name} 700\n${key(1, 'one')}\nno-pty ${key(2, 'two')}\nno-pty ${key(3, 'three')}\n`,
      );
      await change('authorized_key', { user: name, key: key(1, 'one'), state: 'absent' });
      await change('authorized_key', { user: name, key: key(3, 'other'), exclusive: true });
    });

    it('removes a user', async () => {
      await change('user', { name, state: 'absent', remove: true });
    });

    it('names groups that are missing', async () => {
      const { before } = await settle(host, 'user', { name, groups: ['nowhere'] });
      expect(before).toMatchObject({ verdict: 'impossible', why: 'there is no group nowhere' });
    });
  });
});
