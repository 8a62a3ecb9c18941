import type { View, ViewOptions } from './view.ts';

/** Every event as one line of JSON; docs/generated/events.md describes them. */
export function jsonlView(options: ViewOptions): View {
  return {
    handle: (event) => void options.stdout.write(`${JSON.stringify(event)}\n`),
    hold: () => () => {},
    end: () => {},
  };
}
