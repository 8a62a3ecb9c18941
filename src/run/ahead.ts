import type { Program } from '../module/program.ts';
import type { Task } from '../playbook/types.ts';
import type { Output } from '../transport/types.ts';
import { wouldNotify } from './report.ts';
import { askedTogether, joined, partOf } from './joint.ts';
import { type Call, type Extra, type Resolution, resolve } from './resolve.ts';
import type { Seat } from './seat.ts';
import type { Station } from './station.ts';
import type { Cell } from './tree.ts';
import { type Upcoming, Walk } from './walk-ahead.ts';

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
    return known?.epoch === this.#epoch(station) ? known.output : undefined;
  }

  /** Tells when an answer is stale. With `linear` what others do comes before or after, as it is written. */
  #epoch({ host }: Station): number {
    const { ctx, planned } = this.#seat;
    return planned.play.strategy === 'linear' ? ctx.remotes.changes : ctx.remotes.epoch(host);
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
   * Sends what was collected, in order; after a step of the same chain has failed nothing more of it runs. What was
   * asked already is not asked again.
   * @returns the answer to the first of them
   */
  send(coming: readonly Upcoming[], chain?: number): Promise<Output | undefined> {
    let first: Promise<Output | undefined> | undefined;
    for (const step of askedTogether(coming)) {
      const fresh = step.filter(({ station, program, action }) => action || !this.answer(station, program));
      const answers = fresh.length > 0 ? this.#send(fresh, chain) : [];
      const [{ station, program }] = step as [Upcoming];
      first ??= fresh[0] === step[0] ? answers[0] : this.answer(station, program);
    }
    return first ?? Promise.resolve(undefined);
  }

  /** One step: an action, or probes. @returns the answer to each */
  #send(step: readonly Upcoming[], chain: number | undefined): Promise<Output | undefined>[] {
    const [{ station, timeout, action, always }] = step as [Upcoming];
    if (action) this.#begin(action.task, station);
    const program = joined(step.map((each) => each.program));
    const { session, environment } = station;
    const output = session.run({
      script: program.text,
      timed: program.timed,
      environment,
      timeout,
      chain,
      always,
      whole: program.inLines,
      limit: program.limit,
    });
    output.catch(() => {});
    if (action) this.#actions.set(action.call, output);
    if (action) return [output];
    return step.map((each, index) => {
      const answer = partOf(output, index, step.length);
      this.#keep(station, each.program, answer);
      return answer;
    });
  }

  // The journal's promise holds for what is sent behind an action, too: its line is there before it is sent.
  #begin(task: Task, station: Station): void {
    const { ctx, host, planned } = this.#seat;
    ctx.remotes.touch(station.host);
    const step = { play: planned.play.index, task: task.id, host };
    ctx.journal.write({ at: 'started', ...step, ...wouldNotify(task), time: Date.now() });
  }

  #keep(station: Station, { text }: Program, output: Promise<Output | undefined>): void {
    // Whatever is done on this host or another may show there, as in a cluster.
    if (station.host !== this.#seat.host) return void output.catch(() => {});
    const epoch = this.#epoch(station);
    const here = this.#answers.get(station.key) ?? new Map<string, Answer>();
    this.#answers.set(station.key, here.set(text, { epoch, output }));
    // What was not asked in the end (an action before it failed) has to be asked again.
    const forget = () => {
      if (here.get(text)?.output === output) here.delete(text);
    };
    output.then((answer) => answer ?? forget(), forget);
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
