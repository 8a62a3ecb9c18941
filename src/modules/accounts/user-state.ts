import { inLines, type Program, sh } from '../../module/program.ts';
import type { Output } from '../../transport/types.ts';
import { databases, literal, rowsOf } from './database.ts';
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
  const name = literal(p.name);
  const ids = [...groups.filter((group) => /^\d+$/.test(group)), ...(p.uid === undefined ? [] : [p.uid])];
  const taken = p.uid === undefined ? [] : [String(p.uid)];
  return inLines(sh`
    u=${p.name}
    ${databases(
      ['/etc/passwd', '/etc/shadow', '/etc/group'],
      [
        `^(${groups.map(literal).join('|')}):`,
        `^[^:]*:[^:]*:[0-9]*:(.*,)?${name}(,.*)?$`,
        ...(ids.length === 0 ? [] : [`^[^:]*:[^:]*:(${ids.join('|')}):`]),
      ],
    )}
    case $far$own$v in
      systemd*/etc/passwd:"$u":*|/*|'') ;;
      *)
        ask() {
          d=$1; shift
          IFS='
    '
          for l in $(getent "$d" "$@" 2>/dev/null); do echo "/etc/$d:$l"; v="$v
    /etc/$d:$l"; done
          unset IFS
        }
        ask passwd "$u" ${taken}
        case $far$v in
          [!/]*|*/etc/passwd:"$u":*)
            ask shadow "$u"
            ask group ${groups}
            printf 'primary '; id -gn "$u" 2>/dev/null || echo
            printf 'all '; id -Gn "$u" 2>/dev/null || echo ;;
        esac ;;
    esac
    IFS='
    '
    for l in $v; do
      case $l in /etc/passwd:"$u":*)
        IFS=:
        set -- \${l#/etc/passwd:}:x
        unset IFS
        h=$6
        if [ -d "$h" ]; then echo home; fi
        ${p.generate_ssh_key ? sh`k=${keyFileOf(p)}; case $k in /*) ;; *) k=$h/$k ;; esac; if [ -r "$k.pub" ]; then read -r k < "$k.pub"; printf 'key %s\n' "$k"; fi` : undefined}
        case $v in */etc/group:*:*:$4:*) ;; *) grep -sEH "^[^:]*:[^:]*:$4:" /etc/group /dev/null ;; esac
        break ;;
      esac
    done
    unset IFS
    if command -v useradd >/dev/null; then echo tools; fi
  `);
}

export function readUser(output: Output, p: UserParams): UserState {
  const values = readValues(output.stdout);
  const named = (database: 'passwd' | 'shadow') =>
    rowsOf(output.stdout, database).find(([name]) => name === p.name);
  const groups = rowsOf(output.stdout, 'group');
  const taken = rowsOf(output.stdout, 'passwd').find(
    (fields) => fields[2] === String(p.uid) && fields[0] !== p.name,
  );
  return {
    account: account(p.name, named('passwd'), named('shadow'), groups, values),
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
  name: string,
  passwd: string[] | undefined,
  shadow: string[] | undefined,
  groups: readonly string[][],
  values: (key: string) => string[],
): Account | undefined {
  if (!passwd) return undefined;
  const [, , uid, gid, comment, home, shell] = passwd;
  // A directory service knows of groups that are in no file.
  const group = firstOf(values, 'primary') ?? groups.find((row) => row[2] === gid)?.[0] ?? gid!;
  const all =
    firstOf(values, 'all')?.split(/\s+/) ??
    groups.filter((row) => row[3]?.split(',').includes(name)).map((row) => row[0]!);
  return {
    uid: Number(uid),
    gid: Number(gid),
    comment: comment ?? '',
    home: home ?? '',
    shell: shell ?? '',
    group,
    groups: [...new Set(all)].filter((one) => one !== group && one !== ''),
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
