import type { SlipwayError } from '../base/errors.ts';
import { type Scope, Unknown } from '../expression/types.ts';
import { carryOut } from './call.ts';
import { asError, isUnreachable } from './failure.ts';
import type { Task } from '../playbook/types.ts';
import { leftOpen, taint } from './foretell.ts';
import { handled, notify } from './handlers.ts';
import { sleep } from './host-handle.ts';
import { exhausted, judge, needsRetry, waiting } from './judge.ts';
import { HostOutlook } from './outlook.ts';
import type { Place } from './place.ts';
import { Report, type TaskRun } from './report.ts';
import { asCalls, type Call, type NotKnown, type Resolution, type Skip } from './resolve.ts';
import { combine, failed, type Outcome, registerOf } from './result.ts';
import { delegateOf, flag, notKnown, number } from './seat.ts';
import type { Cell } from './tree.ts';

export interface TaskEnd {
  readonly outcome: Outcome;
  /** The failure that the play has to deal with; undefined when there is none or it is ignored. */
  readonly failure?: SlipwayError | undefined;
  readonly unreachable?: boolean;
}

/** Runs one task on one host: conditions, loop, retries, what counts as changed or failed, register, notify. */
export async function runTask(run: TaskRun): Promise<TaskEnd> {
  const report = new Report(run);
  let outcome: Outcome;
  try {
    const resolution = await run.ahead.resolution(run.cell, run.task, run.extra);
    outcome = await runResolved(run, doubted(resolution, run), report);
  } catch (thrown) {
    outcome = fallen(run, thrown, report.name);
  }
  return conclude(run, outcome, report);
}

/** A task that fails before it begins: one of its own keywords is wrong. */
export function failTask(run: TaskRun, thrown: unknown): TaskEnd {
  const report = new Report(run);
  return conclude(run, fallen(run, thrown, report.name), report);
}

/** Takes over the outcome that another host had (`run_once`). */
export function adopt(run: TaskRun, outcome: Outcome): TaskEnd {
  if (run.task.register) run.seat.vars.set(run.task.register, registerOf(outcome));
  if (outcome.doubtful) notify(run, outcome.doubtful.why);
  else if (outcome.status === 'changed') notify(run);
  const ignored = outcome.status === 'failed' && ignores(run);
  return { outcome, failure: ignored ? undefined : outcome.error };
}

function ignores(run: TaskRun): boolean {
  return flag(run.task.ignoreErrors, run.seat.vars.scope(run.task, run.extra), 'ignore_errors');
}

/** What may not be reached at all runs for certain never. */
function doubted(resolution: Resolution, { doubt }: TaskRun): Resolution {
  if (doubt === undefined || resolution.kind === 'skip') return resolution;
  if (resolution.kind === 'unknown') return { ...resolution, why: doubt, willRun: false };
  return { kind: 'unknown', why: doubt, calls: resolution.calls.flatMap(asCalls) };
}

async function runResolved(run: TaskRun, resolution: Resolution, report: Report): Promise<Outcome> {
  if (resolution.kind !== 'calls') return notRun(run, resolution, report.name);
  const single = resolution.calls[0];
  if (!resolution.looped && single) return runCall(run, resolution, 0, single, report);
  const outcomes: Outcome[] = [];
  const pause = number(run.task.loop?.pause, run.seat.vars.scope(run.task, run.extra), 'pause') ?? 0;
  for (const [index, call] of resolution.calls.entries()) {
    if (pause > 0 && index > 0) await sleep(pause * 1000, run.seat.ctx.signal);
    let outcome: Outcome;
    const start = performance.now();
    try {
      outcome = await runCall(run, resolution, index, call, report);
    } catch (thrown) {
      const error = asError(thrown);
      if (isUnreachable(error) || error.code === 'task.cancelled') throw error;
      outcome = fallen(run, thrown, report.name, asCalls(call));
    }
    outcomes.push(outcome);
    report.item(outcome, call.label, performance.now() - start);
  }
  return combine(
    outcomes,
    resolution.calls.map((call) => call.item),
    run.task.loop?.variable,
  );
}

function notRun(run: TaskRun, resolution: Skip | NotKnown, name: string): Outcome {
  if (resolution.kind === 'skip') {
    return {
      status: 'skipped',
      why: `not: ${resolution.why}`,
      result: { skip_reason: 'Conditional result was False', false_condition: resolution.why },
    };
  }
  const { why, willRun } = resolution;
  leaveUnknown(run, resolution, name);
  return leftOpen(willRun ? 'unknown' : 'may-run', why, new Unknown(why));
}

/** What a task that may run would touch or set is not known any more. */
function leaveUnknown({ seat, task, extra }: TaskRun, { calls, why }: NotKnown, name: string): void {
  const { ctx, vars } = seat;
  const module = ctx.modules.get(task.module);
  if (module?.name === 'set_fact')
    for (const { key } of task.args.entries) if (key !== 'cacheable') vars.set(key, new Unknown(why));
  const host = doerOf(task, vars.scope(task, extra), seat.host);
  const outlook = host === undefined ? ctx.outlooks : ctx.outlooks.of(host);
  if (outlook instanceof HostOutlook && calls && calls.length > 0) taint(outlook, calls, name);
  else if (module?.kind === 'state' || module?.kind === 'action') outlook.assume(name);
}

