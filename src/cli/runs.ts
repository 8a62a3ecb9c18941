import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import path from 'node:path';
import type { Event } from '../events/types.ts';

/** What is kept of a run for the next one: how long each play took. */
export interface RunSummary {
  readonly run: string;
  readonly playbooks: readonly string[];
  readonly check: boolean;
  readonly exitCode: number;
  /** Milliseconds. */
  readonly duration: number;
  readonly plays: readonly { readonly name: string; readonly duration: number }[];
}

/** Characters of events that are kept before they are written; the journal is what must not be lost. */
const BUFFER = 64 * 1024;
const FOLDER = path.join('.slipway', 'runs');

/** A new run's id and folder: sorted by time, told apart by the process. */
export function newRun(now = new Date()): { readonly id: string; readonly folder: string } {
  const stamp = now.toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-');
  const id = `${stamp}-${process.pid.toString(36)}`;
  const folder = path.join(FOLDER, id);
  mkdirSync(folder, { recursive: true });
  return { id, folder };
}

/** Keeps all events of a run in its folder, and at the end what the next run compares itself with. */
export function recordRun(folder: string, playbooks: readonly string[]): (event: Event) => void {
  const file = openSync(path.join(folder, 'events.jsonl'), 'a', 0o600);
  const plays: { name: string; duration: number }[] = [];
  let start: Event<'run.started'> | undefined;
  let pending = '';
  const flush = () => {
    if (pending !== '') writeSync(file, pending);
    pending = '';
  };
  return (event) => {
    if (event.event === 'task.output' || event.event === 'task.progress') return;
    pending += `${JSON.stringify(event)}\n`;
    if (pending.length > BUFFER || event.event === 'run.finished') flush();
    if (event.event === 'run.started') start = event;
    if (event.event === 'play.finished')
      plays.push({ name: start?.plays[event.play]?.name ?? '', duration: event.duration });
    if (event.event !== 'run.finished') return;
    closeSync(file);
    const { duration, exitCode } = event;
    const summary: RunSummary = {
      run: start?.run ?? '',
      playbooks,
      check: start?.check ?? false,
      exitCode,
      duration,
      plays,
    };
    writeFileSync(path.join(folder, 'summary.json'), `${JSON.stringify(summary, null, 2)}\n`, {
      mode: 0o600,
    });
  };
}

/** Folders of the runs before, the latest first. */
export function runsBefore(id: string): string[] {
  return readdirSync(FOLDER)
    .filter((name) => name < id)
    .sort()
    .reverse()
    .map((name) => path.join(FOLDER, name));
}

/** The last successful run of the same playbooks before this one, or undefined. */
export function previousRun(id: string, playbooks: readonly string[]): RunSummary | undefined {
  for (const folder of runsBefore(id)) {
    const summary = readSummary(path.join(folder, 'summary.json'));
    const same = summary && JSON.stringify(summary.playbooks) === JSON.stringify(playbooks);
    if (same && summary.exitCode === 0 && !summary.check) return summary;
  }
  return undefined;
}

export function readSummary(file: string): RunSummary | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as RunSummary;
  } catch {
    // A run that was killed has no summary.
    return undefined;
  }
}
