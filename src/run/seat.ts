import type { Scope } from '../expression/types.ts';
import { Unknown } from '../expression/types.ts';
import { evaluate } from '../expression/value.ts';
import type { HostVariables, PlannedPlay } from '../plan/types.ts';
import type { Keywords, Task } from '../playbook/types.ts';
import type { Value } from '../expression/types.ts';
import { SlipwayError } from '../base/errors.ts';
import type { RunContext } from './context.ts';
import type { Station } from './station.ts';

/** One host in one play: what the parts of the host loop share. */
export interface Seat {
  readonly ctx: RunContext;
  readonly planned: PlannedPlay;
  readonly host: string;
  readonly vars: HostVariables;
  /** The play's, and those that includes brought. */
  readonly handlers: Task[];
  /** Ids of handlers that were notified and have not run. */
  readonly notified: Set<string>;
  /** Names of handlers that a run before left undone, with that run, until they are there to be notified. */
  readonly owed: Map<string, string>;
  /** Of a dry run: those that were notified by what may have changed nothing, with what that hangs on. */
  readonly maybe: Map<string, string>;
  /** Of a dry run: what it hangs on whether the host is still in the play. */
  doubt: string | undefined;
  /** Where tasks run whose keywords are fixed, until a variable is set. */
  readonly stations: Map<string, { readonly version: number; readonly station: Station }>;
}

/** A keyword's value for this host; undefined when it is not given. @throws when a dry run cannot know it. */
export function keyword(value: Value | undefined, scope: Scope, what: string): unknown {
  if (value === undefined) return undefined;
  if (value.kind === 'data') return value.data;
  const result = evaluate(value, scope);
  if (result instanceof Unknown) {
    throw new SlipwayError('task.invalid', `\`${what}\` depends on ${result.why}, which is not known yet`, {
      span: value.span,
      cause: result,
    });
  }
  return result;
}

/** What a keyword hangs on that a dry run cannot know, where that is what was thrown. */
export function notKnown(thrown: unknown): string | undefined {
  return thrown instanceof SlipwayError && thrown.cause instanceof Unknown ? thrown.cause.why : undefined;
}

export function flag(value: Value | undefined, scope: Scope, what: string, otherwise = false): boolean {
  const result = keyword(value, scope, what);
  if (result === undefined || result === null || result === '') return otherwise;
  if (typeof result === 'boolean') return result;
  if (typeof result === 'string' && /^(true|yes|on|1)$/i.test(result)) return true;
  if (typeof result === 'string' && /^(false|no|off|0)$/i.test(result)) return false;
  if (result === 0 || result === 1) return result === 1;
  throw new SlipwayError('task.invalid', `\`${what}\` is ${JSON.stringify(result)}, not true or false`, {
    span: value?.span,
  });
}

export function number(value: Value | undefined, scope: Scope, what: string): number | undefined {
  const result = keyword(value, scope, what);
  if (result === undefined || result === null || result === '') return undefined;
  const parsed = Number(result);
  if (Number.isFinite(parsed) && parsed >= 0) return parsed;
  throw new SlipwayError('task.invalid', `\`${what}\` is ${JSON.stringify(result)}, not a number`, {
    span: value?.span,
  });
}

/** The host that a task is delegated to, or undefined. */
export function delegateOf(keywords: Keywords, scope: Scope): string | undefined {
  const name = keyword(keywords.delegateTo, scope, 'delegate_to');
  return name === undefined || name === null || name === '' ? undefined : String(name);
}
