import { bytesText } from './bytes.ts';

/** How far something is whose size is known (or becomes known), as one line: `12.3 MB of 80.1 MB, 15 %, 8.2 MB/s, 8 s left`. */
export interface Meter {
  /**
   * @param total where it is not what it was in the beginning
   * @returns undefined where the last line is too young to be replaced
   */
  at(bytes: number, total?: number): { readonly text: string; readonly fraction: number } | undefined;
}

/** Milliseconds over which the rate is taken: long enough to be calm, short enough to follow the network. */
const WINDOW = 4_000;
const EVERY = 200;

export function createMeter(size: number, now: () => number = () => performance.now()): Meter {
  const samples: { readonly time: number; readonly bytes: number }[] = [{ time: now(), bytes: 0 }];
  let shown = -Infinity;
  let over = false;
  return {
    at(bytes, total = size) {
      const time = now();
      // The end is told at once, and as what comes behind it (sent twice, after a lost connection) no more than all else.
      const ends = bytes >= total && !over;
      if (time - shown < EVERY && !ends) return undefined;
      over = bytes >= total;
      shown = time;
      samples.push({ time, bytes });
      while (samples.length > 2 && time - samples[1]!.time > WINDOW) samples.shift();
      const { time: from, bytes: before } = samples[0]!;
      const rate = time > from ? ((bytes - before) / (time - from)) * 1000 : 0;
      return { text: describe(bytes, total, rate), fraction: total > 0 ? Math.min(1, bytes / total) : 1 };
    },
  };
}

function describe(bytes: number, total: number, rate: number): string {
  const parts = [`${bytesText(bytes)} of ${bytesText(total)}`];
  if (total > 0) parts.push(`${Math.min(100, Math.floor((bytes / total) * 100))} %`);
  if (rate > 0) parts.push(`${bytesText(rate)}/s`);
  if (rate > 0 && bytes < total) parts.push(`${leftText((total - bytes) / rate)} left`);
  return parts.join(', ');
}

function leftText(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}