/** The host that a task acts on; undefined where that is not known. */
function doerOf(task: Task, scope: Scope, own: string): string | undefined {
  try {
    return delegateOf(task, scope) ?? own;
  } catch {
    return undefined;
  }
}

/** What was thrown makes a task fail, unless a dry run only lacks a keyword's value. */
function fallen(run: TaskRun, thrown: unknown, name: string, calls: readonly Call[] = []): Outcome {
  const why = run.seat.ctx.plan.options.check ? notKnown(thrown) : undefined;
  return why === undefined ? failed(asError(thrown)) : notRun(run, { kind: 'unknown', why, calls }, name);
}

async function runCall(
  run: TaskRun,
  resolution: Resolution,
  index: number,
  call: Call | Skip | NotKnown,
  report: Report,
): Promise<Outcome> {
  if (call.kind !== 'call') return notRun(run, call, report.name);
  const { task, seat, ahead, cell } = run;
  const scope = seat.vars.scope(task, call.names);
  const seconds = number(task.timeout, scope, 'timeout');
  const place: Place = {
    seat,
    ahead,
    cell,
    task,
    resolution,
    index,
    check: flag(task.checkMode, scope, 'check_mode', seat.ctx.plan.options.check),
    timeout: seconds ? seconds * 1000 : undefined,
    register: task.register ?? report.name,
    name: report.name,
    handler: run.handler,
    progress: (text: string, fraction?: number) => report.progress(text, fraction),
    onOutput: seat.ctx.live
      ? (stream: 'stdout' | 'stderr', text: string) => report.output(stream, text)
      : undefined,
    began: () => report.began(index),
    sentAhead: () => report.sentAhead(),
  };
  // A dry run does not wait for what has not been done.
  const tries = (task.until.length > 0 || task.retries) && !place.check;
  const attempts = tries ? (number(task.retries, scope, 'retries') ?? 3) + 1 : 1;
  for (let attempt = 1; ; attempt++) {
    report.started(call.label);
    const outcome = await attemptCall(run, place, call, scope, attempts > 1 ? attempt : undefined);
    const again = attempt < attempts && needsRetry(task, scope, outcome);
    if (!again)
      return place.check
        ? waiting(task, scope, outcome)
        : attempt === attempts && task.until.length > 0
          ? exhausted(task, scope, outcome, attempts)
          : outcome;
    report.retried(attempt, attempts - 1, outcome);
    seat.ctx.remotes.touch(delegateOf(task, scope) ?? seat.host);
    await sleep((number(task.delay, scope, 'delay') ?? 5) * 1000, seat.ctx.signal);
  }
}

/** @param attempt counted from 1, where the task may be tried again; its conditions and register see it */
async function attemptCall(
  run: TaskRun,
  place: Place,
  call: Call,
  scope: Scope,
  attempt: number | undefined,
): Promise<Outcome> {
  let outcome: Outcome;
  try {
    outcome = await carryOut(place, call);
  } catch (thrown) {
    const error = asError(thrown);
    if (isUnreachable(error) || error.code === 'task.cancelled') throw error;
    outcome = fallen(run, thrown, place.name, [call]);
  }
  if (attempt !== undefined && !(outcome.result instanceof Unknown))
    outcome = { ...outcome, result: { ...outcome.result, attempts: attempt } };
  return judge(run.task, scope, outcome);
}

function conclude(run: TaskRun, outcome: Outcome, report: Report): TaskEnd {
  const { task, seat } = run;
  if (outcome.error && isUnreachable(outcome.error)) {
    const tolerated = flag(task.ignoreUnreachable, seat.vars.scope(task, run.extra), 'ignore_unreachable');
    report.finished(outcome, { unreachable: true, ignored: tolerated });
    if (outcome.error.code === 'connect.lost')
      seat.ctx.remotes.forget(String(outcome.error.data['host'] ?? seat.host));
    return tolerated ? { outcome } : { outcome, failure: outcome.error, unreachable: true };
  }
  if (task.register) seat.vars.set(task.register, registerOf(outcome));
  if (outcome.status !== 'failed') {
    if (outcome.doubtful) notify(run, outcome.doubtful.why);
    else if (outcome.status === 'changed') notify(run);
    report.finished(outcome, {});
    if (run.handler) handled(run);
    return { outcome };
  }
  const ignored = outcome.error?.code !== 'task.cancelled' && ignores(run);
  const rescued = !ignored && isRescued(run.cell);
  report.finished(outcome, { ignored, rescued });
  return ignored ? { outcome } : { outcome, failure: outcome.error };
}

function isRescued(cell: Cell): boolean {
  if (cell.item.kind !== 'node') return false;
  for (let frame = cell.item.frame; frame; frame = frame.parent) {
    if (frame.section === 'tasks' && frame.block.rescue.length > 0) return true;
  }
  return false;
}
