import { isUtf8 } from 'node:buffer';
import { SlipwayError } from '../../base/errors.ts';
import type { Host } from '../../module/host.ts';
import { lines, type Program, type Raw, raw, sh } from '../../module/program.ts';
import {
  type Attributes,
  missingAttributes,
  newAttributes,
  type Setting,
  setAttributes,
} from './attributes.ts';
import { resolveMode } from './mode.ts';
import { pathWord } from './path.ts';
import { type PathState, sha256, type Stat } from './path-state.ts';
import { INLINE_LIMIT } from './probe-path.ts';
import { splitWords } from './split-words.ts';

/** Content for a file on a host: bytes, or a file on the controller whose hash is known. */
export type NewContent =
  | { readonly bytes: Uint8Array }
  | { readonly path: string; readonly size: number; readonly sha256: string };

export interface Put {
  /** Where, as the user wrote it. */
  readonly path: string;
  readonly content: NewContent;
  /** What the probe found there. Its mode and owner stay, unless `attributes` says otherwise. */
  readonly current: PathState;
  readonly attributes?: Attributes;
  readonly backup?: boolean | undefined;
  /** A command with `%s`. */
  readonly validate?: string | undefined;
  /** Write to what a link points to; else a link is replaced by the file. */
  readonly follow?: boolean | undefined;
  /** Fail when the file is no longer what the probe saw: for modules that edit what is there. */
  readonly unchanged?: boolean;
  /** Run first, in the same program: making the directory, say. */
  readonly before?: Program | undefined;
  /** Write into the file itself, not beside it. */
  readonly inPlace?: boolean | undefined;
}

type Apply = Program | ((host: Host) => Promise<void>);

/**
 * Puts content into a file in one step that is either done or not: a temporary file beside the target gets the bytes
 * and the attributes, its hash is checked, `validate` runs on it, and then it is renamed. Small content is part of the
 * program; larger content is streamed into the same program. The directory must exist.
 */
export function putContent(put: Put): Apply {
  const { content } = put;
  if ('bytes' in content && content.bytes.length <= INLINE_LIMIT)
    return putProgram(put, writeTo(content.bytes), sha256Of(content));
  return async (host) => {
    await host.send(content, putProgram(put, sh`cat > "$t"`, sha256Of(content)));
  };
}

/**
 * The program behind `putContent`, for content that the host makes itself: `write` is sh that fills `"$t"`.
 * `hash` is what the result must have; undefined when that is not known.
 */
export function putProgram(put: Omit<Put, 'content'>, write: Program, hash: string | undefined): Program {
  return lines(
    sh`set -e`,
    put.before,
    sh`f=${pathWord(put.path)}`,
    put.follow === true && put.current.own?.type === 'link' && followLinks(),
    preconditions(put),
    sh`
      t=$(mktemp "\${f%/*}/.slipway.XXXXXX")
      trap 'rm -f "$t"' 0; trap 'exit 1' 1 2 15
    `,
    write,
    hash !== undefined && checkHash(hash),
    setAttributes(raw('"$t"'), attributesOf(put)) ?? sh`chmod =rw "$t"`,
    put.validate !== undefined && validation(put.validate),
    put.backup === true && sh`if [ -e "$f" ]; then cp -p "$f" "$f.$$.$(date +%Y-%m-%d@%H:%M:%S)~"; fi`,
    put.inPlace ? writeInto(put) : rename(put),
  );
}

export function sha256Of(content: NewContent): string {
  return 'bytes' in content ? sha256(content.bytes) : content.sha256;
}

/** Step by step: `readlink -f` never ends where a link leads into itself. */
function followLinks(): Program {
  return sh`
    n=0
    while [ -L "$f" ] && [ $n -lt 40 ]; do
      l=$(readlink "$f"); n=$((n + 1))
      case $l in /*) f=$l ;; *) f=\${f%/*}/$l ;; esac
    done
  `;
}

export function sizeOf(content: NewContent): number {
  return 'bytes' in content ? content.bytes.length : content.size;
}

/**
 * sh that writes some bytes to `"$t"`. Text travels as one quoted word, all else as base64; the limit on arguments does
 * not hold for builtins.
 */
