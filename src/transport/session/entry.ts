import { SlipwayError } from '../../base/errors.ts';
import type { Clock, Output, Step } from '../types.ts';
import { BoundedCollector, type Collector, DEFAULT_LIMIT } from './collector.ts';
import type { Body } from './frame.ts';

/** A step on its way through a session. */
export interface Entry {
  readonly step: Step;
  /** Value of the environment variable that marks the step's processes. */
  readonly tag: string;
  readonly stdout: Collector;
  readonly stderr: Collector;
  /** Undefined until a staged script has arrived on the host. */
  body: Body | undefined;
  /** Whether its frame has been written to a shell. */
  written: boolean;
  settled: boolean;
  timer: NodeJS.Timeout | undefined;
  readonly resolve: (output: Output | undefined) => void;
  readonly reject: (error: unknown) => void;
}

export function createEntry(step: Step, tag: string, settle: Pick<Entry, 'resolve' | 'reject'>): Entry {
  const limit = step.limit ?? DEFAULT_LIMIT;
  const { onOutput } = step;
  return {
    step,
    tag,
    stdout: new BoundedCollector(limit, onOutput && ((text) => onOutput('stdout', text))),
    stderr: new BoundedCollector(limit, onOutput && ((text) => onOutput('stderr', text))),
    body: undefined,
    written: false,
    settled: false,
    timer: undefined,
    ...settle,
  };
}

export function outputOf(entry: Pick<Entry, 'stdout' | 'stderr'>, code: number, clock?: Clock): Output {
  const { stdout, stderr } = entry;
  const output = { code, stdout: stdout.text(), stderr: stderr.text(), ...(clock && { clock }) };
  return stdout.truncated || stderr.truncated ? { ...output, truncated: true } : output;
}

/** Reads what a marker carries: the exit code, and of a timed step its clock. */
export function readValue(value: string): { readonly code: number; readonly clock?: Clock } {
  const [code = '', begun, ended, date, at] = value.split(' ');
  if (!begun || !ended || !date || !at) return { code: Number(code) };
  return { code: Number(code), clock: { begun: Number(begun), ended: Number(ended), date, at: Number(at) } };
}

/** What a step had printed when it was ended, for an error's data. */
function partial(entry: Entry): Readonly<Record<string, unknown>> {
  const bytes = { stdout: entry.stdout.total, stderr: entry.stderr.total };
  return { stdout: entry.stdout.text(), stderr: entry.stderr.text(), bytes };
}

const seconds = (milliseconds: number) => `${Math.round(milliseconds / 100) / 10} s`;

/** @param left what the kill script said: `gone`, or `left PID...`, or nothing where it could not be run. */
export function timeoutError(host: string, entry: Entry, left: string | undefined): SlipwayError {
  const timeout = entry.step.timeout ?? 0;
  return new SlipwayError(
    'task.timeout',
    `${host}: the step took longer than its timeout of ${seconds(timeout)}${remains(left)}`,
    {
      hint: 'Give it a longer `timeout`, or find out from its output what it was waiting for.',
      data: { host, timeout, ...partial(entry) },
    },
  );
}

export function cancelledError(host: string, entry: Entry, left: string | undefined): SlipwayError {
  return new SlipwayError('task.cancelled', `${host}: the step was stopped${remains(left)}`, {
    hint: entry.written
      ? 'What it had begun is not undone: run the playbook again to finish it.'
      : 'It had not been started.',
    data: { host, started: entry.written, ...partial(entry) },
  });
}

function remains(left: string | undefined): string {
  if (left === undefined || left === 'passed')
    return ', and its processes may still be running (they could not be reached)';
  return left.startsWith('left') ? `, and processes of it are still running:${left.slice(4)}` : '';
}

export function shellError(host: string, entry: Entry, why: string): SlipwayError {
  return new SlipwayError('connect.shell', `${host}: the shell ended in the middle of a step (${why})`, {
    hint: 'Its outcome is not known, and it is not run again by itself: look at what the script does to its shell ($$).',
    data: { host, ...partial(entry) },
  });
}

export function lostError(host: string, cause: Error, entry?: Entry): SlipwayError {
  if (cause instanceof SlipwayError && cause.code !== 'connect.lost') return cause;
  const during = entry?.written ? ' in the middle of a step; whether it finished is not known' : '';
  return new SlipwayError('connect.lost', `${host}: the connection was lost${during}`, {
    hint: 'Check the network and the host, then run again: what is done already is found done.',
    data: { host, started: entry?.written ?? false, ...(entry ? partial(entry) : {}) },
    cause,
  });
}
