import { Unknown } from '../expression/types.ts';
import type { Include, Meta, Task } from '../playbook/types.ts';
import { Ahead } from './ahead.ts';
import type { Ending } from './coordinator.ts';
import { asError } from './failure.ts';
import { mayRun } from './foretell.ts';
import { nameOf, Report, type TaskRun } from './report.ts';
import { type Outcome, failed } from './result.ts';
import { flag, notKnown, number, type Seat } from './seat.ts';
import type { Choice } from './stepping.ts';
import { adopt, failTask, runTask, type TaskEnd } from './task.ts';
import { before, type Cell, type Item, leave, recover } from './tree.ts';
import { takeOver } from './handlers.ts';
import { loadInclude, NotForetold } from './include.ts';

type NodeItem = Extract<Item, { kind: 'node' }>;

/** Takes one host through one play, task by task, at its own pace. Never rejects. */
export async function runHost(seat: Seat, start: Cell | undefined): Promise<Ending> {
  const runner = new HostRunner(seat);
  try {
    return await runner.run(start);
  } catch (thrown) {
    const error = asError(thrown);
    seat.ctx.events.emit('warning', { code: error.code, message: `${seat.host}: ${error.message}` });
    return error.code === 'task.cancelled' ? 'excluded' : 'failed';
  }
}

interface Step {
  readonly cell: Cell | undefined;
  /** Set when the play is over for this host. */
  readonly ending?: Ending;
}

class HostRunner {
  readonly #seat: Seat;
  readonly #ahead: Ahead;

  constructor(seat: Seat) {
    this.#seat = seat;
    this.#ahead = new Ahead(seat);
  }

  async run(start: Cell | undefined): Promise<Ending> {
    const { ctx, host, planned } = this.#seat;
    const play = planned.play.index;
    let cell = start;
    while (cell) {
      if (cell.item.kind === 'node') {
        await ctx.coordinator.step(play, host, cell.item.at);
        if (planned.play.strategy === 'linear') this.#ahead.reconsider();
        const stop = ctx.signal.aborted || ctx.coordinator.isOver(play);
        if (stop && !this.#ahead.outstanding) return 'excluded';
      }
      const step: Step = await this.#step(cell);
      if (step.ending) return step.ending;
      cell = step.cell;
    }
    return 'done';
  }

  async #step(cell: Cell): Promise<Step> {
    const { item } = cell;
    if (item.kind === 'end') {
      const { cell: next, failure } = leave(item.frame, cell.next);
      return failure === undefined ? { cell: next } : this.#fail(next, item.frame.parent, failure);
    }
    const { node } = item;
    if (node.kind === 'meta') return this.#meta(node, item, cell);
    const choice = await this.#choice(node, item);
    if (choice === 'stop') return { cell: undefined, ending: 'excluded' };
    if (choice === 'no') return { cell: cell.next };
    if (node.kind === 'include') return this.#include(node, item, cell);
    return this.#task(node, item, cell);
  }

