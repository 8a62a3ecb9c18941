import { duration } from '../views/duration.ts';
import type { RunSummary } from './runs.ts';

/** How long each play took, beside the last time: for playbooks whose plays set `slipway_timings`. */
export function timingLines(now: RunSummary, before: RunSummary | undefined): string[] {
  const rows = [...now.plays, { name: 'in all', duration: now.duration }];
  const last = new Map(
    [...(before?.plays ?? []), { name: 'in all', duration: before?.duration ?? 0 }].map((play) => [
      play.name,
      play.duration,
    ]),
  );
  const width = Math.max(...rows.map(({ name }) => name.length));
  const head = before
    ? `TIMINGS (last time: run ${before.run})`
    : 'TIMINGS (the first run here: nothing to compare with)';
  return [
    head,
    ...rows.map(
      (row) =>
        `${row.name.padEnd(width)}  ${duration(row.duration).padStart(7)}${comparison(row.duration, before && last.get(row.name))}`,
    ),
  ];
}

function comparison(now: number, before: number | undefined): string {
  if (!before) return '';
  const percent = Math.round((now / before - 1) * 100);
  return `  last time ${duration(before).padStart(7)}  ${percent > 0 ? '+' : ''}${percent} %`;
}
