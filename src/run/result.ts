import type { SlipwayError } from '../base/errors.ts';
import { sanitise } from '../base/sanitise.ts';
import { Unknown } from '../expression/types.ts';
import type { Diff, Forecast } from '../events/types.ts';
import type { Difference } from '../module/contract.ts';
import { bounded } from './failure.ts';

/** What one call of a module on one host came to. */
export interface Outcome {
  readonly status: 'ok' | 'changed' | 'skipped' | 'failed';
  /** Completes "already so: ...", "skipped: ...", or says what was done. */
  readonly why?: string | undefined;
  /** Only in a dry run, of what would touch a host. */
  readonly forecast?: Forecast;
  /** The task that the forecast presumes to change nothing that matters here. */
  readonly assuming?: string | undefined;
  /** Whether it changes something cannot be known. */
  readonly doubtful?: Unknown | undefined;
  /** The fields of the register; an Unknown as a whole where a dry run cannot know them. */
  readonly result: Readonly<Record<string, unknown>> | Unknown;
  readonly diff?: readonly Difference[];
  readonly error?: SlipwayError;
  readonly says?: readonly string[];
  readonly label?: string;
}

/** The register of a failed call: what the error knows of the command, as Ansible's field names. */
export function failed(error: SlipwayError): Outcome {
  const { data } = error;
  const rc = data.rc ?? data.code;
  const fields: Record<string, unknown> = { ...data, changed: false, failed: true, msg: error.message };
  if (rc !== undefined) fields.rc = rc;
  for (const stream of ['stdout', 'stderr'] as const) {
    const text = data[stream];
    if (typeof text === 'string') fields[`${stream}_lines`] = splitLines(text);
  }
  return { status: 'failed', error, result: fields };
}

export function splitLines(text: string): string[] {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

/** What `register` holds for an outcome. */
export function registerOf(outcome: Outcome): unknown {
  if (outcome.result instanceof Unknown) return outcome.result;
  const base = {
    changed: outcome.doubtful ?? outcome.status === 'changed',
    failed: outcome.status === 'failed',
  };
  const skipped = outcome.status === 'skipped' ? { skipped: true } : {};
  return {
    ...base,
    ...skipped,
    ...(outcome.why === undefined ? {} : { msg: outcome.why }),
    ...outcome.result,
  };
}

/** One outcome for a loop: the worst status of its items, their registers in `results`. */
export function combine(outcomes: readonly Outcome[], items: readonly unknown[], variable = 'item'): Outcome {
  const failure = outcomes.find((outcome) => outcome.status === 'failed');
  const changed = outcomes.filter((outcome) => outcome.status === 'changed').length;
  const allSkipped = outcomes.length > 0 && outcomes.every((outcome) => outcome.status === 'skipped');
  const status = failure ? 'failed' : changed > 0 ? 'changed' : allSkipped ? 'skipped' : 'ok';
  const results = outcomes.map((outcome, index) => {
    const register = registerOf(outcome);
    if (register instanceof Unknown) return register;
    return { ...(register as object), [variable]: items[index], ansible_loop_var: variable };
  });
  const why = outcomes.length === 0 ? 'the loop is empty' : `${changed} of ${outcomes.length} items changed`;
  return {
    status: outcomes.length === 0 ? 'skipped' : status,
    why: failure?.why ?? (allSkipped ? outcomes[0]?.why : why),
    result: { results },
    ...(failure?.error ? { error: failure.error } : {}),
    ...together(outcomes),
  };
}

/** The strongest first: what is sure to happen to one item is sure to happen to the loop. */
const STRONGEST: readonly Forecast[] = ['change', 'run', 'unknown', 'may-run', 'same'];

function together(outcomes: readonly Outcome[]): Partial<Outcome> {
  const forecast = STRONGEST.find((one) => outcomes.some((outcome) => outcome.forecast === one));
  if (!forecast) return {};
  const sure = outcomes.some((outcome) => outcome.status === 'changed' && !outcome.doubtful);
  const doubtful = sure ? undefined : outcomes.find((outcome) => outcome.doubtful)?.doubtful;
  return { forecast, doubtful, assuming: outcomes.find((outcome) => outcome.assuming)?.assuming };
}

/** Differences as events carry them: bounded and safe for a terminal. */
export function eventDiff(differences: readonly Difference[]): Diff[] {
  const text = (value: string) => sanitise(bounded(value, 64 * 1024));
  return differences.map(({ subject, kind = 'value', before, after, open }) => ({
    subject: sanitise(subject),
    kind,
    ...(before === undefined ? {} : { before: text(before) }),
    ...(after === undefined ? {} : { after: text(after) }),
    ...(open ? { open } : {}),
  }));
}

/** A register as an event carries it: long texts cut, Unknown said so. */
export function eventResult(value: unknown): Readonly<Record<string, unknown>> | undefined {
  const plain = (part: unknown, depth: number): unknown => {
    if (part instanceof Unknown) return `unknown: depends on ${part.why}`;
    if (typeof part === 'string') return sanitise(bounded(part));
    if (Array.isArray(part))
      return depth > 6 ? '…' : part.slice(0, 200).map((item) => plain(item, depth + 1));
    if (part !== null && typeof part === 'object') {
      if (depth > 6) return '…';
      return Object.fromEntries(Object.entries(part).map(([key, item]) => [key, plain(item, depth + 1)]));
    }
    return typeof part === 'bigint' ? Number(part) : part;
  };
  if (value instanceof Unknown || value === null || typeof value !== 'object') return undefined;
  return plain(value, 0) as Record<string, unknown>;
}
