import { type Static, Type } from 'typebox';
import { SlipwayError } from '../../base/errors.ts';
import { change, defineState, type Difference, impossible, same } from '../../module/contract.ts';
import { type Outlook, Unclear } from '../../module/outlook.ts';
import { lines, type Program, raw, sh } from '../../module/program.ts';
import { editKeys, parseKeyLine } from '../accounts/authorized-keys.ts';
import { databases, literal } from '../accounts/database.ts';
import { firstOf, readValues } from '../accounts/report.ts';
import { usualHome } from '../files/path.ts';
import { octal } from '../files/mode.ts';
import { becomes, NOTHING, pathSubject, stateAfter } from '../files/expected.ts';
import { type PathState, readPath } from '../files/path-state.ts';
import { foreseeText, probeText, textIn } from './managed-file.ts';
import { applyKeys, type KeysChange } from '../accounts/authorized-keys-apply.ts';

const params = Type.Object({
  user: Type.String({ description: 'Whose keys.', pattern: '^[^-:\\s][^:\\s]*$' }),
  key: Type.String({ description: 'Public keys, one a line, as in the file.' }),
  state: Type.Optional(
    Type.Enum(['present', 'absent'], { default: 'present', description: 'There or not.' }),
  ),
  path: Type.Optional(
    Type.String({ description: 'The file; default: `.ssh/authorized_keys` in the home directory.' }),
  ),
  manage_dir: Type.Optional(
    Type.Boolean({ default: true, description: 'Make the directory, with owner and mode 0700.' }),
  ),
  key_options: Type.Optional(
    Type.String({ description: 'Options before the keys: `no-pty,from="10.0.0.*"`.' }),
  ),
  comment: Type.Optional(Type.String({ description: 'The comment after the keys, instead of their own.' })),
  exclusive: Type.Optional(
    Type.Boolean({ default: false, description: 'Remove all other keys. Comments in the file stay.' }),
  ),
  follow: Type.Optional(
    Type.Boolean({ default: true, description: 'Write to what a link points to. Ansible: false.' }),
  ),
});

/** Whether the shell knows the home directory by `~name`; it asks what the host asks for accounts, without a program. */
function asksShell(p: { user: string }): boolean {
  return /^[A-Za-z_][\w.-]*$/.test(p.user);
}

/** Prints the user's entry and keeps the home directory in `"$h"`. */
function passwdEntry(user: string): Program {
  return sh`
    ${databases(['/etc/passwd'], [`^${literal(user)}:`])}
    case $far$own$v in
      systemd*/etc/passwd:"$u":*|/*|'') ;;
      *) v=/etc/passwd:$(getent passwd "$u" 2>/dev/null) ;;
    esac
    IFS='
    '
    for l in $v; do
      case $l in /etc/passwd:"$u":*)
        l=\${l#/etc/passwd:}
        printf 'user %s\n' "$l"
        IFS=:; set -- $l:x; h=$6
        break ;;
      esac
    done
    set +f; unset IFS
  `;
}

interface Current {
  readonly file: PathState;
  /** The path, with the home directory put in. */
  readonly path: string;
  readonly user: { readonly uid: string; readonly gid: string } | undefined;
}

/** The keys asked for. @throws {SlipwayError} task.invalid on a line that is no key */
function keysOf(p: Static<typeof params>) {
  const parsed = p.key
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.trim().startsWith('#'))
    .map(parseKeyLine);
  const wrong = parsed.find(({ key }) => key === undefined);
  if (wrong)
    throw new SlipwayError('task.invalid', `this is no public key: ${wrong.text.slice(0, 60)}`, {
      hint: 'Give the text of a .pub file, as `ssh-ed25519 AAAA... comment`. URLs are not fetched.',
    });
  if (parsed.length === 0 && !p.exclusive)
    throw new SlipwayError('task.invalid', 'key is empty', { hint: 'Give the text of a .pub file.' });
  return parsed.map(({ key }) => key!);
}

