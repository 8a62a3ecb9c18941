import { setMaxListeners } from 'node:events';
import type { EventSink } from '../events/types.ts';
import { whenClosed } from './closed-output.ts';

/** The first Ctrl-C stops the run in order, the second leaves at once. So does an output that nobody reads any more. */
export function onInterrupt(events: EventSink): { readonly signal: AbortSignal; readonly done: () => void } {
  const controller = new AbortController();
  // Every waiting host listens.
  setMaxListeners(0, controller.signal);
  const begin = (name: string) => {
    if (controller.signal.aborted) return;
    controller.abort();
    events.emit('run.interrupted', { signal: name });
  };
  const stop = (name: NodeJS.Signals) => {
    if (controller.signal.aborted) {
      // The screen's cursor may be hidden.
      if (process.stdout.isTTY) process.stdout.write('\u001b[?25h');
      process.exit(99);
    }
    begin(name);
  };
  // Node takes back what `nohup` had set, so a lost terminal would end the process at once, and not in order.
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const name of signals) process.on(name, stop);
  let running = true;
  whenClosed(() => running && begin('SIGPIPE'));
  const done = () => {
    running = false;
    for (const name of signals) process.off(name, stop);
  };
  return { signal: controller.signal, done };
}
