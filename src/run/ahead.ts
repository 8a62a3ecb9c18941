import type { Program } from '../module/program.ts';
import { FACTS } from '../plan/types.ts';
import type { Task } from '../playbook/types.ts';
import type { Output } from '../transport/types.ts';
import { wouldNotify } from './report.ts';
import { type Call, type Extra, type NotKnown, type Resolution, resolve } from './resolve.ts';
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

interface Answer {
  readonly epoch: number;
  readonly output: Promise<Output | undefined>;
}

const MOST = 64;

/**
 * Probe-ahead: what the coming tasks will ask is sent together with what the run waits for. The window starts wide;
 * after a change it is narrow and doubles with each "same", so that a first run, where much changes, does not ask the
 * same things again and again, and a settled host answers everything in one message.
 */
export class Ahead {
  readonly #seat: Seat;
  /** By station, then by the text that was asked. */
  readonly #answers = new Map<string, Map<string, Answer>>();
  readonly #actions = new Map<Call, Promise<Output | undefined>>();
  readonly #resolutions = new Map<Cell, Resolution>();
  #window = MOST;
  static #chains = 0;

  constructor(seat: Seat) {
    this.#seat = seat;
  }

  static chain(): number {
    Ahead.#chains += 1;
    return Ahead.#chains;
  }

  settled(changed: boolean): void {
    this.#window = changed ? 1 : Math.min(MOST, this.#window * 2);
  }

  /** Something happened that this host's own steps do not tell of (a gate, a jump): what was worked out is dropped. */
  forget(): void {
    this.#resolutions.clear();
    this.#answers.clear();
  }

  /** Other hosts have gone on meanwhile (linear), and arguments may read what they know; answers hold. */
  reconsider(): void {
    this.#resolutions.clear();
  }

  /** A task's resolution: the one made when looking ahead, or a new one. */
  async resolution(cell: Cell, task: Task, extra: Extra): Promise<Resolution> {
    const known = this.#resolutions.get(cell);
    this.#resolutions.delete(cell);
    return known ?? resolve(this.#seat, task, extra);
  }

  /** The answer to a probe that was sent ahead and is still fresh. */
  answer(station: Station, program: Program): Promise<Output | undefined> | undefined {
    const known = this.#answers.get(station.key)?.get(program.text);
    return known?.epoch === this.#seat.ctx.remotes.epoch(station.host) ? known.output : undefined;
  }

  /** Actions that were sent and not reported yet: the run must get to them before it stops. */
  get outstanding(): boolean {
    return this.#actions.size > 0;
  }

  /** The answer to an action that was sent behind an earlier one. */
  sentAction(call: Call): Promise<Output | undefined> | undefined {
    const known = this.#actions.get(call);
    this.#actions.delete(call);
    return known;
  }

  /**
   * Sends what was collected, in order; after a step of the same chain has failed nothing more of it runs.
   * @returns the answer to the first of them
   */
  send(coming: readonly Upcoming[], chain?: number): Promise<Output | undefined> {
    const outputs = coming.map(({ station, program, timeout, action, always }) => {
      // Several lines of one file, say: it is looked at once.
      const known = action ? undefined : this.answer(station, program);
      if (known) return known;
      if (action) this.#begin(action.task, station);
      const { session, environment } = station;
      const output = session.run({
        script: program.text,
        timed: program.timed,
        environment,
        timeout,
        chain,
        always,
        whole: !action,
      });
      output.catch(() => {});
      if (action) this.#actions.set(action.call, output);
      else this.#keep(station, program, output);
      return output;
    });
    return outputs[0] ?? Promise.resolve(undefined);
  }

  // The journal's promise holds for what is sent behind an action, too: its line is there before it is sent.
  #begin(task: Task, station: Station): void {
    const { ctx, host, planned } = this.#seat;
    ctx.remotes.touch(station.host);
    const step = { play: planned.play.index, task: task.id, host };
    ctx.journal.write({ at: 'started', ...step, ...wouldNotify(task), time: Date.now() });
  }

  #keep(station: Station, program: Program, output: Promise<Output | undefined>): void {
    const epoch = this.#seat.ctx.remotes.epoch(station.host);
    const here = this.#answers.get(station.key) ?? new Map<string, Answer>();
    this.#answers.set(station.key, here.set(program.text, { epoch, output }));
  }

  /**
   * Probes (and, with `actions`, actions that fail by their exit code) of what follows call `index` of `cell`, as far
   * as it can be known now. `resolution` is that of `cell`.
   */
  async collect(
    cell: Cell,
    resolution: Resolution,
    index: number,
    station: Station,
    actions: boolean,
  ): Promise<Upcoming[]> {
    const coming: Upcoming[] = [];
    const walk = new Walk(this.#seat, station, this.#window, actions, coming);
    if (!walk.task(cell, resolution, index + 1)) return coming;
    for (let at = cell.next; at; at = at.next) {
      if (walk.full) break;
      if (at.item.kind === 'end') {
        const { section, block, pending } = at.item.frame;
        if (pending !== undefined || (section !== 'always' && block.always.length > 0)) break;
        continue;
      }
      const { node, extra } = at.item;
      if (node.kind === 'meta' && node.action === 'flush_handlers' && walk.mayPassFlush()) continue;
      if (node.kind !== 'task' || isGate(node)) break;
      const found = await this.#resolveAhead(at, node, extra, walk.pending);
      if (!found || !(await walk.reach(node, found))) break;
      if (!walk.task(at, found, 0)) break;
    }
    return coming;
  }

  // An error found ahead of time is reported when the run gets there; until then it only ends the window.
  async #resolveAhead(
    cell: Cell,
    task: Task,
    extra: Extra,
    pending: ReadonlySet<string>,
  ): Promise<Resolution | undefined> {
    const known = this.#resolutions.get(cell);
    if (known) return known;
    try {
      const found = await resolve(this.#seat, task, extra, pending);
      const whole =
        found.kind === 'skip' ||
        (found.kind === 'calls' && found.calls.every(({ kind }) => kind !== 'unknown'));
      if (whole) this.#resolutions.set(cell, found);
      return found;
    } catch {
      return undefined;
    }
  }
}

/** At these the run waits for others, or time passes: nothing behind them may be asked before. */
function isGate(task: Task): boolean {
  if (task.runOnce || task.throttle || task.delegateTo || task.until.length > 0) return true;
  return task.module === 'pause' || task.module === 'wait_for' || task.module === 'fail';
}

/** One look ahead: what it may pass, what it has collected, and which names are not known behind it. */
class Walk {
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
