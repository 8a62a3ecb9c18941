import type { Inventory } from '../inventory/types.ts';
import type { Keywords, Play, Task, TaskNode, Variables } from '../playbook/types.ts';
import type { Scope } from '../expression/types.ts';

/** A play with its hosts chosen and its tasks selected by tags. Plain data: building it does no I/O. */
export interface PlannedPlay {
  readonly play: Play;
  /** In inventory order. */
  readonly hosts: readonly string[];
  /** `serial`: hosts in batches that run one after the other; one batch where it is not given. */
  readonly batches: readonly (readonly string[])[];
  /** Tasks that the tags select, in order; blocks keep their shape. */
  readonly tasks: readonly TaskNode[];
  readonly handlers: readonly Task[];
  /** Percent (0 to 100) of hosts that may fail before the play is given up; undefined: any number. */
  readonly maxFailPercentage?: number | undefined;
}

export interface Plan {
  readonly plays: readonly PlannedPlay[];
  readonly inventory: Inventory;
  readonly options: RunOptions;
  /** Whether a task of an include or role met at run time is selected by the tags. */
  readonly selected: (tags: readonly string[]) => boolean;
}

export interface RunOptions {
  readonly check: boolean;
  readonly diff: boolean;
  readonly tags: readonly string[];
  readonly skipTags: readonly string[];
  readonly startAtTask?: string | undefined;
  readonly extraVars: Readonly<Record<string, unknown>>;
}

/** In `pending`: stands for all facts of the host. */
export const FACTS = '*facts';

/**
 * All variables of one host in one play, by Ansible's precedence. What a run learns (facts, registers, set_fact,
 * include_vars) goes in through the setters; a scope for a task is cheap to make and reads through to them.
 */
export interface HostVariables {
  readonly host: string;
  /** Grows with all that the setters put in: the same number, the same values. */
  readonly version: number;
  setFacts(facts: Readonly<Record<string, unknown>>): void;
  /** set_fact and register; a value may be Unknown. */
  set(name: string, value: unknown): void;
  includeVars(variables: Variables): void;
  /**
   * The scope of a task (or of the play, without one). `extra` holds loop variables and the like, and wins over all
   * but -e. Names in `pending` read as Unknown: their values are on their way (registers of tasks that were asked
   * about ahead; `FACTS` for the facts), also where another variable is made of them.
   */
  scope(task?: Keywords, extra?: Readonly<Record<string, unknown>>, pending?: ReadonlySet<string>): Scope;
}
