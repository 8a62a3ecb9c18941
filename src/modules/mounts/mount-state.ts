import { lines, type Program, sh } from '../../module/program.ts';
import { type PathState, readPath } from '../files/path-state.ts';
import { probeText } from '../system/managed-file.ts';
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
  return lines(
    sh`
      o=${path}; p=$o
      m=$(grep -F -- ${` ${escapeField(path)} `} /proc/self/mountinfo)
      if [ -z "$m" ]; then
        if [ -L "$p" ]; then
          p=$(readlink -f "$p")
          printf 'real %s\n' "$p"
          m=$(grep -F -- " $(printf %s "$p" | sed 's/\\/\\134/g; s/ /\\040/g') " /proc/self/mountinfo)
        fi
        if [ -L "$o" ]; then echo 'point other'
        elif [ -d "$p" ]; then
          if ls -A "$p" | grep -q .; then echo 'point full'; else echo 'point empty'; fi
        elif [ -e "$p" ]; then echo 'point other'; fi
      fi
      [ -z "$m" ] || printf '%s\n' "$m" | sed 's/^/mount /'
    `,
    source !== undefined && (bind ? sameInode(source) : sameDevice(source)),
    probeText(fstab),
  );
}

function sameInode(source: string): Program {
  return sh`
    stat -L -c 'wanted %d:%i' ${source} 2>/dev/null
    stat -L -c 'live %d:%i' "$p" 2>/dev/null
  `;
}

function sameDevice(source: string): Program {
  return sh`
    if [ -e ${source} ]; then printf 'wanted %s\n' "$(readlink -f ${source})"; fi
    l=$(printf '%s\n' "$m" | sed -n '$s/.* - [^ ]* \([^ ]*\) .*/\1/p')
    case $l in
      /dev/loop*) if [ -f ${source} ]; then l=$(cat "/sys/block/\${l#/dev/}/loop/backing_file"); fi ;;
    esac
    case $l in /*) printf 'live %s\n' "$(readlink -f "$l")" ;; esac
  `;
}

/** Where udev puts what fstab calls `UUID=...`. */
function devicePath(src: string): string | undefined {
  const tag = /^(UUID|LABEL|PARTUUID|PARTLABEL)="?([^"]*)"?$/.exec(src);
  if (tag) return `/dev/disk/by-${tag[1]!.toLowerCase()}/${tag[2]}`;
  return src.startsWith('/') && !src.startsWith('//') ? src : undefined;
}

export function readMount(stdout: string, question: MountQuestion): MountState {
  const value = (key: string) => new RegExp(`^${key} (.*)$`, 'm').exec(stdout)?.[1];
  const real = value('real') ?? question.path;
  const mounts = [...stdout.matchAll(/^mount (.*)$/gm)].flatMap((found) => parseMount(found[1]!, real));
  const last = mounts.at(-1);
  return {
    live: last && { ...last, depth: mounts.length },
    point: value('point') as MountState['point'],
    fstab: readPath(stdout),
    wantedSource: value('wanted'),
    liveSource: value('live'),
  };
}

/** A line of /proc/self/mountinfo, if it is about this path. */
function parseMount(line: string, path: string): Omit<LiveMount, 'depth'>[] {
  const [left = '', right = ''] = line.split(' - ');
  const [, , , , point = '', options = ''] = left.split(' ');
  const [type = '', source = '', more = ''] = right.split(' ');
  if (unescapeField(point) !== path) return [];
  return [{ type, source: unescapeField(source), options: [...options.split(','), ...more.split(',')] }];
}
