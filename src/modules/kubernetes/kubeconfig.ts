import { Type } from 'typebox';
import {
  change,
  defineState,
  type Difference,
  impossible,
  same,
  type Verdict,
} from '../../module/contract.ts';
import { lines, type Program, sh } from '../../module/program.ts';
import { section, sections, words } from './sections.ts';
import { Unclear } from '../../module/outlook.ts';
import { usualHome } from '../files/path.ts';
import { type ExpectedPath, pathSubject } from '../files/expected.ts';
import { API } from './outlook.ts';

const params = Type.Object({
  user: Type.Optional(Type.String({ default: 'root', description: 'Whose it is.' })),
  src: Type.Optional(
    Type.String({ default: '/etc/kubernetes/admin.conf', description: 'The kubeconfig on the host.' }),
  ),
  dest: Type.Optional(
    Type.String({ description: "Absolute path; default: `.kube/config` in the user's home." }),
  ),
  server: Type.Optional(
    Type.String({ description: 'Address to put in place of the one in `src`: `https://10.0.0.11:6443`.' }),
  ),
  backup: Type.Optional(
    Type.Boolean({
      default: true,
      description: 'Keep a file that differs beside the new one, with the time.',
    }),
  ),
});

type Params = { user?: string; src?: string; dest?: string; server?: string; backup?: boolean };

interface File {
  readonly mode: string;
  readonly uid: string;
  readonly gid: string;
  readonly sha256: string;
}

interface Current {
  readonly path: string;
  /** uid and gid; undefined where there is no such user. */
  readonly owner: { readonly uid: string; readonly gid: string } | undefined;
  /** What the file should come to; undefined while `src` is not there. */
  readonly wanted: string | undefined;
  readonly file: File | undefined;
}

interface Plan {
  readonly backup: boolean;
}

export const kubeconfig = defineState({
  name: 'kubeconfig',
  summary: "A user's kubeconfig on a host, copied from the cluster's own.",
  description: `
Only the user can read it (0600), the folder is made where it is missing, and a file with other content is kept beside
it. For the kubeconfig of the person who runs Slipway see \`kubeconfig_fetch\`.
`,
  params,
  returns: Type.Object({ path: Type.String({ description: 'Where it is.' }) }),
  examples: [
    {
      title: 'let root use kubectl',
      yaml: `
        - kubeconfig: {user: root}
          become: true
      `,
      given: `
        mkdir -p /etc/kubernetes
        printf 'apiVersion: v1\\nkind: Config\\nclusters: []\\n' > /etc/kubernetes/admin.conf
      `,
    },
  ],

  probe: (p) =>
    lines(
      where(p),
      section('user'),
      sh`echo "$owner"`,
      section('path'),
      sh`echo "$f"`,
      section('wanted'),
      sh`if [ -s ${srcOf(p)} ]; then ${content(p)} | sha256sum; fi`,
      section('file'),
      sh`if [ -f "$f" ]; then stat -c '%a %u %g' "$f"; sha256sum < "$f"; fi`,
    ),

  read: (output): Current => {
    const parts = sections(output.stdout);
    const [uid, gid] = words(parts.get('user'));
    const [mode, fileUid, fileGid, sha256] = words(parts.get('file'));
    return {
      path: parts.get('path') ?? '',
      owner: uid === undefined || gid === undefined ? undefined : { uid, gid },
      wanted: words(parts.get('wanted'))[0],
      file: mode && fileUid && fileGid && sha256 ? { mode, uid: fileUid, gid: fileGid, sha256 } : undefined,
    };
  },

  compare: (current, p): Verdict<Plan> => {
    const { path, owner, wanted, file } = current;
    if (owner === undefined)
      return impossible(`there is no user ${p.user ?? 'root'} on the host`, 'Make the user first.');
    if (file === undefined)
      return change(`${path} is not there`, [{ subject: path, after: `a copy of ${srcOf(p)}` }], {
        backup: false,
      });
    const diff: Difference[] = [];
    if (file.sha256 !== wanted)
      diff.push({ subject: path, before: 'other content', after: `a copy of ${srcOf(p)}` });
    if (file.mode !== '600') diff.push({ subject: `${path} mode`, before: `0${file.mode}`, after: '0600' });
    if (file.uid !== owner.uid || file.gid !== owner.gid)
      diff.push({
        subject: `${path} owner`,
        before: `${file.uid}:${file.gid}`,
        after: `${owner.uid}:${owner.gid}`,
      });
    if (diff.length === 0) return same(`${path} is the cluster's and 0600`);
    const differs = file.sha256 !== wanted;
    return change(differs ? `${path} differs from ${srcOf(p)}` : `${path} has other rights`, diff, {
      backup: differs && p.backup !== false,
    });
  },

  apply: ({ backup }, p) =>
    lines(
      sh`
        set -e
        s=${srcOf(p)}
        [ -s "$s" ] || { echo "$s is not there; has kubeadm init finished?" >&2; exit 1; }
      `,
      where(p),
      sh`
        u=\${owner% *}; g=\${owner#* }; d=\${f%/*}
        [ -d "$d" ] || { mkdir -p "$d"; chmod 700 "$d"; chown "$u:$g" "$d"; }
        t=$(mktemp "$f.XXXXXX")
        trap 'rm -f "$t"' 0
        ${content(p)} > "$t"
        chmod 600 "$t"; chown "$u:$g" "$t"
      `,
      backup && sh`cp -p "$f" "$f.$(date +%Y%m%d%H%M%S)~"`,
      sh`mv -f "$t" "$f"`,
    ),

  touches: (p) => [pathSubject(p.dest ?? `${usualHome(p.user ?? 'root')}/.kube/config`)],
  reads: (p) => [`user:${p.user ?? 'root'}`, pathSubject(srcOf(p))],
  foresee: (current, p, outlook) => {
    const user = outlook.of(`user:${p.user ?? 'root'}`);
    if (user) return new Unclear(user.by);
    const own = outlook.concerning([pathSubject(current.path)]);
    const gone = (own?.state as ExpectedPath | undefined)?.state.own === undefined;
    if (own && !(own.state && gone)) return new Unclear(own.by);
    const src = outlook.concerning([pathSubject(srcOf(p))]);
    const file = own ? undefined : current.file;
    // That of a new cluster is another one for sure.
    const another = src && outlook.of(API)?.state === 'new';
    if (src && !another && file) return new Unclear(src.by);
    return { ...current, file, wanted: another ? 'another' : current.wanted };
  },
  effects: (_plan, current) => [{ subject: pathSubject(current.path) }],
  result: (current) => ({ path: current.path }),
  forecast: (_, current) => ({ path: current.path }),
});

const srcOf = (p: Params) => p.src ?? '/etc/kubernetes/admin.conf';

/** Sets `owner` ("uid gid") and `f`, the path of the file. */
function where(p: Params): Program {
  const user = p.user ?? 'root';
  return lines(
    sh`owner=$(awk -F: -v u=${user} '$1 == u { print $3 " " $4 }' /etc/passwd)`,
    p.dest === undefined
      ? sh`f=$(awk -F: -v u=${user} '$1 == u { print $6 }' /etc/passwd)/.kube/config`
      : sh`f=${p.dest}`,
  );
}

/** Prints what the file should hold. */
function content(p: Params): Program {
  if (p.server === undefined) return sh`cat ${srcOf(p)}`;
  return sh`sed ${`s|^\\( *server: \\).*|\\1${p.server.replace(/[\\&|]/g, '\\$&')}|`} ${srcOf(p)}`;
}
