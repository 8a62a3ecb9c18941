import { createMeter } from '../../../base/meter.ts';
import type { EngineEvent } from './follow.ts';

/** What the Engine is doing. Of a pull or a push it tells how far it is for each layer by itself. */
export interface LayerMeter {
  /** @returns the line for the view, where the event changes it, and the last one is not too young */
  at(event: EngineEvent): { readonly text: string; readonly fraction?: number } | undefined;
}

/** Unpacking comes after downloading, and counts anew. */
const COUNTED = /^(?:Downloading|Pushing)$/;
/** Milliseconds between two lines of text: a build prints thousands. */
const EVERY = 200;

export function createLayerMeter(now: () => number = () => performance.now()): LayerMeter {
  const meter = createMeter(0, now);
  let shown = -Infinity;
  const text = (line: string) => {
    if (now() - shown < EVERY) return undefined;
    shown = now();
    return { text: line };
  };
  const layers = new Map<string, { readonly current: number; readonly total: number }>();
  return {
    at({ stream, status, id, progressDetail }) {
      const said = stream?.trim().split('\n').at(-1) ?? (id === undefined ? status : undefined);
      if (said) return text(said);
      const { current, total } = progressDetail ?? {};
      if (
        id === undefined ||
        !COUNTED.test(status ?? '') ||
        current === undefined ||
        total === undefined ||
        total <= 0
      )
        return undefined;
      layers.set(id, { current: Math.min(current, total), total });
      let done = 0;
      let all = 0;
      for (const layer of layers.values()) {
        done += layer.current;
        all += layer.total;
      }
      return meter.at(done, all);
    },
  };
}
