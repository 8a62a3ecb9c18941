import type { Program } from '../module/program.ts';
import { FACTS } from '../plan/types.ts';
import type { Task } from '../playbook/types.ts';
import type { Call, NotKnown, Resolution } from './resolve.ts';
import type { Seat } from './seat.ts';
import { type Station, stationOf } from './station.ts';
import type { Cell } from './tree.ts';

/** Something to send together with the step that the run waits for. */
export interface Upcoming {
  readonly station: Station;
  readonly program: Program;
  readonly timeout: number | undefined;
  /** Set for an action: the call that it is, and of which task. A probe is found again by its text. */
  readonly action?: { readonly call: Call; readonly task: Task };
  /** An item of a loop: it runs even if an item before it failed, as in Ansible. */
  readonly always?: boolean;
}

/** One look ahead: what it may pass, what it has collected, and which names are not known behind it. */
export class Walk {
  readonly pending = new Set<string>();
  readonly #seat: Seat;
  readonly #first: Station;
  #station: Station;
  readonly #limit: number;
  #actions: boolean;
  readonly #coming: Upcoming[];

  constructor(seat: Seat, station: Station, limit: number, actions: boolean, coming: Upcoming[]) {
    this.#seat = seat;
    this.#first = station;
    this.#station = station;
    this.#limit = limit;
    this.#actions = actions;
    this.#coming = coming;
  }

  get full(): boolean {
    return this.#coming.length >= this.#limit;
  }

  mayPassFlush(): boolean {
    this.#actions = false;
    return this.#seat.notified.size + this.#seat.owed.size === 0;
  }

  /** Finds the station of a task; false ends the look ahead (another user's shell keeps its own order). */
  async reach(task: Task, resolution: Resolution): Promise<boolean> {
    if (resolution.kind !== 'calls') return true;
    const module = this.#seat.ctx.modules.get(task.module);
    if (module?.kind === 'control') return true;
    try {
      // Without what is pending: a station that is guessed wrong only means that its answers are not used.
      this.#station = await stationOf(this.#seat, task, this.#seat.vars.scope(task));
    } catch {
      return false;
    }
    return this.#station.session === this.#first.session && this.#station.host === this.#first.host;
  }

  /** Takes up the calls of a task from `from` on; false ends the look ahead. */
  task(cell: Cell, resolution: Resolution, from: number): boolean {
    if (cell.item.kind !== 'node' || cell.item.node.kind !== 'task') return false;
    const task = cell.item.node;
    if (task.register) this.pending.add(task.register);
    if (task.loop?.pause) return false;
    if (resolution.kind === 'unknown') return !this.#willAct(task, resolution);
    if (resolution.kind !== 'calls') return true;
    for (const call of resolution.calls.slice(from)) {
      if (call.kind !== 'call') continue;
      if (!this.#call(task, call, resolution.looped, from > 0)) return false;
    }
    // Behind the items of a loop only what is sent with its first one waits for all of them.
    if (resolution.looped && from !== 1) this.#actions = false;
    return true;
  }

  // What was asked before an action is stale behind it; one with a guard may well have nothing to do.
  #willAct(task: Task, resolution: NotKnown): boolean {
    const module = this.#seat.ctx.modules.get(task.module);
    if (module?.kind !== 'action' || !resolution.willRun || this.#seat.ctx.plan.options.check) return false;
    const given = Object.fromEntries(
      task.args.entries.map(({ key, value }) => [key, value.kind === 'data' ? value.data : '?']),
    );
    return module.guard?.(given) === undefined;
  }

  #call(task: Task, call: Call, looped: boolean, current: boolean): boolean {
    const { module, ready } = call;
    if (module.kind === 'control') {
      if (module.name === 'set_fact') for (const name of Object.keys(call.params)) this.pending.add(name);
      return true;
    }
    if (module.kind !== 'action') {
      if (module.facts) this.pending.add(FACTS);
      this.#actions = false;
      this.#coming.push({ station: this.#station, program: call.probe(), timeout: undefined });
      return true;
    }
    if (this.#seat.ctx.plan.options.check) return true;
    const guard = module.guard?.(ready);
    if (guard) this.#coming.push({ station: this.#station, program: guard, timeout: undefined });
    // Items of the task at hand may go out at once; those of a later loop would need a guard of their own.
    const always = looped && current;
    const program =
      guard || !this.#actions || (looped && !current) || !module.failsByExit ? undefined : module.run(ready);
    if (!program || typeof program === 'function' || !isPlain(task)) return false;
    this.#coming.push({
      station: this.#station,
      program,
      timeout: undefined,
      action: { call, task },
      always,
    });
    return true;
  }
}

/** Nothing but the exit code decides how the task ends. */
export function isPlain(task: Task): boolean {
  const judged = task.failedWhen.length > 0 || task.until.length > 0 || task.ignoreErrors !== undefined;
  if (task.changedWhen.some((condition) => condition.references.length > 0)) return false;
  return (
    !judged && task.timeout === undefined && task.anyErrorsFatal === undefined && task.checkMode === undefined
  );
}
