import type { Expr } from './expr.ts';
import { isTruthy } from './helper.ts';
import { asBoolean } from './kinds.ts';
import { usesOf } from './references.ts';
import { run } from './run.ts';
import { Stopped, type Survey } from './survey.ts';
import { Unknown } from './types.ts';

/** Which values of a condition lead to a place. */
export type Leads = (value: unknown) => boolean;

export const holds: Leads = (value) => asBoolean(value) === true;
export const holdsNot: Leads = (value) => asBoolean(value) === false;
export const isMissing: Leads = (value) => value === undefined;
export const isTrue: Leads = isTruthy;
export const isFalse: Leads = (value) => !isTruthy(value);

/**
 * The same place, reached only if `condition` turns out so; what it asked about is guarded. A block asks about its
 * subject as a whole (`copes`), as `has` does.
 */
export function unsure(env: Survey, condition?: Expr, leads: Leads = isTruthy, copes = false): Survey {
  if (!condition) return env.sure ? { ...env, sure: false } : env;
  const guards = new Set(env.guards);
  for (const { path, optional } of usesOf(condition, undefined, copes)) {
    const name = path[0]!;
    if (reachedWhereSkipped(name, condition, env, leads)) continue;
    guards.add(name);
    if (optional) guards.add(path.join('.'));
  }
  return { ...env, sure: false, guards };
}

/** Whether a place is reached, too, where the task that gives a variable is skipped: then the condition guards nothing. */
function reachedWhereSkipped(name: string, condition: Expr, env: Survey, leads: Leads): boolean {
  const value = env.variable(name, 0);
  const maybe = value instanceof Unknown ? value.shape?.maybe : undefined;
  if (!maybe) return false;
  const skipped: Survey = {
    ...env,
    variable: (asked, up) => (asked === name && up === 0 ? maybe.otherwise : env.variable(asked, up)),
  };
  try {
    const found = run(condition, skipped, true);
    return found instanceof Unknown || leads(found);
  } catch (error) {
    if (error instanceof Stopped) return false;
    throw error;
  }
}
