import type { Secrets } from '../base/secrets.ts';
import type { Event, EventMap, EventName, EventSink } from './types.ts';

export type Listener = (event: Event) => void;

export interface Bus extends EventSink {
  /** Listeners are called in order, at once; one must not throw. */
  subscribe(listener: Listener): void;
}

/** The one way out of a run: stamps each event with the time and takes the secrets out before anybody sees it. */
export function createBus(secrets: Secrets): Bus {
  const listeners: Listener[] = [];
  return {
    subscribe: (listener) => void listeners.push(listener),
    emit: <N extends EventName>(event: N, data: EventMap[N]) => {
      const whole = { event, time: Date.now(), ...secrets.redactData(data) } as unknown as Event;
      for (const listener of listeners) listener(whole);
    },
  };
}
