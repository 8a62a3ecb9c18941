import { type Program, sh } from '../../module/program.ts';

export interface KeysChange {
  readonly path: string;
  readonly text: string;
  readonly user: { readonly uid: string; readonly gid: string };
  readonly mode: string;
  readonly follow: boolean;
  readonly manageDir: boolean;
  /** Hash of the file as it was read; undefined where there was none. */
  readonly known: string | undefined;
}

/**
 * Directory and file with the modes that sshd insists on. A directory or file below a home belongs to its user, who may
 * put links there: what is written is checked to be no link first, unless `follow` says so.
 */
export function applyKeys(change: KeysChange): Program {
  const owner = `${change.user.uid}:${change.user.gid}`;
  const folder = sh`
    d=\${f%/*}
    if [ ! -d "$d" ]; then mkdir -p "\${d%/*}/"; ( umask 077; mkdir "$d" ); chown ${owner} "$d"; fi
  `;
  return sh`
    set -e
    f=${change.path}
    ${change.follow ? sh`if [ -L "$f" ]; then f=$(readlink -f "$f"); fi` : undefined}
    ${change.manageDir ? folder : undefined}
    case $(cat "$f" 2>/dev/null | sha256sum) in
      ${change.known ?? EMPTY}*) ;;
      *) echo "$f was changed by someone else meanwhile; run again" >&2; exit 1 ;;
    esac
    t=$(mktemp "\${f%/*}/.slipway.XXXXXX")
    trap 'rm -f "$t"' 0; trap 'exit 1' 1 2 15
    printf %s ${change.text} > "$t"
    chown ${owner} "$t"
    chmod ${change.mode} "$t"
    mv -f "$t" "$f"
  `;
}

/** SHA-256 of nothing. */
const EMPTY = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