export const authorizedKey = defineState({
  name: 'authorized_key',
  summary: 'SSH keys that may log in as a user.',
  description:
    'As `ansible.posix.authorized_key`. A key is found by its type and data; other lines stay as they are. The file ' +
    'gets the owner and mode 0600 that sshd asks for. Left out: keys from a URL, `validate_certs`.',
  params,
  returns: Type.Object({
    user: Type.String(),
    keyfile: Type.String({ description: 'The file.' }),
    exclusive: Type.Boolean(),
    state: Type.String(),
    key: Type.String({ description: 'As given.' }),
    key_options: Type.Optional(Type.String({ description: 'As given.' })),
    path: Type.Optional(Type.String({ description: 'As given; the file itself is `keyfile`.' })),
    manage_dir: Type.Boolean(),
  }),
  elsewhere: {
    validate_certs: 'Give the key itself, or a file of this machine.',
  },
  examples: [
    {
      title: 'let somebody in',
      yaml: `
        - authorized_key:
            user: root
            key: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGTqjmXrtVzNHhUTdyrnRpZWbbzRtFNHzNmyp2lTnVSG ada@example.org
      `,
    },
  ],

  probe: (p) =>
    lines(
      sh`u=${p.user} h= l=`,
      asksShell(p)
        ? sh`h=${raw(`~${p.user}`)}; if [ "$h" = ${`~${p.user}`} ]; then h=; fi`
        : passwdEntry(p.user),
      p.path === undefined
        ? sh`p=$h/.ssh/authorized_keys`
        : sh`p=${p.path}; case $p in '~/'*) p=$h/\${p#'~/'} ;; esac`,
      sh`printf 'path %s\n' "$p"`,
      // The path is known to the host only.
      { text: probeText('/PATH').text.replace('f=/PATH', 'f=$p') },
      // The owner of the file is known already; who else asks has an entry read.
      asksShell(p) &&
        sh`
          case $s in
            *" $u:"*) set -- $s; printf 'user %s::%s:%s::%s:\n' "$u" "$2" "$3" "$h" ;;
            *)
              ${passwdEntry(p.user)} ;;
          esac
        `,
    ),

  read: (output, p): Current => {
    keysOf(p);
    const values = readValues(output.stdout);
    const [, , uid, gid] = firstOf(values, 'user')?.split(':') ?? [];
    return {
      file: readPath(output.stdout),
      path: firstOf(values, 'path') ?? '',
      user: uid !== undefined && gid !== undefined ? { uid, gid } : undefined,
    };
  },

  compare: (current, p) => {
    const { user, path, file } = current;
    if (!user && p.state === 'absent') return same(`there is no user ${p.user}`);
    if (!user) return impossible(`there is no user ${p.user}`, 'Make it with the module `user` first.');
    const absent = p.state === 'absent';
    const text = textIn(file, path);
    const after = editKeys(text, {
      keys: keysOf(p),
      absent,
      exclusive: p.exclusive ?? false,
      options: p.key_options,
      comment: p.comment,
    });
    const diff: Difference[] = [];
    if (after !== text)
      diff.push({ subject: path, kind: 'content', ...(file.real && { before: text }), after });
    const strict = file.real && (file.real.mode & 0o022) !== 0;
    if (strict && !absent)
      diff.push({ subject: `${path} mode`, before: octal(file.real.mode), after: '0600' });
    if (file.real && !absent && String(file.real.uid) !== user.uid)
      diff.push({ subject: `${path} owner`, before: file.real.owner, after: p.user });
    if (diff.length === 0) return same(absent ? `none of the keys is in ${path}` : `the keys are in ${path}`);
    return change<KeysChange>(`${path} differs`, diff, {
      path,
      text: after,
      user,
      mode: strict || !file.real ? '0600' : octal(file.real.mode),
      follow: p.follow ?? true,
      manageDir: p.manage_dir ?? true,
      known: file.sha256,
    });
  },

  apply: applyKeys,
  touches: (p) => [pathSubject(usualPath(p))],
  reads: (p) => [`user:${p.user}`],
  foresee: (current, p, outlook) => {
    const user = outlook.of(`user:${p.user}`);
    if (user && !(user.state === 'present' && !current.user)) return new Unclear(user.by);
    // Who is made by then has a home, and no keys in it.
    if (user) return newcomers(p, outlook);
    const file = foreseeText(current.path, current.file, outlook);
    return file instanceof Unclear ? file : { ...current, file };
  },
  effects: ({ path, text, mode, user }, { file }, p, doer) => {
    const owner = user.uid === UNTOLD ? p.user : user.uid;
    const made = { type: 'file', attributes: { mode, owner }, bytes: Buffer.from(text) } as const;
    return [becomes(path, stateAfter(file, made, doer))];
  },

  result: (current, p) => ({
    user: p.user,
    keyfile: current.path,
    exclusive: p.exclusive ?? false,
    state: p.state ?? 'present',
    key: p.key,
    ...(p.key_options !== undefined && { key_options: p.key_options }),
    ...(p.path !== undefined && { path: p.path }),
    manage_dir: p.manage_dir ?? true,
  }),
});

function usualPath(p: { user: string; path?: string }): string {
  const home = usualHome(p.user);
  return p.path === undefined ? `${home}/.ssh/authorized_keys` : p.path.replace(/^~\//, `${home}/`);
}

/** An id that only the host will give. */
const UNTOLD = '-1';

/** The keys of somebody whom a task before makes. */
function newcomers(p: { user: string; path?: string }, outlook: Outlook): Current | Unclear {
  const path = usualPath(p);
  const then = outlook.of(pathSubject(path));
  const file = then ? foreseeText(path, NOTHING, outlook) : NOTHING;
  return file instanceof Unclear ? file : { file, path, user: { uid: UNTOLD, gid: UNTOLD } };
}
