import type { Static } from 'typebox';
import type {
  diffSchema,
  EVENTS,
  failureSchema,
  forecastSchema,
  outlookSchema,
  recapSchema,
} from './schemas.ts';

/**
 * Everything that happens in a run, as plain data (JSON), redacted and never with terminal control characters. Views
 * fold these, live or replayed. `time` is milliseconds since the epoch on the controller; durations are milliseconds.
 */
export type EventMap = { readonly [N in keyof typeof EVENTS]: DeepReadonly<Static<(typeof EVENTS)[N]>> };
export type EventName = keyof EventMap;
export type Event<N extends EventName = EventName> = {
  [K in N]: { readonly event: K; readonly time: number } & EventMap[K];
}[N];

type DeepReadonly<T> = T extends object ? { readonly [K in keyof T]: DeepReadonly<T[K]> } : T;

export type TaskStatus = 'ok' | 'changed' | 'skipped' | 'failed' | 'unreachable';
export type Failure = DeepReadonly<Static<typeof failureSchema>>;
export type Diff = DeepReadonly<Static<typeof diffSchema>>;
export type HostRecap = DeepReadonly<Static<typeof recapSchema>>;

export type Forecast = Static<typeof forecastSchema>;
export type HostForecast = DeepReadonly<Static<typeof outlookSchema>>;

export interface TaskPlace {
  readonly play: number;
  /** Task.id; with a loop, the events of its items carry `item`. */
  readonly task: string;
  readonly host: string;
  /** The host that did it, where delegated. */
  readonly delegate?: string;
}

/** Something that is about to be done on a host, for who has to allow it. Names as in `task.finished`. */
export interface Proposal {
  readonly play: number;
  readonly task: string;
  readonly host: string;
  readonly item?: string;
  readonly handler: boolean;
  readonly name: string;
  /** A change of a state, or an action. */
  readonly kind: 'change' | 'run';
  /** Completes "would change: ...". */
  readonly why?: string;
  readonly diff: readonly Diff[];
}

export interface EventSink {
  emit<N extends EventName>(event: N, data: EventMap[N]): void;
}
