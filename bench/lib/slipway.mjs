// Slipway as its users start it, in a folder of its own; the round trips are read from the events of the run.
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { root } from '../../scripts/install.mjs';
import { measure } from './measure.mjs';

export const program = path.join(root, 'bin/slipway.cjs');

/** One `slipway run`; with the round trips of the host that was waited for most often. */
export async function slipwayRun(folder, playbook, inventory, args = []) {
  const cwd = path.join(folder, 'slipway');
  mkdirSync(cwd, { recursive: true });
  const result = await measure(
    process.execPath,
    [program, 'run', playbook, '-i', inventory, '--output', 'lines', ...args],
    { cwd },
  );
  const runs = path.join(cwd, '.slipway/runs');
  const events = readFileSync(path.join(runs, readdirSync(runs).sort().at(-1), 'events.jsonl'), 'utf8');
  const end = JSON.parse(events.trimEnd().split('\n').at(-1));
  if (end.event !== 'run.finished') throw new Error(`the run left no end: ${end.event}`);
  return { ...result, roundTrips: Math.max(...Object.values(end.roundTrips)), hosts: end.hosts };
}
