import { type Program, sh } from '../../module/program.ts';
import type { Output } from '../../transport/types.ts';
import { firstOf, readValues } from './report.ts';
import { groupsOf, keyFileOf, type UserParams } from './user-params.ts';

/** The fields of /etc/shadow that matter; undefined where it may not be read. */
export interface Shadow {
  readonly password: string;
  readonly min: number | undefined;
  readonly max: number | undefined;
  readonly warn: number | undefined;
  readonly inactive: number | undefined;
  /** Days since 1970; undefined: never. */
  readonly expires: number | undefined;
}

export interface Account {
  readonly uid: number;
  readonly gid: number;
  readonly comment: string;
  readonly home: string;
  readonly shell: string;
  /** Name of the primary group. */
  readonly group: string;
  /** Names of the other groups. */
  readonly groups: readonly string[];
  readonly homeExists: boolean;
  readonly shadow: Shadow | undefined;
  /** The public key beside the key file asked for. */
  readonly publicKey: string | undefined;
}

export interface UserState {
  readonly account: Account | undefined;
  /** Groups that were named and exist: name to id. */
  readonly known: ReadonlyMap<string, number>;
  /** Another user who has the wanted uid. */
  readonly takenBy: string | undefined;
  /** A group with the user's name exists. */
  readonly ownGroup: boolean;
  readonly hasShadowTools: boolean;
}

export function probeUser(p: UserParams): Program {
  const groups = [...new Set([p.name, ...(p.group === undefined ? [] : [p.group]), ...(groupsOf(p) ?? [])])];
  return sh`
    u=${p.name}
    l=$({ getent passwd "$u" || grep "^$u:" /etc/passwd; } 2>/dev/null | grep "^$u:")
    printf 'passwd %s\n' "$l"
    printf 'shadow '; { getent shadow "$u" || grep -F "$u:" /etc/shadow || echo; } 2>/dev/null
    if [ -n "$l" ]; then
      printf 'primary '; id -gn "$u"
      printf 'all '; id -Gn "$u"
      h=$(printf '%s' "$l" | cut -d : -f 6)
      if [ -d "$h" ]; then echo home; fi
      ${p.generate_ssh_key ? sh`k=${keyFileOf(p)}; case $k in /*) ;; *) k=$h/$k ;; esac; printf 'key %s\n' "$(head -n 1 "$k.pub" 2>/dev/null)"` : undefined}
    fi
    for g in ${groups}; do
      { getent group "$g" || grep -F "$g:" /etc/group || grep ":$g:" /etc/group; } 2>/dev/null | sed 's/^/group /'
    done
    ${p.uid === undefined ? undefined : sh`printf 'taken '; { getent passwd ${p.uid} || grep ${`:${p.uid}:`} /etc/passwd || echo; } 2>/dev/null`}
    if command -v useradd >/dev/null; then echo tools; fi
  `;
}

export function readUser(output: Output, p: UserParams): UserState {
  const values = readValues(output.stdout);
  const named = (key: string) =>
    values(key)
      .map((line) => line.split(':'))
      .find(([name]) => name === p.name);
  const groups = values('group').map((line) => line.split(':'));
  const taken = values('taken')
    .map((line) => line.split(':'))
    .find((fields) => fields[2] === String(p.uid) && fields[0] !== p.name);
  return {
    account: account(named('passwd'), named('shadow'), values),
    known: new Map(
      groups.flatMap(([name, , gid]) => [
        [name!, Number(gid)],
        [gid!, Number(gid)],
      ]),
    ),
    takenBy: taken?.[0],
    ownGroup: groups.some(([name]) => name === p.name),
    hasShadowTools: values('tools').length > 0,
  };
}

function account(
  passwd: string[] | undefined,
  shadow: string[] | undefined,
  values: (key: string) => string[],
): Account | undefined {
  if (!passwd) return undefined;
  const [, , uid, gid, comment, home, shell] = passwd;
  const group = firstOf(values, 'primary') ?? gid!;
  const all = (firstOf(values, 'all') ?? '').split(/\s+/).filter((name) => name !== '');
  return {
    uid: Number(uid),
    gid: Number(gid),
    comment: comment ?? '',
    home: home ?? '',
    shell: shell ?? '',
    group,
    groups: all.filter((name) => name !== group),
    homeExists: values('home').length > 0,
    shadow: shadow && readShadow(shadow),
    publicKey: firstOf(values, 'key'),
  };
}

function readShadow(fields: readonly string[]): Shadow {
  const number = (at: number) => (fields[at] ? Number(fields[at]) : undefined);
  return {
    password: fields[1] ?? '',
    min: number(3),
    max: number(4),
    warn: number(5),
    inactive: number(6),
    expires: number(7),
  };
}
