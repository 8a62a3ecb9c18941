import { Type } from 'typebox';
import { SlipwayError } from '../../base/errors.ts';
import { defineState, type Difference, type Verdict } from '../../module/contract.ts';
import { editFile, type Edited } from '../files/edit-file.ts';
import { fileReturns } from '../files/file-result.ts';
import { attributeParams } from '../files/params.ts';
import { byWay, type Way, way } from '../files/way.ts';
import { type Bcrypt, loadBcrypt } from './bcrypt.ts';

const PRIVATE = '0640';

interface Wanted {
  readonly path: string;
  readonly name: string;
  /** Undefined: the user goes. */
  readonly password: string | undefined;
}

export const htpasswd = defineState({
  name: 'htpasswd',
  summary: 'A user and the password in an htpasswd file, as registries and web servers read it.',
  description: `
As \`community.general.htpasswd\`, and nothing has to be installed on the host: passwords are hashed here, with bcrypt,
which all that read such files understand; a hash of another kind is replaced. The password itself stays on the
controller. Lines of other users stay.
`,
  params: Type.Object({
    path: Type.String({ description: 'The file.', minLength: 1 }),
    name: Type.String({ description: 'The user.', pattern: '^[^:\\s]+$' }),
    password: Type.Optional(
      Type.String({
        description: 'The password, up to 72 bytes; what is longer does not count in bcrypt.',
        minLength: 1,
      }),
    ),
    state: Type.Optional(
      Type.Enum(['present', 'absent'], { default: 'present', description: 'Whether the user may log in.' }),
    ),
    create: Type.Optional(
      Type.Boolean({ default: true, description: 'Make the file where it is not there.' }),
    ),
    ...attributeParams,
    mode: Type.Optional(
      Type.String({ default: PRIVATE, description: 'Permissions: octal digits in quotes, or symbolic.' }),
    ),
  }),
  returns: Type.Object(fileReturns),
  secretParams: ['password'],
  elsewhere: {
    username: 'Write `name`.',
    dest: 'Write `path`.',
    hash_scheme: 'It is always bcrypt; leave it out.',
    crypt_scheme: 'It is always bcrypt; leave it out.',
  },
  examples: [
    {
      title: 'who may use a registry',
      yaml: `
        - htpasswd: {path: /srv/slipway-htpasswd, name: ci, password: not so secret}
          become: true
      `,
    },
    {
      title: 'somebody may not any more',
      given: "printf 'ada:x\\neve:y\\n' > /srv/slipway-users; chmod 640 /srv/slipway-users",
      yaml: `
        - htpasswd: {path: /srv/slipway-users, name: eve, state: absent}
          become: true
      `,
    },
  ],

  prepare: async (p): Promise<Way> => {
    const bcrypt = await loadBcrypt();
    const absent = p.state === 'absent';
    if (!absent && p.password === undefined)
      throw new SlipwayError('task.invalid', `there is no password for ${p.name}`, {
        hint: 'Give `password`, or `state: absent`.',
      });
    if (!absent && bcrypt.isTooLong(p.password!))
      throw new SlipwayError('task.invalid', `the password of ${p.name} has more than 72 bytes`, {
        hint: 'bcrypt does not look further; give a shorter one.',
      });
    const wanted: Wanted = { path: p.path, name: p.name, password: absent ? undefined : p.password };
    const attributes = { mode: p.mode ?? PRIVATE, owner: p.owner, group: p.group };
    const file = editFile(
      { path: p.path, create: p.create ?? true, ...attributes },
      {
        edit: (text) => edit(text, wanted, bcrypt),
        settled: absent ? `has no ${p.name}` : `has this password for ${p.name}`,
        absentIsFine: absent,
      },
    );
    return way({ ...file, compare: (current) => withoutContent(file.compare(current), wanted) });
  },
  ...byWay,
  result: (current, ready) => ready.result(current),
  forecast: (to, current, ready) => ready.forecast?.(to, current) ?? {},
});

function edit(text: string, { name, password }: Wanted, bcrypt: Bcrypt): Edited {
  const rows = text === '' ? [] : text.replace(/\n$/, '').split('\n');
  const own = rows.filter((row) => row.startsWith(`${name}:`));
  const others = (row: string) => !row.startsWith(`${name}:`);
  if (password === undefined)
    return { text: own.length === 0 ? text : joined(rows.filter(others)), msg: `${name} is removed` };
  const [first] = own;
  if (own.length === 1 && bcrypt.fits(password, first!.slice(name.length + 1))) return { text, msg: '' };
  const line = `${name}:${bcrypt.hash(password)}`;
  if (first === undefined) return { text: joined([...rows, line]), msg: `${name} is not in it` };
  const at = rows.indexOf(first);
  const kept = [...rows.slice(0, at).filter(others), line, ...rows.slice(at).filter(others)];
  return { text: joined(kept), msg: `${name} has another password` };
}

const joined = (rows: readonly string[]) => rows.map((row) => `${row}\n`).join('');

/** Whose password changes, in place of the lines with the hashes. */
function withoutContent<Change>(verdict: Verdict<Change>, { path, name, password }: Wanted): Verdict<Change> {
  if (verdict.verdict !== 'change') return verdict;
  const diff = verdict.diff.map((one): Difference => {
    if (one.kind !== 'content') return one;
    const known = one.before?.split('\n').some((row) => row.startsWith(`${name}:`)) === true;
    return {
      subject: `${path} ${name}`,
      kind: 'value',
      ...(known && { before: password === undefined ? 'a password' : 'another password' }),
      ...(password !== undefined && { after: 'a password' }),
    };
  });
  return { ...verdict, diff };
}
