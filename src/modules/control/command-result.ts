import { Type } from 'typebox';
import { SlipwayError } from '../../base/errors.ts';
import type { Output } from '../../transport/types.ts';
import type { Conditions } from './guard.ts';
import { timesOf } from './times.ts';

/** Parameters of `command`, `shell` and `script` alike. */
export const conditionParams = {
  chdir: Type.Optional(Type.String({ description: 'Change to this folder first.' })),
  creates: Type.Optional(
    Type.String({ description: 'A path or pattern: when something matches it, the step is skipped.' }),
  ),
  removes: Type.Optional(
    Type.String({ description: 'A path or pattern: when nothing matches it, the step is skipped.' }),
  ),
};

export const inputParams = {
  stdin: Type.Optional(Type.String({ description: 'Text for its standard input; else that is empty.' })),
  stdin_add_newline: Type.Optional(
    Type.Boolean({ default: true, description: 'Add a line break to `stdin`.' }),
  ),
  strip_empty_ends: Type.Optional(
    Type.Boolean({ default: true, description: 'Remove line breaks from the end of stdout and stderr.' }),
  ),
};

const time = (description: string) =>
  Type.Optional(
    Type.Union([Type.String(), Type.Null()], { description: `${description} Null when it was not run.` }),
  );

export const timeReturns = {
  start: time("When it was started, by the host's clock: `2026-01-31 12:00:00.120000`."),
  end: time('When it had ended.'),
  delta: time('How long it took: `0:00:01.230000`. In hundredths of a second.'),
  msg: Type.String({ description: 'Why it was not run; else empty.' }),
};

export const commandReturns = {
  rc: Type.Integer({ description: 'Exit code.' }),
  stdout: Type.String({ description: 'What it printed.' }),
  stderr: Type.String({ description: 'What it printed as errors.' }),
  stdout_lines: Type.Array(Type.String(), { description: '`stdout` by lines.' }),
  stderr_lines: Type.Array(Type.String(), { description: '`stderr` by lines.' }),
  truncated: Type.Optional(
    Type.Boolean({ description: 'True when the output was too long and its middle was left out.' }),
  ),
};

export interface CommandResult {
  rc: number;
  stdout: string;
  stderr: string;
  stdout_lines: string[];
  stderr_lines: string[];
  truncated?: boolean;
  start?: string;
  end?: string;
  delta?: string;
}

/** What a command came to. @throws {SlipwayError} task.command, with the same fields in `data`, on a non-zero exit */
export function commandResult<C>(output: Output, cmd: C, strip = true): CommandResult & { cmd: C } {
  const stdout = strip ? output.stdout.replace(/[\r\n]+$/, '') : output.stdout;
  const stderr = strip ? output.stderr.replace(/[\r\n]+$/, '') : output.stderr;
  const result = {
    cmd,
    rc: output.code,
    stdout,
    stderr,
    stdout_lines: byLines(stdout),
    stderr_lines: byLines(stderr),
    ...(output.truncated === true && { truncated: true }),
    ...(output.clock && timesOf(output.clock)),
  };
  if (output.code !== 0) throw failed(result);
  return result;
}

/** What Ansible says of a command that `creates` or `removes` made needless. */
export function notRun<C>(why: string, p: Conditions, cmd: C, check: boolean) {
  const reason =
    p.creates !== undefined && (p.removes === undefined || why.endsWith(' exists'))
      ? `${p.creates} exists`
      : `${p.removes} does not exist`;
  const quoted = reason.replace(/^(.*) (exists|does not exist)$/s, "'$1' $2");
  return {
    changed: false,
    cmd,
    rc: 0,
    stdout: `skipped, since ${reason}`,
    stderr: '',
    stdout_lines: [`skipped, since ${reason}`],
    stderr_lines: [],
    msg: `${check ? 'Would' : 'Did'} not run command since ${quoted}`,
    start: null,
    end: null,
    delta: null,
  };
}

function byLines(text: string): string[] {
  return text === '' ? [] : text.replace(/\r?\n$/, '').split(/\r?\n/);
}

const SHOWN_LINES = 5;

function failed(result: CommandResult): SlipwayError {
  const said = result.stderr_lines.some((line) => line.trim() !== '')
    ? result.stderr_lines
    : result.stdout_lines;
  const tail = said.filter((line) => line.trim() !== '').slice(-SHOWN_LINES);
  const how = result.rc > 128 ? `was ended by signal ${result.rc - 128}` : `exited with ${result.rc}`;
  return new SlipwayError('task.command', `the command ${how}${tail.length ? `: ${tail.join('\n')}` : ''}`, {
    ...(HINTS[result.rc] !== undefined && { hint: HINTS[result.rc] }),
    data: { ...result },
  });
}

const HINTS: Readonly<Record<number, string>> = {
  126: 'It was found but may not be executed: look at its mode, and at noexec mounts.',
  127: 'No such program was found: is its package installed, and is it on PATH?',
  137: 'Something killed it: often the kernel, for want of memory.',
};
