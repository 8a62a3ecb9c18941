import { lines, type Program, raw, sh } from '../../module/program.ts';
import { sha256 } from '../files/path-state.ts';
import { withoutHeading } from './crontab.ts';

/** A user's own crontab, which only the program `crontab` may touch. */
export interface UserCrontab {
  readonly text: string;
  /** Of what `crontab -l` printed. */
  readonly sha256: string;
  readonly trouble: 'no program' | 'no user' | undefined;
}

/** `c` is crontab for that user: `-u` is for root only, and not needed for one's own. */
function define(user: string | undefined): Program {
  if (user === undefined) return sh`c() { crontab "$@"; }`;
  return sh`c() { if [ "$(id -un)" = ${user} ]; then crontab "$@"; else crontab -u ${user} "$@"; fi; }`;
}

/** Read-only sh. Root, who asks as a rule, needs no program to know who he is, and `~name` says whether there is a user. */
export function probeCrontab(user: string | undefined): Program {
  const known =
    user !== undefined && /^[A-Za-z_][\w.-]*$/.test(user)
      ? sh`h=${raw(`~${user}`)}; [ "$h" != ${`~${user}`} ]`
      : sh`id -u ${user} > /dev/null 2>&1`;
  return lines(
    define(user),
    user !== undefined &&
      sh`
        while read -r k n w; do case $k in Uid:) break ;; esac; done 2>/dev/null < /proc/self/status
        case $w in 0*) c() { crontab -u ${user} "$@"; } ;; esac
        if ! { ${known}; }; then echo 'trouble no user'; exit 0; fi
      `,
    sh`
      if ! command -v crontab > /dev/null; then echo 'trouble no program'; exit 0; fi
      echo crontab
      c -l 2>/dev/null | base64
    `,
  );
}

export function readCrontab(stdout: string): UserCrontab {
  const [, encoded = ''] = stdout.split(/^crontab$/m);
  const bytes = Buffer.from(encoded, 'base64');
  return {
    text: withoutHeading(bytes.toString('utf8')),
    sha256: sha256(bytes),
    trouble: /^trouble (no program|no user)$/m.exec(stdout)?.[1] as UserCrontab['trouble'],
  };
}

export function writeCrontab(
  user: string | undefined,
  current: UserCrontab,
  text: string,
  backup: boolean,
): Program {
  return lines(
    sh`set -e`,
    define(user),
    sh`
      case $(c -l 2>/dev/null | sha256sum) in
        ${current.sha256}*) ;;
        *) echo 'the crontab was changed by someone else meanwhile; run again' >&2; exit 1 ;;
      esac
    `,
    backup &&
      sh`( umask 077; c -l > /var/tmp/crontab.${user ?? raw('"$(id -un)"')}".$$.$(date +%Y-%m-%d@%H:%M:%S)~" 2>/dev/null || true )`,
    sh`printf %s ${text} | c -`,
  );
}
