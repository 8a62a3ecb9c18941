import type { Value } from '../expression/types.ts';

/** What a host has learned so far. Hosts that learned the same share one state. */
export class State {
  readonly set: ReadonlyMap<string, unknown>;
  readonly included: ReadonlyMap<string, Value>;
  /** Whether facts were gathered. */
  readonly facts: boolean;
  /** A file was included whose name is not known: any variable may be there. */
  readonly open: boolean;
  readonly #next = new Map<string, State>();

  constructor(given: Learnt = {}) {
    this.set = given.set ?? new Map();
    this.included = given.included ?? new Map();
    this.facts = given.facts ?? false;
    this.open = given.open ?? false;
  }

  /** The state after a step; the same step from the same state leads to the same one. */
  after(key: string, learn: () => Learnt): State {
    const known = this.#next.get(key);
    if (known) return known;
    const { set, included, facts, open } = learn();
    const next = new State({
      set: set ? new Map([...this.set, ...set]) : this.set,
      included: included ? new Map([...this.included, ...included]) : this.included,
      facts: facts ?? this.facts,
      open: open ?? this.open,
    });
    this.#next.set(key, next);
    return next;
  }

  /** How many ways lead on from here. */
  get ways(): number {
    return this.#next.size;
  }
}

export interface Learnt {
  readonly set?: ReadonlyMap<string, unknown>;
  readonly included?: ReadonlyMap<string, Value>;
  readonly facts?: boolean;
  readonly open?: boolean;
}

/** Hosts that stand at the same place with the same state, in the order of the play. */
export interface Cohort {
  readonly state: State;
  readonly hosts: readonly string[];
}

/** Cohorts of the same state put together. */
export function merged(cohorts: readonly Cohort[]): Cohort[] {
  const states = new Map<State, (readonly string[])[]>();
  for (const { state, hosts } of cohorts) {
    const lists = states.get(state);
    if (lists) lists.push(hosts);
    else if (hosts.length > 0) states.set(state, [hosts]);
  }
  return [...states].map(([state, lists]) => ({
    state,
    hosts: lists.length === 1 ? lists[0]! : lists.flat(),
  }));
}