  // `--step`: what is not allowed leaves no trace, as in Ansible.
  async #choice(node: Task | Include, { at, handler }: NodeItem): Promise<Choice> {
    const { ctx, planned, host, notified } = this.#seat;
    if (!ctx.stepping) return 'yes';
    const batch = planned.batches.findIndex((hosts) => hosts.includes(host));
    const key = [planned.play.index, batch, node.id, ...at].join('/');
    const what = nameOf(node) ?? (node.kind === 'task' ? node.module : `include_${node.what}`);
    const choice = await ctx.stepping.allows(key, what);
    if (choice === 'no' && handler) notified.delete(node.id);
    return choice;
  }

  async #task(task: Task, item: NodeItem, cell: Cell): Promise<Step> {
    const { seat } = this;
    const { extra, handler } = item;
    const doubt = this.#doubt(task, item);
    const run: TaskRun = { seat, ahead: this.#ahead, cell, task, extra, handler, doubt };
    if (handler) seat.notified.delete(task.id);
    if (handler) seat.maybe.delete(task.id);
    const end = await this.#gated(run, item.at);
    if (!end) return { cell: undefined, ending: 'excluded' };
    if (!end.failure) return { cell: cell.next };
    if (end.failure.code === 'task.cancelled') return { cell: undefined, ending: 'excluded' };
    if (end.unreachable || !recover(cell, item.frame, end.failure)) this.#endForAll(task, item, end);
    if (end.unreachable) return { cell: undefined, ending: 'unreachable' };
    return this.#fail(cell, item.frame, end.failure, { task, outcome: end.outcome });
  }

  // Of a dry run: what it hangs on whether the host gets here at all.
  #doubt(task: Task, item: NodeItem): string | undefined {
    const { doubt, notified, maybe } = this.#seat;
    const notNotified = item.handler && !notified.has(task.id) ? maybe.get(task.id) : undefined;
    return doubt ?? item.doubt ?? notNotified;
  }

  // any_errors_fatal: a failure that no rescue takes up ends the run for the other hosts, too.
  #endForAll(task: Task, item: NodeItem, end: TaskEnd): void {
    const { ctx, host, planned, vars } = this.#seat;
    if (!flag(task.anyErrorsFatal, vars.scope(task, item.extra), 'any_errors_fatal')) return;
    const happened = end.unreachable ? 'is unreachable' : 'failed';
    const why = `${host} ${happened} at "${nameOf(task) ?? task.module}", and any_errors_fatal is set`;
    ctx.coordinator.abortFor(planned.play.index, why);
  }

  get seat(): Seat {
    return this.#seat;
  }

  async #gated(run: TaskRun, at: readonly number[]): Promise<TaskEnd | undefined> {
    const { seat, task } = run;
    const { coordinator } = seat.ctx;
    const play = seat.planned.play.index;
    const module = seat.ctx.modules.get(task.module);
    if (task.runOnce || (module?.kind === 'control' && module.oncePerPlay)) {
      const { mine, value } = await coordinator.once(play, seat.host, task.id, at, () => runTask(run));
      this.#ahead.forget();
      if (mine || !value) return value;
      return adopt(run, value.outcome);
    }
    let most: number | undefined;
    try {
      most = number(task.throttle, seat.vars.scope(task, run.extra), 'throttle');
    } catch (thrown) {
      // A dry run only looks, so that it needs no limit that it cannot know.
      if (!seat.ctx.plan.options.check || notKnown(thrown) === undefined) return failTask(run, thrown);
    }
    if (!most) return runTask(run);
    const end = await coordinator.throttled(play, seat.host, task.id, most, () => runTask(run));
    this.#ahead.forget();
    return end;
  }

  // `cell` is inside the section that failed; goes on at the nearest rescue or always.
  #fail(
    cell: Cell | undefined,
    frame: NodeItem['frame'],
    failure: unknown,
    at?: { task: Task; outcome: Outcome },
  ): Step {
    this.#ahead.forget();
    const way = recover(cell, frame, failure);
    if (!way) return { cell: undefined, ending: 'failed' };
    if (way.rescued && at) {
      const result = at.outcome.result instanceof Unknown ? {} : at.outcome.result;
      this.#seat.vars.set('ansible_failed_task', {
        name: at.task.name?.kind === 'data' ? at.task.name.data : at.task.module,
        action: at.task.module,
      });
      this.#seat.vars.set('ansible_failed_result', { ...result, failed: true });
    }
    return { cell: way.cell };
  }

  async #meta(meta: Meta, item: NodeItem, cell: Cell): Promise<Step> {
    const seat = this.#seat;
    const { ctx, host, planned, notified, maybe, handlers, vars } = seat;
    const scope = vars.scope(meta, item.extra);
    const tests = meta.when.map((condition) => condition.test(scope));
    if (tests.includes(false)) return { cell: cell.next };
    const doubt = tests.find((test) => test instanceof Unknown)?.why ?? seat.doubt ?? item.doubt;
    if (doubt !== undefined && meta.action.startsWith('end_')) {
      seat.doubt = doubt;
      return { cell: cell.next };
    }
    if (meta.action === 'end_host') return { cell: undefined, ending: 'done' };
    if (meta.action === 'end_play') {
      ctx.coordinator.endPlay(planned.play.index);
      return { cell: undefined, ending: 'done' };
    }
    if (meta.action === 'reset_connection') ctx.remotes.forget(host);
    if (meta.action !== 'flush_handlers') return { cell: cell.next };
    takeOver(seat);
    if (notified.size + maybe.size === 0) return { cell: cell.next };
    const due = handlers.filter(({ id }) => notified.has(id) || maybe.has(id));
    const flushed: Cell = { item: { ...item, node: { ...meta } }, next: cell.next };
    // Handlers may notify handlers that come after them, so the flush is asked again behind them.
    return { cell: before(due, { at: item.at, frame: item.frame, handler: true }, flushed) };
  }

  async #include(include: Include, item: NodeItem, cell: Cell): Promise<Step> {
    const seat = this.#seat;
    try {
      const doubt = seat.doubt ?? item.doubt;
      return { cell: await loadInclude(seat, include, { ...item, doubt }, cell.next) };
    } catch (thrown) {
      const { extra, handler } = item;
      const run: TaskRun = { seat, ahead: this.#ahead, cell, task: asTask(include), extra, handler };
      const report = new Report(run);
      if (thrown instanceof NotForetold) {
        seat.ctx.outlooks.of(seat.host).assume(report.name);
        report.finished(mayRun(thrown.why, report.name), {});
        return { cell: cell.next };
      }
      const error = asError(thrown);
      report.finished(failed(error), {});
      return this.#fail(cell, item.frame, error);
    }
  }
}

/** An include as a task, for reporting that it failed. */
function asTask(include: Include): Task {
  const none = { changedWhen: [], failedWhen: [], until: [], conditions: {}, notify: [], listen: [] };
  const args = { kind: 'map', entries: [], span: include.span } as const;
  return {
    ...include,
    ...none,
    kind: 'task',
    module: `include_${include.what}`,
    args,
    argsSpan: include.span,
  };
}
