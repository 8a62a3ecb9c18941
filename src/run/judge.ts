import { SlipwayError } from '../base/errors.ts';
import { overlay } from '../expression/scope.ts';
import { type Condition, type Scope, Unknown } from '../expression/types.ts';
import type { Task } from '../playbook/types.ts';
import { type Outcome, registerOf } from './result.ts';

/** The scope in which a task's own result can be seen under its register's name. */
function withResult(task: Task, scope: Scope, outcome: Outcome): Scope {
  return task.register ? overlay(scope, { [task.register]: registerOf(outcome) }) : scope;
}

/** failed_when and changed_when. */
export function judge(task: Task, scope: Scope, outcome: Outcome): Outcome {
  if (outcome.result instanceof Unknown || outcome.status === 'skipped') return outcome;
  let judged = outcome;
  const inner = withResult(task, scope, outcome);
  if (task.failedWhen.length > 0) {
    const [holds, which] = holdsAll(task.failedWhen, inner);
    const { error: _, ...rest } = outcome;
    if (holds === true) {
      const error =
        outcome.error ??
        new SlipwayError('task.failed', `failed_when holds: ${which}`, { data: { ...outcome.result } });
      judged = { ...outcome, status: 'failed', error };
    } else if (outcome.status === 'failed') judged = { ...rest, status: 'changed' };
  }
  if (task.changedWhen.length > 0 && judged.status !== 'failed') {
    const [holds] = holdsAll(task.changedWhen, withResult(task, scope, judged));
    judged =
      holds instanceof Unknown
        ? { ...judged, status: 'ok', doubtful: holds }
        : { ...judged, ...settledBy(holds, judged) };
  }
  return judged;
}

function settledBy(holds: boolean, outcome: Outcome): Pick<Outcome, 'status' | 'result'> {
  const known = outcome.forecast && !(outcome.result instanceof Unknown);
  const result = known ? { ...outcome.result, changed: holds } : outcome.result;
  return { status: holds ? 'changed' : 'ok', result };
}

/** A dry run does not wait: what `until` asks for may come about by what was not done. */
export function waiting(task: Task, scope: Scope, outcome: Outcome): Outcome {
  if (task.until.length === 0 || outcome.status === 'failed' || outcome.result instanceof Unknown)
    return outcome;
  const [holds, text] = holdsAll(task.until, withResult(task, scope, outcome));
  if (holds === true) return outcome;
  if (outcome.forecast === 'run') return { ...outcome, why: `would run until ${text}` };
  const doubtful = new Unknown(text);
  return {
    ...outcome,
    status: 'skipped',
    forecast: 'unknown',
    why: `waits until ${text}`,
    doubtful,
    result: doubtful,
  };
}

function holdsAll(conditions: readonly Condition[], scope: Scope): [boolean | Unknown, string] {
  for (const condition of conditions) {
    const holds = condition.test(scope);
    if (holds !== true) return [holds, condition.text];
  }
  return [true, conditions.map(({ text }) => text).join(' and ')];
}

export function needsRetry(task: Task, scope: Scope, outcome: Outcome): boolean {
  if (outcome.result instanceof Unknown) return false;
  if (task.until.length === 0) return outcome.status === 'failed';
  const [holds] = holdsAll(task.until, withResult(task, scope, outcome));
  return holds === false;
}

export function exhausted(task: Task, scope: Scope, outcome: Outcome, attempts: number): Outcome {
  if (!needsRetry(task, scope, outcome) || outcome.status === 'failed') return outcome;
  const text = task.until.map((condition) => condition.text).join(' and ');
  const error = new SlipwayError(
    'task.failed',
    `after ${attempts} attempts it still does not hold that ${text}`,
    {
      span: task.until[0]?.span,
      data: { ...(outcome.result as object), attempts },
    },
  );
  return { ...outcome, status: 'failed', error };
}
