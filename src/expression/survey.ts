import type { ErrorCode } from '../base/errors.ts';
import type { Env, Failure } from './env.ts';
import type { Expr, Place } from './expr.ts';
import { callHelper } from './render.ts';
import type { Locate } from './locate.ts';
import { type Scope, Unknown, type Watch } from './types.ts';

/**
 * What an expression is examined in. Examining is running that goes on: a fault is reported and its value taken as
 * unknown, and where a condition is unknown, all branches are looked into.
 */
export interface Survey extends Env {
  readonly sure: boolean;
  readonly guards: ReadonlySet<string>;
  readonly when: ReadonlySet<string>;
  within<T>(sure: boolean, work: () => T): T;
  /** Whether a name may be a variable here, for another host if not for this one. */
  known(name: string, up: number): boolean;
  /** `examine`, for the parts of it that stand in files of their own. */
  look(expr: Expr, env: Survey, optional?: boolean): unknown;
  report(failure: Failure, message: string, place: Place, more?: Said): void;
}

export interface Said {
  readonly hint?: string | undefined;
  readonly warning?: boolean;
  /** Wrong for every host. */
  readonly general?: boolean;
  /** The variable that is not there. */
  readonly name?: string;
}

/** Thrown by `fail`, caught by `attempt`. */
export class Stopped {
  readonly failure: Failure;
  readonly message: string;
  readonly place: Place;
  readonly hint: string | undefined;
  constructor(failure: Failure, message: string, place: Place, hint: string | undefined) {
    this.failure = failure;
    this.message = message;
    this.place = place;
    this.hint = hint;
  }
}

/** Stands for a value that could not be had; what was wrong is reported. */
export const FAULTY = new Unknown('something wrong');

/** What the work gives, or its fault reported and Unknown. */
export function attempt(env: Survey, work: () => unknown, name?: string): unknown {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof Stopped)) throw error;
    const { failure, message, place, hint } = error;
    env.report(failure, message, place, { hint, ...(name === undefined ? {} : { name }) });
    return FAULTY;
  }
}

/** `a.b.c` as text; undefined where a step is computed. */
export function pathOf(expr: Expr): string | undefined {
  if (expr.op === 'name') return expr.up ? undefined : expr.name;
  if (expr.op !== 'member' || expr.key.op !== 'literal') return undefined;
  const target = pathOf(expr.target);
  return target === undefined ? undefined : `${target}.${String(expr.key.value)}`;
}

export interface Surveyed {
  readonly text: string;
  readonly locate: Locate;
  readonly codes: Readonly<Record<Failure, ErrorCode>>;
}

/** What an expression of this text is examined in. */
export function surveyOf(
  { text, locate, codes }: Surveyed,
  scope: Scope,
  watch: Watch,
  look: Survey['look'],
): Survey {
  return {
    sure: watch.sure,
    guards: watch.guards,
    when: watch.when,
    variable: (name) => scope.get(name),
    known: (name) => watch.isDefined?.(name) ?? true,
    item: () => undefined,
    names: () => scope.names(),
    text: ({ start, end }: Place) => text.slice(start, end),
    fail: (failure, message, place, hint) => {
      throw new Stopped(failure, message, place, hint);
    },
    helper: callHelper,
    within: (sure, work) => watch.within(sure, work),
    look,
    report(failure, message, place, { hint, warning, general, name } = {}) {
      const told = name === undefined ? undefined : watch.explain?.(name);
      watch.fault({
        code: codes[failure],
        message,
        span: locate(place),
        hint: told ?? hint,
        sure: this.sure,
        warning,
        general,
        name,
      });
    },
  };
}
