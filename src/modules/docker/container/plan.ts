import type { Container } from './inspected.ts';
import type { Network } from './params-network.ts';

/** What has to be done, in this order. */
export interface Plan {
  readonly remove?: true;
  readonly pull?: true;
  readonly make?: 'create' | 'recreate';
  /** Limits that the Engine changes in place, as it takes them. */
  readonly update?: Readonly<Record<string, unknown>>;
  readonly disconnect: readonly string[];
  readonly connect: readonly Network[];
  readonly run?: 'start' | 'stop' | 'restart';
  readonly pause?: boolean;
  readonly wait?: 'healthy' | 'ended';
  /** What becomes of one that a pull has made anew. */
  readonly again?: Pick<Plan, 'run' | 'wait' | 'pause'>;
  /** As it was found. */
  readonly found: Container | undefined;
  readonly outcome: Outcome;
}

/** What is only known when it has been done; `result` tells it. */
export interface Outcome {
  recreated?: boolean;
  /** Of one that was waited for. */
  status?: number;
  output?: string;
  /** As it was at its end, where it is gone since. */
  container?: Container;
}
