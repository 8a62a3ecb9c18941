import type { Forecast } from './types.ts';

/** Each forecast as people read it, what would be done first. */
export const FORECAST_WORDS: Readonly<Record<Forecast, string>> = {
  change: 'would change',
  run: 'would run',
  'may-run': 'may run',
  unknown: 'unknown',
  same: 'same',
};
