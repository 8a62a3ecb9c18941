import { lines, type Program, raw, sh } from '../../module/program.ts';
import { literal } from '../accounts/database.ts';
import { type PathState, readPath } from '../files/path-state.ts';
import { probePath } from '../files/probe-path.ts';
import { textFile, withText } from '../system/managed-file.ts';
import { escapeField, unescapeField } from './fstab.ts';

/** What is mounted at a path: the uppermost, if several are. */
export interface LiveMount {
  readonly type: string;
  readonly source: string;
  /** Of the mount and of its file system together. */
  readonly options: readonly string[];
  /** How many are mounted there, one over the other. */
  readonly depth: number;
}

export interface MountState {
  readonly live: LiveMount | undefined;
  /** What stands there while nothing is mounted; `full` has files in it, `other` is a file or a link. */
  readonly point: 'empty' | 'full' | 'other' | undefined;
  readonly fstab: PathState;
  /** What `src` comes to when links are followed, and the same of what is mounted; undefined where it is no path. */
  readonly wantedSource: string | undefined;
  readonly liveSource: string | undefined;
}

export interface MountQuestion {
  readonly path: string;
  readonly src: string | undefined;
  readonly bind: boolean;
  readonly fstab: string;
}

/**
 * Read-only sh that tells what is mounted and what fstab says. Nothing looks into a mounted file system, except for a
 * bind mount: a server that is gone would hang it.
 */
export function probeMount(question: MountQuestion): Program {
  const { path, src, bind, fstab } = question;
  const source = src === undefined ? undefined : devicePath(src);
  const asked = ` ${literal(escapeField(path))} `;
  return lines(
    probePath(fstab, { hash: false }),
    textFile(),
    sh`
      a=$(grep -sahE ${`${NO_MOUNT}|${asked}`} /proc/self/mountinfo "$t"; echo .)
      o=${path}; p=$o
      ${mountLines('$a')}
      if [ -z "$m" ]; then
        if [ -L "$p" ]; then
          p=$(readlink -f "$p")
          printf 'real %s\n' "$p"
          b=$(grep -F -- " $(printf %s "$p" | sed 's/\\/\\134/g; s/ /\\040/g') " /proc/self/mountinfo)
          ${mountLines('$b')}
        fi
        if [ -L "$o" ]; then echo 'point other'
        elif [ -d "$p" ]; then
          set +f
          w=empty
          for l in "$p"/* "$p"/.[!.]* "$p"/..?*; do
            if [ -e "$l" ] || [ -L "$l" ]; then w=full; break; fi
          done
          echo "point $w"
        elif [ -e "$p" ]; then echo 'point other'; fi
      fi
      set +f
    `,
    source !== undefined && (bind ? sameInode(source) : sameDevice(source)),
    sh`printf 'text\n%s' "$a"`,
  );
}

/** Any line but one of mountinfo, which starts with two numbers. So one `grep` reads fstab, too. */
const NO_MOUNT = '^ |^([0-9]+( [0-9]+)?)?([^0-9 ]|$)|^[0-9]+ ([^0-9]|$)';

/** Prints the lines of mountinfo among some lines; the last is `"$m"`. */
function mountLines(lines: string): Program {
  return sh`
    set -f; IFS='
    '
    m=
    for l in ${raw(lines)}; do
      x=\${l%%[!0-9]*}; r=\${l#"$x "}; y=\${r%%[!0-9]*}
      if [ -n "$x" ] && [ -n "$y" ] && [ "$r" != "$l" ] && [ "\${r#"$y "}" != "$r" ]; then m=$l; printf 'mount %s\n' "$l"; fi
    done
    unset IFS
  `;
}

function sameInode(source: string): Program {
  return sh`
    if [ ${source} -ef "$p" ]; then echo 'wanted same'; echo 'live same'
    elif [ -e ${source} ] && [ -e "$p" ]; then echo 'wanted this'; echo 'live other'; fi
  `;
}

function sameDevice(source: string): Program {
  return sh`
    l=\${m#* - }; l=\${l#* }; l=\${l%% *}
    case $l in
      /dev/loop*) if [ -f ${source} ]; then read -r l < "/sys/block/\${l#/dev/}/loop/backing_file"; fi ;;
    esac
    case $l in /*)
      if [ ${source} -ef "$l" ]; then echo 'wanted same'; echo 'live same'
      elif [ -e ${source} ]; then
        printf 'wanted %s\n' "$(readlink -f ${source})"
        printf 'live %s\n' "$(readlink -f "$l")"
      fi ;;
    esac
  `;
}

/** Where udev puts what fstab calls `UUID=...`. */
function devicePath(src: string): string | undefined {
  const tag = /^(UUID|LABEL|PARTUUID|PARTLABEL)="?([^"]*)"?$/.exec(src);
  if (tag) return `/dev/disk/by-${tag[1]!.toLowerCase()}/${tag[2]}`;
  return src.startsWith('/') && !src.startsWith('//') ? src : undefined;
}

export function readMount(stdout: string, question: MountQuestion): MountState {
  const head = stdout.slice(0, textStart(stdout));
  const value = (key: string) => new RegExp(`^${key} (.*)$`, 'm').exec(head)?.[1];
  const real = value('real') ?? question.path;
  const mounts = [...head.matchAll(/^mount (.*)$/gm)].flatMap((found) => parseMount(found[1]!, real));
  const last = mounts.at(-1);
  return {
    live: last && { ...last, depth: mounts.length },
    point: value('point') as MountState['point'],
    fstab: readFstab(stdout),
    wantedSource: value('wanted'),
    liveSource: value('live'),
  };
}

function textStart(stdout: string): number {
  const at = stdout.search(/^text$/m);
  return at === -1 ? stdout.length : at;
}

/** The last line has got an end of line if it had none. Another size than the file's means that it is no text. */
function readFstab(stdout: string): PathState {
  const file = readPath(stdout);
  const size = file.real?.size ?? 0;
  const lines = stdout
    .slice(textStart(stdout) + 'text\n'.length)
    .replace(/\.$/, '')
    .split('\n');
  const text = Buffer.from(lines.filter((line) => !/^\d+ \d+ /.test(line)).join('\n'));
  const extra = text.length - size;
  return extra === 0 || extra === 1 ? withText(file, text.subarray(0, size)) : file;
}

/** A line of /proc/self/mountinfo, if it is about this path. */
function parseMount(line: string, path: string): Omit<LiveMount, 'depth'>[] {
  const [left = '', right = ''] = line.split(' - ');
  const [, , , , point = '', options = ''] = left.split(' ');
  const [type = '', source = '', more = ''] = right.split(' ');
  if (unescapeField(point) !== path) return [];
  return [{ type, source: unescapeField(source), options: [...options.split(','), ...more.split(',')] }];
}
