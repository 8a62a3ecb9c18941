import { bytesText } from '../../../base/bytes.ts';
import type { EngineEvent } from './follow.ts';

/** How far a pull or a push is: the Engine tells it for each layer by itself. */
export interface LayerMeter {
  /** @returns the line for the view, where the event changes it */
  at(event: EngineEvent): { readonly text: string; readonly fraction?: number } | undefined;
}

/** Unpacking comes after downloading, and counts anew. */
const COUNTED = /^(?:Downloading|Pushing)$/;

export function createLayerMeter(): LayerMeter {
  const layers = new Map<string, { readonly current: number; readonly total: number }>();
  return {
    at({ status, id, progressDetail }) {
      if (status === undefined) return undefined;
      if (id === undefined) return { text: status };
      const { current, total } = progressDetail ?? {};
      if (!COUNTED.test(status) || current === undefined || total === undefined || total <= 0)
        return undefined;
      layers.set(id, { current: Math.min(current, total), total });
      let done = 0;
      let all = 0;
      for (const layer of layers.values()) {
        done += layer.current;
        all += layer.total;
      }
      return { text: `${bytesText(done)} of ${bytesText(all)}`, fraction: done / all };
    },
  };
}
