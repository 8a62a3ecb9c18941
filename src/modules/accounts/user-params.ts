import { type Static, Type } from 'typebox';

const text = (description: string, more: object = {}) => Type.Optional(Type.String({ description, ...more }));
const flag = (by: boolean, description: string) => Type.Optional(Type.Boolean({ default: by, description }));
const days = (description: string) => Type.Optional(Type.Integer({ description }));

export const userParams = Type.Object({
  name: Type.String({ description: 'The name to log in with.', pattern: '^[^-:\\s][^:\\s]*$' }),
  state: Type.Optional(
    Type.Enum(['present', 'absent'], { default: 'present', description: 'There or not.' }),
  ),
  uid: Type.Optional(Type.Integer({ minimum: 0, description: 'The id; default: the next free one.' })),
  non_unique: flag(false, 'Allow a uid that another user has.'),
  group: text('The primary group, which must exist; default: a group of the same name.'),
  groups: Type.Optional(
    Type.Union([Type.String(), Type.Array(Type.String())], {
      description:
        'Further groups, as a list or with commas. An empty list takes the user out of all others.',
    }),
  ),
  append: flag(false, 'Only add to `groups`; take the user out of none.'),
  comment: text('The full name (GECOS).'),
  home: text('The home directory.'),
  create_home: flag(true, 'Make the home directory where it is missing.'),
  move_home: flag(false, 'Move the old home directory when `home` changes.'),
  skeleton: text('The directory that a new home is copied from.', { default: '/etc/skel' }),
  umask: text('The umask for a new home.', { pattern: '^[0-7]{3,4}$' }),
  shell: text('The login shell.'),
  system: flag(false, 'Take the ids from the system range. Only when the user is made.'),
  password: text('The hash of the password (`mkpasswd --method=sha-512`), or `*` or `!` for none.'),
  update_password: Type.Optional(
    Type.Enum(['always', 'on_create'], {
      default: 'always',
      description: 'Whether the password of a user who is there is changed.',
    }),
  ),
  password_lock: Type.Optional(
    Type.Boolean({ description: 'Lock or unlock the password. SSH keys still work.' }),
  ),
  password_expire_max: days('Days after which the password must be changed.'),
  password_expire_min: days('Days before the password may be changed again.'),
  password_expire_warn: days('Days of warning before the password expires.'),
  password_expire_account_disable: days('Days after that until the account is disabled.'),
  expires: Type.Optional(
    Type.Number({ description: 'When the account expires, in seconds since 1970; negative: never.' }),
  ),
  remove: flag(false, 'With `absent`: remove the home and the mail, too.'),
  force: flag(false, 'With `absent`: also while the user is logged in.'),
  generate_ssh_key: flag(false, 'Make a key pair without a passphrase where there is none.'),
  ssh_key_type: text('Its type.', { default: 'rsa' }),
  ssh_key_bits: Type.Optional(Type.Integer({ description: 'Its size; default: that of ssh-keygen.' })),
  ssh_key_file: text('Its file, from the home directory on; default: `.ssh/id_TYPE`.'),
  ssh_key_comment: text('Its comment; default: `ansible-generated on HOST`.'),
});

export type UserParams = Static<typeof userParams>;

/** Undefined where they were not given at all. */
export function groupsOf(p: UserParams): string[] | undefined {
  if (p.groups === undefined) return undefined;
  const list = typeof p.groups === 'string' ? p.groups.split(',') : p.groups;
  return list.map((name) => name.trim()).filter((name) => name !== '');
}

export function keyFileOf(p: UserParams): string {
  return p.ssh_key_file ?? `.ssh/id_${p.ssh_key_type ?? 'rsa'}`;
}
