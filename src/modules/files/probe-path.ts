import {
  inLines,
  type Joint,
  JOINT_END,
  lines,
  type Program,
  type Raw,
  raw,
  sh,
} from '../../module/program.ts';
import { pathWord } from './path.ts';

/** Content up to this many bytes travels inside a program and is shown in diffs. */
export const INLINE_LIMIT = 64 * 1024;

export interface ProbeOptions {
  /** Hash a regular file. Default true. */
  readonly hash?: boolean;
  /**
   * Send the content back: always, or only when its hash is not the wanted one (so that a settled host answers in a
   * few bytes). Default: never.
   */
  readonly content?: 'always' | { readonly unless: string; readonly size?: number };
  /** Larger content is not sent back. Bytes, default INLINE_LIMIT. */
  readonly limit?: number;
  /** When the path is a directory, look at this name inside it instead. */
  readonly inside?: string | undefined;
  /** Name the newest backup beside it. */
  readonly backup?: boolean;
  /** Look at what a link points to, too. Default true. */
  readonly follow?: boolean;
  /** Name the path that a link comes to in the end. */
  readonly realPath?: boolean;
}

/** What `statOf` reads: type and mode, owner, size, links, inode, device, times, names. */
export const STAT = '%f %u %g %s %h %i %d %X %Y %Z %U:%G';

/** As base64 it comes within the usual limit of output. */
const USUAL = 512 * 1024;

/**
 * Read-only sh that tells all of one path: type, mode, owner, size, times, link target, hash and (where asked)
 * content. `readPath` reads it. Several may follow each other in one program: `readPaths`.
 *
 * A process costs a host more than all else here: nothing is started for what is not there, and one `stat` for what is,
 * or for several paths that are asked together.
 */
export function probePath(path: string, options: ProbeOptions = {}): Program {
  const word = pathWord(path);
  const asked = sh`if [ -e "$f" ] || [ -L "$f" ]; then s=$(stat -c ${STAT} "$f" 2>/dev/null); fi`;
  const known = sh`
    case $known in
      *"$nl$f$nl"*) s=\${known#*"$nl$f$nl"}; s=\${s%%"$nl"*} ;;
      *) ${asked} ;;
    esac
  `;
  const limit =
    options.limit !== undefined && options.limit > USUAL ? options.limit * 1.4 + USUAL : undefined;
  const alone = { ...inLines(textOf(word, asked, options)), limit };
  if (path.includes('\n')) return alone;
  return {
    ...alone,
    joint: { join: joinPaths, shared: [word], text: textOf(word, known, options).text },
  };
}

/** Names and what `stat` says of them, in turn, each on a line. */
function joinPaths(joints: readonly Joint[]): Program {
  const all = lines(
    sh`
      nl=${'\n'}
      known=$nl$(stat -c ${`%n\n${STAT}`} -- ${joints.flatMap(({ shared }) => shared)} 2>/dev/null)$nl
    `,
    ...joints.flatMap(({ text }) => [sh`${raw(text)}`, sh`echo ${JOINT_END}`]),
  );
  return inLines(all);
}

function textOf(word: Raw, own: Program, options: ProbeOptions): Program {
  const { content } = options;
  return lines(
    sh`f=${word}`,
    options.inside !== undefined && sh`if [ -d "$f" ]; then f=\${f%/}/${options.inside}; echo inside; fi`,
    // "$s" ends as what `stat` says of the real thing.
    sh`
      s=
      ${own}
      if [ -n "$s" ]; then echo "own $s"; elif [ -d "\${f%/*}/" ]; then echo absent; else echo orphan; fi
      if [ -L "$f" ]; then printf 'target %s\n' "$(readlink "$f")"; fi
    `,
    options.follow !== false &&
      sh`
        if [ -L "$f" ]; then
          s=
          if [ -e "$f" ]; then s=$(stat -L -c ${STAT} "$f" 2>/dev/null); echo "real $s"; fi
        fi
      `,
    options.realPath === true &&
      sh`if [ -L "$f" ] && [ -e "$f" ]; then printf 'realpath %s\n' "$(readlink -f "$f")"; fi`,
    options.backup === true && newestBackup(),
    content !== undefined
      ? contentUnless(content, options.limit ?? INLINE_LIMIT)
      : options.hash !== false && hash(),
    sh`echo end`,
  );
}

function newestBackup(): Program {
  return sh`
    b=
    for x in "$f".*~; do
      if [ -e "$x" ] && { [ -z "$b" ] || [ "$x" -nt "$b" ]; }; then b=$x; fi
    done
    if [ -n "$b" ]; then printf 'backup %s\n' "$b"; fi
  `;
}

function hash(): Program {
  return sh`
    if [ -f "$f" ]; then
      { h=$(sha256sum < "$f"); } 2>/dev/null
      echo "sha256 \${h%% *}"
    fi
  `;
}

/** Content that comes back is hashed here; on the host only what stays there, and what may be the wanted content. */
function contentUnless(
  content: 'always' | { readonly unless: string; readonly size?: number },
  limit: number,
): Program {
  const send = sh`echo content; base64 < "$f"`;
  const hashed = sh`{ h=$(sha256sum < "$f"); } 2>/dev/null; h=\${h%% *}; echo "sha256 $h"`;
  const start = sh`
    if [ -f "$f" ]; then
      set -- $s; n=\${4:-0}
  `;
  if (content === 'always')
    return sh`
      ${start}
        if [ -r "$f" ] && [ "$n" -le ${limit} ]; then ${send}
        else ${hashed}; fi
      fi
    `;
  const other = content.size === undefined ? undefined : sh`[ "$n" -ne ${content.size} ] && `;
  const may = sh`[ -r "$f" ] && [ "$n" -le ${limit} ]`;
  return lines(
    start,
    other && sh`  if ${other}${may}; then ${send}; else`,
    sh`
        ${hashed}
        if [ "$h" != ${content.unless} ] && ${may}; then ${send}; fi
    `,
    other && sh`  fi`,
    sh`fi`,
  );
}
