import { SlipwayError } from '../../base/errors.ts';
import type { Difference } from '../../module/contract.ts';
import type { Host } from '../../module/host.ts';
import type { Doer, Effect, Outlook, Unclear } from '../../module/outlook.ts';
import { lines, type Program, sh } from '../../module/program.ts';
import type { Attributes } from '../files/attributes.ts';
import { becomes, foreseePath, NOTHING, stateAfter } from '../files/expected.ts';
import { type PathState, readPath, sha256, textOf } from '../files/path-state.ts';
import { probePath } from '../files/probe-path.ts';
import { putContent } from '../files/put-content.ts';

/** Files of the system that modules edit are text and small; a block list in /etc/hosts may be some 100 KiB. */
const LIMIT = 1024 * 1024;

/** Read-only sh that tells all of a text file, with its content. */
export function probeText(path: string): Program {
  return probePath(path, { content: 'always', limit: LIMIT });
}

/**
 * Read-only sh that tells all of a text file, and behind it what some other files hold and its content, by one `cat`:
 * two programs. (The files of /proc/sys give a shell's `read`, which asks for one byte at a time, the first byte only.)
 */
export function probeTextBehind(path: string, others: readonly string[]): Program {
  return lines(
    probePath(path, { hash: false }),
    textFile(),
    sh`echo text | cat ${others} - "$t" 2>/dev/null`,
    sh`exit 0`,
  );
}

/** After `probePath`: `"$t"` is the file, if its content may be sent, else nothing. */
export function textFile(): Program {
  return sh`
    t=/dev/null
    if [ -f "$f" ] && [ -r "$f" ]; then
      set -- $s
      if [ "\${4:-0}" -le ${LIMIT} ]; then t=$f; fi
    fi
  `;
}

/** Reads what `probeTextBehind` prints. The file's size tells where its content starts. */
export function readTextBehind(stdout: string): { readonly file: PathState; readonly others: string } {
  const file = readPath(stdout);
  const rest = Buffer.from(stdout.slice(stdout.search(/^end$/m) + 'end\n'.length));
  const size = file.real?.type === 'file' ? file.real.size : 0;
  const start = rest.length - size;
  const mark = Buffer.from('text\n');
  if (start < mark.length || !rest.subarray(start - mark.length, start).equals(mark))
    return { file, others: rest.toString() };
  return {
    file: withText(file, rest.subarray(start)),
    others: rest.toString('utf8', 0, start - mark.length),
  };
}

/** A file with the content that came by another way than `probePath`. */
export function withText(file: PathState, bytes: Uint8Array): PathState {
  return file.real?.type === 'file' ? { ...file, bytes, sha256: sha256(bytes) } : file;
}

/** The file's text; '' where there is none. @throws {SlipwayError} task.failed when it cannot be edited as text */
export function textIn(state: PathState, path: string): string {
  if (!state.real) return '';
  const text = textOf(state.bytes);
  if (text !== undefined) return text;
  const why = state.real.type !== 'file' ? `is a ${state.real.type}` : 'cannot be read as text';
  throw new SlipwayError('task.failed', `${path} ${why}`, {
    hint: `Look at it; files of more than ${LIMIT} bytes are not edited. Set \`become: true\` where it may not be read.`,
  });
}

/** A text file as the tasks before would have left it. */
export function foreseeText(path: string, file: PathState, outlook: Outlook): PathState | Unclear {
  return foreseePath(path, file, outlook, { content: 'bytes' });
}

/** What the edits leave behind. */
export function editEffects(edits: readonly TextEdit[], doer: Doer): Effect[] {
  return edits.map(({ path, current, text, attributes = {} }) => {
    if (text === undefined) return becomes(path, NOTHING);
    const given = current.own ? {} : attributes;
    return becomes(
      path,
      stateAfter(current, { type: 'file', attributes: given, bytes: Buffer.from(text) }, doer),
    );
  });
}

/** What a file shall hold. */
export interface TextEdit {
  readonly path: string;
  readonly current: PathState;
  /** Undefined: it shall not be there. */
  readonly text: string | undefined;
  /** For a file that is made. One that is there keeps what it has. */
  readonly attributes?: Attributes;
  readonly backup?: boolean | undefined;
}

/** The difference to the file as it is, or undefined where there is none. */
export function textDifference(edit: TextEdit): Difference | undefined {
  const before = edit.current.real ? textIn(edit.current, edit.path) : undefined;
  if (before === edit.text) return undefined;
  return { subject: edit.path, kind: 'content', before, after: edit.text };
}

export interface Around {
  /** Run before the files are written. */
  readonly before?: Program | undefined;
  /** Run when they are in place. */
  readonly after?: Program | undefined;
}

/**
 * Writes the files, each atomically and only if it is still what the probe saw, with sh before and after. One program,
 * unless a file is so large that it has to be streamed.
 */
export function applyEdits(
  edits: readonly TextEdit[],
  around: Around = {},
): Program | ((host: Host) => Promise<void>) {
  const steps = edits.map(stepOf);
  if (steps.every((step): step is Program => typeof step !== 'function'))
    return lines(sh`set -e`, around.before, ...steps.map((step) => lines(sh`(`, step, sh`)`)), around.after);
  return async (host) => {
    if (around.before) await host.run(around.before);
    for (const step of steps) await (typeof step === 'function' ? step(host) : host.run(step));
    if (around.after) await host.run(around.after);
  };
}

function stepOf(edit: TextEdit): Program | ((host: Host) => Promise<void>) {
  const { path, current, text, attributes, backup } = edit;
  if (text === undefined) return sh`rm -f ${path}`;
  const folder = path.slice(0, path.lastIndexOf('/'));
  const put = putContent({
    path,
    current,
    content: { bytes: Buffer.from(text) },
    follow: true,
    unchanged: true,
    ...(attributes && !current.own && { attributes }),
    backup,
  });
  if (current.parent || typeof put === 'function' || folder === '') return put;
  return lines(sh`mkdir -p ${folder}`, put);
}
