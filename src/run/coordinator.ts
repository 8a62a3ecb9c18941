import {
  comparePositions,
  decide,
  type Decision,
  type Gate,
  type HostState,
  type HostStatus,
  type PlayState,
} from './scheduler.ts';
import type { PlannedPlay } from '../plan/types.ts';

/** How a host's part in a play came to its end. */
export type Ending = Extract<HostStatus, 'done' | 'failed' | 'unreachable' | 'excluded'>;

export interface CoordinatorHooks {
  /** Runs one host through one play; must not reject. */
  readonly run: (play: number, host: string) => Promise<Ending>;
  readonly playStarted: (play: number) => void;
  readonly playFinished: (play: number) => void;
  readonly aborted: (play: number, why: string) => void;
}

interface MutablePlay extends Omit<PlayState, 'hosts' | 'batch' | 'finished' | 'ended' | 'passedOver'> {
  passedOver?: string;
  batch: number;
  finished: boolean;
  ended: boolean;
  started: boolean;
  /** How many of its hosts are in it now. */
  inside: number;
  readonly hosts: Map<string, HostState>;
}

/** Keeps the scheduler's state, carries out its decisions, and lets hosts wait at gates. */
export class Coordinator {
  readonly #plays: MutablePlay[];
  readonly #out: Set<string>;
  readonly #hooks: CoordinatorHooks;
  readonly #waiting = new Map<string, (elected: boolean) => void>();
  readonly #once = new Map<string, Promise<unknown>>();
  #aborted = false;
  #over: () => void = () => {};
  #turning = false;

