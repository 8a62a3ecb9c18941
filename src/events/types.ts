/**
 * Everything that happens in a run, as plain data (JSON), redacted and never with terminal control characters. Views
 * fold these, live or replayed. `time` is milliseconds since the epoch on the controller; durations are milliseconds.
 */
export type TaskStatus = 'ok' | 'changed' | 'skipped' | 'failed' | 'unreachable';

export interface TaskPlace {
  readonly play: number;
  /** Task.id; with a loop, the item's events carry `item`. */
  readonly task: string;
  readonly host: string;
  /** The host that did it, where delegated. */
  readonly delegate?: string;
}

export interface Diff {
  readonly subject: string;
  readonly kind: 'content' | 'value';
  readonly before?: string;
  readonly after?: string;
}

export interface Failure {
  /** From ERROR_CODES. */
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
  /** file:line:col, and the frame as text. */
  readonly where?: string;
  readonly frame?: string;
  readonly stdout?: string;
  readonly stderr?: string;
  readonly exitCode?: number;
}

export interface HostRecap {
  readonly ok: number;
  readonly changed: number;
  readonly unreachable: number;
  readonly failed: number;
  readonly skipped: number;
  readonly rescued: number;
  readonly ignored: number;
}

export interface EventMap {
  'run.started': {
    readonly run: string;
    readonly version: string;
    readonly playbooks: readonly string[];
    readonly check: boolean;
    readonly diff: boolean;
    /** Set where the hosts are a lab's: the views say "simulated Kubernetes". */
    readonly simulated: boolean;
    readonly plays: readonly {
      readonly name: string;
      readonly hosts: readonly string[];
      readonly tasks: number;
    }[];
  };
  'play.started': { readonly play: number; readonly name: string; readonly hosts: readonly string[] };
  'play.finished': { readonly play: number; readonly duration: number };
  'host.connecting': { readonly host: string };
  'host.connected': { readonly host: string; readonly duration: number };
  'host.unreachable': { readonly host: string; readonly failure: Failure };
  'task.started': TaskPlace & { readonly name: string; readonly module: string; readonly item?: string };
  /** Live output, only where it was asked for (-v). */
  'task.output': TaskPlace & { readonly stream: 'stdout' | 'stderr'; readonly text: string };
  'task.progress': TaskPlace & { readonly text: string; readonly fraction?: number };
  'task.retried': TaskPlace & { readonly attempt: number; readonly of: number; readonly message: string };
  /** One for each task and host; with a loop one for each item (with `item`) and then one for the whole. */
  'task.finished': TaskPlace & {
    readonly name: string;
    readonly module: string;
    readonly item?: string;
    /** True for the events of single items, which the recap does not count. */
    readonly partial?: boolean;
    readonly handler?: boolean;
    readonly status: TaskStatus;
    /** Why it is so: "already so: ...", "would change: ...", the condition that skipped it. */
    readonly why?: string;
    /** A dry run that cannot know: "may run: depends on `x`". */
    readonly unknown?: boolean;
    readonly ignored?: boolean;
    readonly rescued?: boolean;
    readonly duration: number;
    readonly diff?: readonly Diff[];
    readonly failure?: Failure;
    /** What `register` would hold, bounded. */
    readonly result?: Readonly<Record<string, unknown>>;
    /** Lines that the module says to the user (debug). */
    readonly says?: readonly string[];
  };
  'handler.notified': TaskPlace & { readonly handler: string };
  warning: { readonly code: string; readonly message: string; readonly where?: string };
  'run.interrupted': { readonly signal: string };
  'run.finished': {
    readonly duration: number;
    readonly exitCode: number;
    readonly hosts: Readonly<Record<string, HostRecap>>;
    readonly roundTrips: Readonly<Record<string, number>>;
  };
}

export type EventName = keyof EventMap;
export type Event<N extends EventName = EventName> = {
  [K in N]: { readonly event: K; readonly time: number } & EventMap[K];
}[N];

export interface EventSink {
  emit<N extends EventName>(event: N, data: EventMap[N]): void;
}
