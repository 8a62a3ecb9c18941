import { Type } from 'typebox';
import { defineState } from '../../module/contract.ts';
import { applyUser } from '../accounts/user-apply.ts';
import { foreseeUser, groupsAsked, userEffects } from '../accounts/user-outlook.ts';
import { compareUser } from '../accounts/user-compare.ts';
import { keyFileOf, userParams } from '../accounts/user-params.ts';
import { probeUser, readUser } from '../accounts/user-state.ts';
import { pathSubject } from '../files/expected.ts';
import { usualHome } from '../files/path.ts';

export const user = defineState({
  name: 'user',
  summary: 'A user: ids, groups, home, shell, password hash, expiry, SSH key.',
  description:
    'As `ansible.builtin.user`. Works with the shadow tools, and with busybox as far as adduser goes. The hash of a ' +
    'password is never an argument of a command on the host. Left out: `local`, `seuser`, the BSD and Solaris ' +
    'parameters, `ssh_key_passphrase`, `uid_min`/`uid_max`. `ssh_key_file` follows `ssh_key_type`. The returned `groups` is a list ' +
    '(Ansible: a text); `ssh_fingerprint`, `password`, `stdout` and `stderr` are not returned.',
  params: userParams,
  returns: Type.Object({
    name: Type.String(),
    state: Type.String(),
    uid: Type.Optional(Type.Integer({ description: 'The id.' })),
    group: Type.Optional(Type.Integer({ description: 'The id of the primary group.' })),
    groups: Type.Optional(Type.Array(Type.String(), { description: 'The other groups.' })),
    home: Type.Optional(Type.String()),
    shell: Type.Optional(Type.String()),
    comment: Type.Optional(Type.String()),
    append: Type.Optional(Type.Boolean({ description: 'As asked for.' })),
    create_home: Type.Optional(Type.Boolean({ description: 'As asked for.' })),
    move_home: Type.Optional(Type.Boolean({ description: 'As asked for.' })),
    system: Type.Optional(Type.Boolean({ description: 'As asked for.' })),
    remove: Type.Optional(Type.Boolean({ description: 'As asked for, where there is no such user.' })),
    force: Type.Optional(Type.Boolean({ description: 'As asked for, where there is no such user.' })),
    ssh_key_file: Type.Optional(Type.String()),
    ssh_public_key: Type.Optional(Type.String({ description: 'Where `generate_ssh_key` is set.' })),
  }),
  secretParams: ['password'],
  elsewhere: {
    createhome: 'Write `create_home`.',
    user: 'Write `name`.',
    local: 'useradd and usermod are always used; leave it out.',
    ssh_key_passphrase: 'A generated key has none.',
  },
  examples: [
    {
      title: 'an operator with a shell and a group more',
      yaml: `
        - user: {name: ada, groups: [sudo], append: true, shell: /bin/bash, comment: Ada Lovelace}
      `,
    },
    {
      title: 'a service account without a home',
      yaml: `
        - user: {name: agent, system: true, create_home: false, home: /var/lib/agent, shell: /usr/sbin/nologin}
      `,
    },
    {
      title: 'remove a user and the home',
      yaml: '- user: {name: leaver, state: absent, remove: true}',
      given: 'useradd -m leaver',
    },
  ],

  probe: probeUser,
  read: readUser,
  compare: compareUser,
  apply: applyUser,
  touches: (p) => [`user:${p.name}`, `group:${p.name}`, pathSubject(p.home ?? usualHome(p.name))],
  reads: (p) => groupsAsked(p).map((name) => `group:${name}` as const),
  foresee: foreseeUser,
  effects: userEffects,

  result: ({ account }, p) => ({
    name: p.name,
    state: account ? 'present' : 'absent',
    ...(!account && { remove: p.remove ?? false, force: p.force ?? false }),
    ...(account && {
      append: p.append ?? false,
      create_home: p.create_home ?? true,
      move_home: p.move_home ?? false,
      system: p.system ?? false,
      uid: account.uid,
      group: account.gid,
      groups: [...account.groups],
      home: account.home,
      shell: account.shell,
      comment: account.comment,
    }),
    ...(account?.publicKey !== undefined && {
      ssh_key_file: `${account.home}/${keyFileOf(p)}`,
      ssh_public_key: account.publicKey,
    }),
  }),
});
