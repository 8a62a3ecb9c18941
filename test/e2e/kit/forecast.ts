import { type Finished, foretold as finishedOf, keyOf, titleOf } from '../../../src/approval/saved-plan.ts';
import type { SlipwayRun } from './slipway.ts';

/** What a dry run foretold, against what the run after it did. */
export interface Comparison {
  /** Tasks of which something else was foretold, as sentences. */
  readonly wrong: readonly string[];
  /** How often "foretold -> happened" was seen. */
  readonly table: Readonly<Record<string, number>>;
}

/** What each forecast allows to happen. What may run or is unknown may come to anything. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  same: ['ok'],
  change: ['changed'],
  // That a command runs is all that is said of it.
  run: ['ok', 'changed', 'failed'],
  'may-run': ['ok', 'changed', 'failed', 'skipped', 'not reached'],
  unknown: ['ok', 'changed', 'failed'],
  ok: ['ok', 'changed'],
  skipped: ['skipped', 'not reached'],
  failed: ['failed'],
};

/** Compares task by task, and the items of loops one by one. */
export function compareForecast(dry: SlipwayRun, real: SlipwayRun): Comparison {
  const happened = new Map<string, Finished[]>();
  for (const event of finished(real))
    happened.set(keyOf(event), [...(happened.get(keyOf(event)) ?? []), event]);
  const wrong: string[] = [];
  const table: Record<string, number> = {};
  for (const event of finished(dry)) {
    const then = happened.get(keyOf(event))?.shift();
    const said = saidOf(event);
    const came = then?.status ?? 'not reached';
    const row = `${said} -> ${came}`;
    table[row] = (table[row] ?? 0) + 1;
    // An item of which not even the name is known.
    const nameless = event.item !== undefined && said === 'unknown' && came === 'not reached';
    if (!ALLOWED[said]?.includes(came) && !nameless)
      wrong.push(
        `${titleOf(event)}: ${row} (${event.why ?? ''}; ${then?.failure?.message ?? then?.why ?? ''})`,
      );
  }
  const open = openOf(dry);
  for (const left of [...happened.values()].flat())
    if (left.status !== 'skipped' && !open(left))
      wrong.push(`${titleOf(left)}: not foretold -> ${left.status}`);
  return { wrong, table };
}

/** Whether a task stands for what the dry run could not name: an include, or the items of a loop, that may run. */
function openOf(dry: SlipwayRun): (event: Finished) => boolean {
  const may = finished(dry).filter(({ forecast }) => forecast === 'may-run' || forecast === 'unknown');
  const includes = may.filter(({ module }) => module.startsWith('include_'));
  return ({ play, task, host, item }) =>
    includes.some((one) => one.play === play && one.host === host) ||
    (item !== undefined && may.some((one) => one.play === play && one.host === host && one.task === task));
}

const finished = (run: SlipwayRun): Finished[] => finishedOf(run.events);

/** What a dry run said of each task, in a line: `change same run`. */
export function foretold(dry: SlipwayRun): string {
  const whole = finished(dry).filter(({ partial }) => !partial);
  return whole.map((event) => saidOf(event)).join(' ');
}

function saidOf(event: Finished): string {
  return event.status === 'failed' ? 'failed' : (event.forecast ?? event.status);
}

/** Adds a table to a sum. */
export function add(sum: Record<string, number>, table: Comparison['table']): void {
  for (const [row, count] of Object.entries(table)) sum[row] = (sum[row] ?? 0) + count;
}

/** A sum in one line, the most frequent first. */
export function summary(sum: Readonly<Record<string, number>>): string {
  const rows = Object.entries(sum).sort(([, a], [, b]) => b - a);
  return rows.map(([row, count]) => `${row}: ${count}`).join(' · ');
}
