import type { Secrets } from '../base/secrets.ts';
import type { EventSink, Proposal } from '../events/types.ts';
import type { Scope } from '../expression/types.ts';
import type { Module } from '../module/contract.ts';
import type { Local } from '../module/host.ts';
import type { HostVariables, Plan, PlannedPlay } from '../plan/types.ts';
import type { Include, Keywords, Task } from '../playbook/types.ts';
import type { Become, HostAddress, Transport } from '../transport/types.ts';
import type { Afterwards } from './afterwards.ts';
import type { Coordinator } from './coordinator.ts';
import type { Owed } from './debts.ts';
import type { Journal } from './journal.ts';
import type { Outlooks } from './outlook.ts';
import type { Remotes } from './remotes.ts';
import type { Stepping } from './stepping.ts';

/** What a run needs from outside; wired in cli, faked in tests. */
export interface RunDependencies {
  readonly plan: Plan;
  readonly modules: ReadonlyMap<string, Module>;
  readonly variables: { readonly forHost: (host: string, play: PlannedPlay) => HostVariables };
  readonly transport: Transport;
  readonly address: (host: string, scope: Scope) => HostAddress;
  /** Undefined: stay the login user. */
  readonly become: (host: string, scope: Scope, keywords: Keywords) => Become | undefined;
  /** The controller's files as this task sees them. */
  readonly local: (place: Task | Include, scope: Scope, play: PlannedPlay) => Local;
  /** Checks and completes rendered arguments. @throws {SlipwayErrors | SlipwayError} */
  readonly checkArguments: (
    module: Module,
    task: Task,
    data: Record<string, unknown>,
  ) => Record<string, unknown>;
  /** Gets the hosts that fail or cannot be reached, for who asks which are left. */
  readonly lost?: Set<string>;
  readonly events: EventSink;
  readonly journal: Journal;
  /** Handlers that the run before left undone. */
  readonly owed?: readonly Owed[] | undefined;
  readonly secrets: Secrets;
  readonly ask: (question: string, options?: { readonly secret?: boolean }) => Promise<string | undefined>;
  /** Hosts that may connect at once. */
  readonly forks: number;
  /** Asked before something is changed on a host. @throws {SlipwayError} where it must not be done */
  readonly approve?: ((proposal: Proposal) => Promise<void>) | undefined;
  /** Ask before each task; plays are `linear` then. */
  readonly step?: boolean | undefined;
  /** How many `-v`. */
  readonly verbosity: number;
  /** Ask tasks for live output. */
  readonly live: boolean;
  /** Leave the results of what neither changed nor failed (gathered facts above all) out of the events. */
  readonly quiet?: boolean;
  /** `gather_subset` of the facts that plays gather by themselves, where nothing reads the others; default: all. */
  readonly gatherSubset?: readonly string[] | undefined;
  /** Aborts on the first interrupt. */
  readonly signal: AbortSignal;
}

/** The dependencies and what belongs to the run as a whole. */
export interface RunContext extends RunDependencies {
  readonly coordinator: Coordinator;
  readonly remotes: Remotes;
  /** What a dry run expects of the hosts. */
  readonly outlooks: Outlooks;
  readonly stepping?: Stepping | undefined;
  /** What hosts at one task share, by the task's place. */
  readonly shared: Map<string, unknown>;
  readonly afterwards: Afterwards;
}