export function writeTo(bytes: Uint8Array): Program {
  if (bytes.length === 0) return sh`: > "$t"`;
  const plain = isUtf8(bytes) && !/[\u0000-\u0008\u000b-\u001f\u007f]/.test(Buffer.from(bytes).toString());
  if (plain) return sh`printf %s ${Buffer.from(bytes).toString()} > "$t"`;
  return sh`printf %s ${Buffer.from(bytes).toString('base64')} | base64 -d > "$t"`;
}

function preconditions(put: Omit<Put, 'content'>): Program {
  const folder = sh`
    if [ ! -d "\${f%/*}/" ]; then echo "the directory of $f does not exist; make it first (file: state=directory)" >&2; exit 1; fi
  `;
  const notDirectory = sh`
    if [ -d "$f" ] && [ ! -L "$f" ]; then echo "$f is a directory" >&2; exit 1; fi
  `;
  if (!put.unchanged) return lines(folder, notDirectory);
  const changed = sh`{ echo "$f was changed by someone else meanwhile; run again" >&2; exit 1; }`;
  const known = put.current.sha256;
  return lines(
    folder,
    notDirectory,
    known === undefined
      ? sh`[ ! -e "$f" ] || ${changed}`
      : sh`case $(sha256sum < "$f") in ${known}*) ;; *) ${changed} ;; esac`,
  );
}

function checkHash(hash: string): Program {
  return sh`
    case $(sha256sum < "$t") in
      ${hash}*) ;;
      *) echo "the content did not arrive whole (sha256 differs); nothing was changed" >&2; exit 1 ;;
    esac
  `;
}

function fileThere(put: Omit<Put, 'content'>): Stat | undefined {
  const there = put.follow ? put.current.real : put.current.own;
  return there?.type === 'file' ? there : undefined;
}

/** What was asked for; for the rest, what the existing file has. */
function attributesOf(put: Omit<Put, 'content'>): Setting {
  const wanted = put.attributes ?? {};
  const there = fileThere(put);
  if (!there) return newAttributes(wanted, false);
  return {
    mode: wanted.mode === undefined ? there.mode : resolveMode(wanted.mode, there.mode, false),
    owner: wanted.owner ?? String(there.uid),
    group: wanted.group ?? String(there.gid),
  };
}

function validation(command: string): Program {
  const words = splitWords(command);
  if (!command.includes('%s'))
    throw new SlipwayError('schema.invalid-value', `validate has no %s: ${command}`, {
      hint: 'Write %s where the path of the new file belongs: validate: visudo -cf %s',
    });
  const quoted = words.map((word): Raw | string =>
    word === '%s' ? raw('"$t"') : word.includes('%s') ? raw(aroundPath(word)) : word,
  );
  return sh`${quoted} >&2 || { echo "validate failed; $f was left as it is" >&2; exit 1; }`;
}

function aroundPath(word: string): string {
  return word
    .split('%s')
    .map((part) => (part === '' ? '' : sh`${part}`.text))
    .join('"$t"');
}

/** Into the file itself, which keeps its attributes: those that were asked for are set on it. */
function writeInto(put: Omit<Put, 'content'>): Program {
  const there = fileThere(put);
  const wanted = put.attributes ?? {};
  const set = there ? missingAttributes(there, wanted) : newAttributes(wanted, false);
  return lines(sh`cat "$t" > "$f"`, setAttributes(raw('"$f"'), set));
}

// A mount point (the hosts file of a container) cannot be renamed over; a link to a directory would be moved into.
function rename(put: Omit<Put, 'content'>): Program {
  return sh`
    if grep -qsF " $f " /proc/self/mountinfo; then
      ${fileThere(put) ? writeInto(put) : sh`cat "$t" > "$f"`}
    else
      if [ -L "$f" ] && [ -d "$f" ]; then rm -f "$f"; fi
      if [ -e /sys/fs/selinux/enforce ] && [ -e "$f" ]; then chcon --reference="$f" "$t"; fi
      mv -f "$t" "$f"
    fi
  `;
}
