import type { Entry } from './entry.ts';
import type { State } from './state.ts';

/** Takes an entry out of the queue; what its promise becomes is the caller's. */
export function remove(state: State, entry: Entry): void {
  clearTimeout(entry.timer);
  const at = state.entries.indexOf(entry);
  if (at !== -1) state.entries.splice(at, 1);
}

/** Whether an earlier step of its chain failed, which it waits for. */
export function isSkipped(state: State, { step }: Entry): boolean {
  return step.chain !== undefined && !step.always && state.failedChains.has(step.chain);
}

/** An earlier step of its chain failed: it is not run. */
export function skip(state: State, entry: Entry): void {
  remove(state, entry);
  entry.resolve(undefined);
}

/** The first written step is the one that runs: its time counts from now, unless it does already. */
export function startTimer(state: State, expire: (state: State, entry: Entry) => void): void {
  const running = state.entries[0];
  if (!running?.written || running.timer || running.step.timeout === undefined) return;
  running.timer = setTimeout(() => expire(state, running), running.step.timeout);
}
