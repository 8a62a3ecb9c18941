import { cancelledError, type Entry, lostError, shellError, timeoutError } from './entry.ts';
import type { Shell } from './open.ts';
import { isSkipped, remove, skip } from './settle.ts';
import type { State } from './state.ts';

/**
 * Settles what was in flight when the session's shell went away. The first step without an answer is the one that
 * ran; those behind it were in the pipe only, have not been started, and go to the next shell.
 */
export async function shellEnded(
  state: State,
  shell: Shell,
  ended: { readonly code: number } | Error,
  flush: () => void,
): Promise<void> {
  const started = await shell.pid.then(
    () => undefined,
    (error: unknown) => error,
  );
  const verdict = await state.ending?.verdict;
  if (state.shell === shell) state.shell = undefined;
  const written = state.entries.filter((entry) => entry.written);
  if (ended instanceof Error) {
    for (const entry of written) reject(state, entry, lostError(state.parts.host, ended, entry));
  } else if (started !== undefined) {
    // No step has run.
    if (state.parts.again(started)) for (const entry of written) requeue(state, entry);
    else for (const entry of state.entries.slice()) reject(state, entry, started);
  } else {
    const [running, ...waiting] = written;
    if (running) reject(state, running, reasonFor(state, running, ended.code, verdict));
    for (const entry of waiting) requeue(state, entry);
  }
  flush();
}

function reject(state: State, entry: Entry, error: unknown): void {
  remove(state, entry);
  if (entry.step.chain !== undefined) state.failedChains.add(entry.step.chain);
  entry.reject(error);
}

function reasonFor(state: State, running: Entry, code: number, verdict: string | undefined): Error {
  const { ending, parts } = state;
  if (ending?.reason === 'cancel') return cancelledError(parts.host, running, verdict);
  if (ending?.target === running) return timeoutError(parts.host, running, verdict);
  const why = ending
    ? 'it began as an earlier step reached its timeout, and was ended with it'
    : `exit ${code}`;
  return shellError(parts.host, running, why);
}

function requeue(state: State, entry: Entry): void {
  entry.written = false;
  clearTimeout(entry.timer);
  entry.timer = undefined;
  if (state.ending?.reason === 'cancel') {
    reject(state, entry, cancelledError(state.parts.host, entry, 'gone'));
  } else if (isSkipped(state, entry)) skip(state, entry);
}
