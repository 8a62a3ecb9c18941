import type { Value } from '../expression/types.ts';
import type { Inventory } from '../inventory/types.ts';
import type { Keywords, Variables } from '../playbook/types.ts';
import { magicFor, type Magic } from './magic.ts';
import { groupsOf } from './plan.ts';
import { LayeredScope } from './scope.ts';
import type { HostVariables, PlannedPlay, RunOptions } from './types.ts';

export interface VariableInputs {
  readonly inventory: Inventory;
  readonly options: RunOptions;
  readonly version: string;
  /** Hosts of a play that have not failed; default: all that were planned. */
  readonly alive?: (play: PlannedPlay) => readonly string[];
}

/** What a run has learned of one host; it lasts over plays. */
export interface Learned {
  facts: Readonly<Record<string, unknown>> | undefined;
  /** set_fact and registers. */
  readonly set: Map<string, unknown>;
  readonly included: Map<string, Value>;
  /** Counts what was learned. */
  version: number;
}

export interface VariableStore {
  /** Variables of a host in a play; without a play only what belongs to the host (`hostvars`). */
  forHost(host: string, play?: PlannedPlay): HostVariables;
  /** Answers to `vars_prompt`. */
  setPrompts(play: number, answers: Readonly<Record<string, unknown>>): void;
}

/** All variables of all hosts. Hosts share what belongs to plays; a host that learned nothing costs nothing. */
export function createVariables(inputs: VariableInputs): VariableStore {
  const learned = new Map<string, Learned>();
  const prompts = new Map<number, Readonly<Record<string, unknown>>>();
  const groups = groupsOf(inputs.inventory);
  const of = (host: string): Learned => {
    const known = learned.get(host);
    if (known) return known;
    const fresh: Learned = { facts: undefined, set: new Map(), included: new Map(), version: 0 };
    learned.set(host, fresh);
    return fresh;
  };
  const store: VariableStore = {
    forHost: (host, play) => {
      const magic: Magic = magicFor({
        inputs,
        host,
        play,
        groups,
        hostScope: (name) => store.forHost(name).scope(),
      });
      return hostVariables(inputs, host, play, () => of(host), magic, play && prompts.get(play.play.index));
    },
    setPrompts: (play, answers) => void prompts.set(play, answers),
  };
  return store;
}

function hostVariables(
  inputs: VariableInputs,
  host: string,
  play: PlannedPlay | undefined,
  learned: () => Learned,
  magic: Magic,
  prompts: Readonly<Record<string, unknown>> | undefined,
): HostVariables {
  const inventory: Variables = inputs.inventory.host(host)?.variables ?? new Map();
  return {
    host,
    get version() {
      return learned().version;
    },
    setFacts: (facts) => {
      const mine = learned();
      mine.version += 1;
      mine.facts = mine.facts ? { ...mine.facts, ...facts } : facts;
    },
    set: (name, value) => {
      const mine = learned();
      mine.version += 1;
      mine.set.set(name, value);
    },
    includeVars: (variables) => {
      const mine = learned();
      mine.version += 1;
      for (const [name, value] of variables) mine.included.set(name, value);
    },
    scope: (task?: Keywords, extra?: Readonly<Record<string, unknown>>, pending?: ReadonlySet<string>) =>
      new LayeredScope({
        inputs,
        inventory,
        play: play?.play,
        learned: learned(),
        magic,
        prompts,
        task,
        extra,
        pending,
      }),
  };
}
