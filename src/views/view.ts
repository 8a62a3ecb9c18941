import type { Event } from '../events/types.ts';

/** Shows a run to somebody: folds the event stream, live or replayed, and knows nothing else. */
export interface View {
  handle(event: Event): void;
  /** Keeps the screen still while somebody is asked something; what it returns lets it go on. */
  hold(): () => void;
  /** Leaves the screen in order; called once, also after an interrupt. */
  end(): void | Promise<void>;
}

export interface ViewOptions {
  /** auto: terminal on a terminal, else lines. */
  readonly output: 'auto' | 'terminal' | 'lines' | 'jsonl';
  /** Number of -v. */
  readonly verbose: number;
  /** Show diffs. */
  readonly diff: boolean;
  readonly stdout: NodeJS.WriteStream;
  readonly env: Readonly<Record<string, string | undefined>>;
}