  /** @param out gets the hosts that fail or cannot be reached */
  constructor(plays: readonly PlannedPlay[], hooks: CoordinatorHooks, out = new Set<string>()) {
    this.#out = out;
    this.#hooks = hooks;
    this.#plays = plays.map((planned, index) => ({
      index,
      strategy: planned.play.strategy,
      needs: planned.play.needs,
      batches: planned.batches,
      batch: 0,
      finished: false,
      ended: false,
      started: false,
      inside: 0,
      maxFailPercentage: planned.maxFailPercentage,
      hosts: new Map(planned.hosts.map((host): [string, HostState] => [host, { status: 'waiting' }])),
    }));
  }

  /** Settles when every play has finished. */
  async run(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#over = resolve;
      this.#turn();
    });
  }

  get aborted(): boolean {
    return this.#aborted;
  }

  /** Nothing new starts; hosts stop at their next task. */
  abort(): void {
    this.#stop();
    this.#turn();
  }

  /** As `abort`, where a host's failure ends the run: the first one is told. */
  abortFor(play: number, why: string): void {
    if (!this.#aborted) this.#hooks.aborted(play, why);
    this.abort();
  }

  #stop(): void {
    this.#aborted = true;
    for (const release of this.#waiting.values()) release(false);
    this.#waiting.clear();
  }

  /** `meta: end_play`: every host of the play stops at its next task, without failing. */
  endPlay(play: number): void {
    this.#plays[play]!.ended = true;
    for (const [key, release] of this.#waiting) {
      if (!key.startsWith(`${play}/`)) continue;
      this.#waiting.delete(key);
      release(false);
    }
    this.#turn();
  }

  /** Whether a host has to stop at its next task. */
  isOver(play: number): boolean {
    return this.#aborted || this.#plays[play]?.ended === true;
  }

  /** linear: waits until the other hosts of the batch have come to this task. */
  async step(play: number, host: string, at: readonly number[]): Promise<void> {
    if (this.#plays[play]?.strategy === 'linear') await this.#wait(play, host, { kind: 'step', at });
  }

  /** run_once: the elected host does the work, all others get its result; undefined where the play ended meanwhile. */
  async once<T>(
    play: number,
    host: string,
    id: string,
    at: readonly number[],
    work: () => Promise<T>,
  ): Promise<{ mine: boolean; value: T }> {
    const key = `${play}/${this.#plays[play]?.batch}/${id}`;
    const known = this.#once.get(key);
    if (known) return { mine: false, value: (await known) as T };
    const elected = await this.#wait(play, host, { kind: 'once', key, at });
    const done = this.#once.get(key);
    if (done || !elected) return { mine: false, value: (await done) as T };
    const result = work();
    this.#once.set(key, result);
    this.#releaseOnce(play, key, result);
    return { mine: true, value: await result };
  }

  async throttled<T>(
    play: number,
    host: string,
    id: string,
    limit: number,
    work: () => Promise<T>,
  ): Promise<T | undefined> {
    await this.#wait(play, host, { kind: 'throttle', key: id, limit });
    if (this.isOver(play)) return undefined;
    try {
      return await work();
    } finally {
      this.#set(play, host, { status: 'running' });
      this.#turn();
    }
  }

  #releaseOnce(play: number, key: string, result: Promise<unknown>): void {
    const others = () => {
      for (const [host, state] of this.#plays[play]?.hosts ?? []) {
        if (state.gate?.kind === 'once' && state.gate.key === key) this.#release(play, host, false);
      }
    };
    result.then(others, others);
  }

  #wait(play: number, host: string, gate: Gate): Promise<boolean> {
    if (this.isOver(play)) return Promise.resolve(false);
    this.#set(play, host, { status: 'running', gate });
    return new Promise((resolve) => {
      this.#waiting.set(`${play}/${host}`, resolve);
      this.#turn();
    });
  }

  #release(play: number, host: string, elected: boolean): void {
    const key = `${play}/${host}`;
    const resolve = this.#waiting.get(key);
    this.#waiting.delete(key);
    const gate = this.#plays[play]?.hosts.get(host)?.gate;
    this.#set(play, host, { status: 'running', holds: gate?.kind === 'throttle' ? gate.key : undefined });
    resolve?.(elected);
  }

  #set(play: number, host: string, state: HostState): void {
    this.#plays[play]?.hosts.set(host, state);
  }

  // Decisions change the state, so ask until there are none. Re-entrant calls only ask for another round.
  #turn(): void {
    if (this.#turning) return;
    this.#turning = true;
    try {
      for (;;) {
        const decisions = decide({ plays: this.#plays, out: this.#out, aborted: this.#aborted });
        if (decisions.length === 0) break;
        for (const decision of decisions) this.#carryOut(decision);
      }
    } finally {
      this.#turning = false;
    }
    if (this.#plays.every((play) => play.finished)) this.#over();
  }

  #carryOut(decision: Decision): void {
    const play = this.#plays[decision.play]!;
    if (decision.do === 'start') this.#start(play, decision.host);
    else if (decision.do === 'release')
      this.#release(decision.play, decision.host, decision.elected ?? false);
    else if (decision.do === 'next-batch') play.batch += 1;
    else if (decision.do === 'finish') {
      play.finished = true;
      if (play.started) this.#hooks.playFinished(play.index);
    } else if (decision.do === 'pass-over') {
      if (!this.#plays.some(({ passedOver }) => passedOver)) this.#hooks.aborted(play.index, decision.why);
      play.passedOver = decision.why;
      play.finished = true;
    } else {
      this.#stop();
      this.#hooks.aborted(play.index, decision.why);
    }
  }

  #start(play: MutablePlay, host: string): void {
    if (!play.started) {
      play.started = true;
      this.#hooks.playStarted(play.index);
    }
    play.hosts.set(host, { status: 'running' });
    play.inside += 1;
    void this.#hooks.run(play.index, host).then((ending) => {
      play.hosts.set(host, { status: ending });
      play.inside -= 1;
      if (ending === 'failed' || ending === 'unreachable') this.#out.add(host);
      if (play.inside === 0 || this.#anyoneWaitsForOneHost()) this.#turn();
    });
  }

  // Asking for decisions looks at every host: with thousands of them, not each time that one is done.
  #anyoneWaitsForOneHost(): boolean {
    if (this.#aborted || this.#waiting.size > 0) return true;
    return this.#plays.some(
      ({ needs, maxFailPercentage }) => needs !== undefined || maxFailPercentage !== undefined,
    );
  }
}

export { comparePositions };
