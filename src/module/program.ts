import { SlipwayError } from '../base/errors.ts';

/**
 * A piece of POSIX sh to be run on a host. It is only ever built by the `sh` tag, which quotes every argument; text
 * that must reach the shell unquoted needs a visible `raw(...)`.
 */
export interface Program {
  readonly text: string;
  /** Its output tells when it ran (`clock`). */
  readonly timed?: boolean;
  /** Bytes of its output that are kept, where the usual ones may be too few. */
  readonly limit?: number | undefined;
  /** Prints lines and nothing else: its output may come in one piece, as a shell's `$( )` gives it. */
  readonly inLines?: boolean;
  /** Of a probe that may be asked in one step with others: fewer programs are started than in a step for each. */
  readonly joint?: Joint;
}

export interface Joint {
  /** One program for several with this same function: each prints what it would alone, then a line JOINT_END. */
  readonly join: (joints: readonly Joint[]) => Program;
  /** What is asked once for all. */
  readonly shared: readonly Raw[];
  /** The text that takes the answer from there. */
  readonly text: string;
}

export const JOINT_END = '\u001d';

/** Text that goes into a program as it stands. */
export interface Raw {
  readonly raw: string;
}

export type ShellArgument =
  | string
  | number
  | boolean
  | Program
  | Raw
  | readonly ShellArgument[]
  | undefined
  | null;

/** One shell word, quoted so that no shell changes it. @throws {SlipwayError} task.invalid when it holds a NUL. */
export function quote(word: string): string {
  if (word.includes('\0')) {
    throw new SlipwayError('task.invalid', 'An argument for a shell holds a NUL character', {
      hint: 'Send the content as a file with `copy`.',
    });
  }
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

export function raw(text: string): Raw {
  return { raw: text };
}

function argument(value: ShellArgument): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'string') return quote(value);
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if ('raw' in value) return value.raw;
  if ('text' in value) return value.text;
  return value.map(argument).join(' ');
}

/**
 * Builds a Program. Interpolated strings become one quoted word, arrays become quoted words, Programs are put in as
 * they are, `undefined` and `null` vanish. Common indentation and the outer blank lines are removed. Backslashes reach
 * the shell as written; only `\${` stands for the shell's own `${`.
 *
 *     sh`install -d -m ${mode} ${path}`
 */
export function sh(strings: TemplateStringsArray, ...values: ShellArgument[]): Program {
  const template = templateOf(strings);
  let text = template[0] ?? '';
  values.forEach((value, index) => {
    text += argument(value) + (template[index + 1] ?? '');
  });
  return { text };
}

/** Programs one after the other, each on lines of its own. Undefined ones are left out. */
export function lines(...programs: readonly (Program | undefined | false)[]): Program {
  const there = programs.flatMap((program) => program || []);
  return there.length === 1 ? there[0]! : { text: there.map(({ text }) => text).join('\n') };
}

/**
 * Says of a probe that it prints lines: no NUL, one newline at the end, and nothing that it starts keeps stdout open.
 * Then its output comes in one message in place of one for each line.
 */
export function inLines(program: Program): Program {
  return { ...program, inLines: true };
}

// A template is the same object each time its place in the code is reached.
const templates = new WeakMap<TemplateStringsArray, readonly string[]>();

function templateOf(strings: TemplateStringsArray): readonly string[] {
  let template = templates.get(strings);
  if (!template) {
    template = dedent(strings.raw.map((part) => part.replaceAll('\\${', '${')));
    templates.set(strings, template);
  }
  return template;
}

// Works on the fixed parts only, so that the text of arguments is never re-indented.
function dedent(parts: readonly string[]): string[] {
  if (!parts.some((part) => part.includes('\n'))) return [...parts];
  let margin = Infinity;
  parts.forEach((part, index) => {
    part.split('\n').forEach((line, at, all) => {
      if (at === 0) return;
      const blank = line.trim() === '' && (at < all.length - 1 || index === parts.length - 1);
      if (!blank) margin = Math.min(margin, line.length - line.trimStart().length);
    });
  });
  const cut = Number.isFinite(margin) ? margin : 0;
  const out = parts.map((part) =>
    part
      .split('\n')
      .map((line, at) => (at === 0 ? line : line.slice(Math.min(cut, line.length - line.trimStart().length))))
      .join('\n'),
  );
  out[0] = out[0]!.replace(/^[ \t]*\n/, '');
  const last = out.length - 1;
  out[last] = out[last]!.replace(/\n[ \t]*$/, '');
  return out;
}
