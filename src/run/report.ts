import type { EventMap, TaskPlace } from '../events/types.ts';
import { Unknown } from '../expression/types.ts';
import { evaluate } from '../expression/value.ts';
import type { Task } from '../playbook/types.ts';
import type { Ahead } from './ahead.ts';
import { toFailure } from './failure.ts';
import type { StepLine } from './journal.ts';
import type { Extra } from './resolve.ts';
import { eventDiff, eventResult, type Outcome } from './result.ts';
import { delegateOf, flag, type Seat } from './seat.ts';
import type { Cell } from './tree.ts';

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** A task of one host while it runs. */
export interface TaskRun {
  readonly seat: Seat;
  readonly ahead: Ahead;
  readonly cell: Cell;
  readonly task: Task;
  readonly extra: Extra;
  readonly handler: boolean;
  /** Of a dry run: what it hangs on whether the task is reached at all. */
  readonly doubt?: string | undefined;
}

export function nameOf(task: Pick<Task, 'name'>): string | undefined {
  return task.name?.kind === 'data'
    ? String(task.name.data)
    : task.name?.kind === 'template'
      ? task.name.text
      : undefined;
}

export function placeOf(run: TaskRun): TaskPlace {
  const { seat, task } = run;
  let delegate: string | undefined;
  try {
    if (task.delegateTo) delegate = delegateOf(task, seat.vars.scope(task, run.extra));
  } catch {
    // The failure itself is reported; here it only means that the place has no delegate.
  }
  return { play: seat.planned.play.index, task: task.id, host: seat.host, ...(delegate ? { delegate } : {}) };
}

/** What a step may owe a host once it is sent; names that are templates are not known before. */
export function wouldNotify(task: Task): Pick<StepLine, 'notify'> {
  const names = task.notify.flatMap((value) => (value.kind === 'data' ? value.data : []));
  return names.length === 0 ? {} : { notify: names.map(String) };
}

/** Tells the event stream about one task on one host. */
export class Report {
  readonly #run: TaskRun;
  readonly #place: TaskPlace;
  readonly #start = performance.now();
  readonly name: string;
  #started = false;
  #began = false;

  constructor(run: TaskRun) {
    this.#run = run;
    this.#place = placeOf(run);
    this.name = this.#name();
  }

  #name(): string {
    const { task, seat, extra } = this.#run;
    if (!task.name) return task.module;
    if (task.name.kind === 'data') return String(task.name.data);
    try {
      const name = evaluate(task.name, seat.vars.scope(task, extra));
      return name instanceof Unknown ? (nameOf(task) ?? task.module) : String(name);
    } catch {
      return nameOf(task) ?? task.module;
    }
  }

  get #events() {
    return this.#run.seat.ctx.events;
  }

  started(item: string | undefined): void {
    if (this.#started && item === undefined) return;
    this.#started = true;
    const { task } = this.#run;
    this.#events.emit('task.started', {
      ...this.#place,
      name: this.name,
      module: task.module,
      ...(item === undefined ? {} : { item }),
    });
  }

  progress(text: string, fraction?: number): void {
    this.#events.emit('task.progress', {
      ...this.#place,
      text,
      ...(fraction === undefined ? {} : { fraction }),
    });
  }

  output(stream: 'stdout' | 'stderr', text: string): void {
    if (!this.#hidden()) this.#events.emit('task.output', { ...this.#place, stream, text });
  }

  retried(attempt: number, of: number, outcome: Outcome): void {
    const message = outcome.error?.message ?? outcome.why ?? 'not yet';
    this.#events.emit('task.retried', { ...this.#place, attempt, of, message });
  }

  item(outcome: Outcome, label: string | undefined, duration: number): void {
    this.#emit(outcome, { duration, partial: true, item: label ?? '' });
  }

  finished(outcome: Outcome, how: { ignored?: boolean; rescued?: boolean; unreachable?: boolean }): void {
    const { unreachable, ...marks } = how;
    this.#emit(outcome, { duration: performance.now() - this.#start, ...marks }, unreachable);
    if (!this.#began) return;
    const status = unreachable ? 'unreachable' : outcome.status;
    this.#run.seat.ctx.journal.write(this.#entry('finished', undefined, status));
  }

  /** Something is about to be sent that may change a host. What only reads leaves no line in the journal. */
  began(item: number): void {
    this.#began = true;
    const { seat, task } = this.#run;
    seat.ctx.journal.write({ ...this.#entry('started', item), ...wouldNotify(task) });
  }

  /** As `began`, where the line was written when the step was sent. */
  sentAhead(): void {
    this.#began = true;
  }

  #entry(at: StepLine['at'], item?: number, status?: string): StepLine {
    const { play, task, host } = this.#place;
    return {
      at,
      play,
      task,
      host,
      time: Date.now(),
      ...(item === undefined ? {} : { item }),
      ...(status ? { status } : {}),
    };
  }

  #hidden(): boolean {
    const { task, seat, extra } = this.#run;
    if (!task.noLog) return false;
    try {
      return flag(task.noLog, seat.vars.scope(task, extra), 'no_log');
    } catch {
      return true;
    }
  }

  // Results are most of what a run could say: of what is as it should be they are told to who asks for them.
  #isNews(outcome: Outcome): boolean {
    if (this.#run.seat.ctx.quiet !== true) return true;
    return outcome.status === 'changed' || outcome.status === 'failed';
  }

  #emit(
    outcome: Outcome,
    more: { duration: number; partial?: boolean; item?: string; ignored?: boolean; rescued?: boolean },
    unreachable = false,
  ): void {
    const { task, handler } = this.#run;
    const hidden = this.#hidden();
    const failure = outcome.error && toFailure(outcome.error);
    const censored = failure && { code: failure.code, message: 'hidden, because the task says no_log' };
    const result = hidden || !this.#isNews(outcome) ? undefined : eventResult(outcome.result);
    const event: Writable<EventMap['task.finished']> = {
      ...this.#place,
      name: this.name,
      module: task.module,
      status: unreachable ? 'unreachable' : outcome.status,
      ...more,
      duration: Math.round(more.duration),
    };
    if (handler) event.handler = handler;
    if (outcome.why !== undefined && !hidden) event.why = outcome.why;
    if (outcome.forecast) event.forecast = outcome.forecast;
    if (outcome.assuming !== undefined) event.assuming = outcome.assuming;
    if (outcome.diff && !hidden) event.diff = eventDiff(outcome.diff);
    if (failure) event.failure = hidden ? censored! : failure;
    if (result) event.result = result;
    if (outcome.says?.length && !hidden) event.says = outcome.says;
    this.#events.emit('task.finished', event);
  }
}
