import { within } from '../time.ts';
import { cancelledError, type Entry } from './entry.ts';
import { killScript } from './kill.ts';
import type { Shell } from './open.ts';
import { remove } from './settle.ts';
import type { Ending, State } from './state.ts';

/** Beyond the grace: for the second channel, sudo, and the rounds of killing. */
const REACH = 10_000;

/**
 * Ends the running step with all that it started, and the shell with it. A timeout ends `target` only, and does
 * nothing when that has finished meanwhile; a cancel ends whatever runs and drops all that waits.
 */
export async function end(
  state: State,
  reason: Ending['reason'],
  grace: number,
  flush: () => void,
  target?: Entry,
): Promise<void> {
  if (reason === 'cancel') dropUnwritten(state);
  while (state.ending) await state.ended;
  const { shell } = state;
  const running = target ?? state.entries[0];
  if (!shell || !running || !state.entries.includes(running)) return;
  const ending = { reason, target: running, verdict: kill(state, shell, reason, running, grace) };
  state.ending = ending;
  state.ended = carryOut(state, shell, ending).finally(() => {
    state.ending = undefined;
    flush();
  });
  await state.ended;
}

async function carryOut(state: State, shell: Shell, ending: Ending): Promise<void> {
  // Passed, and yet without an answer: nothing was found to kill, since /proc cannot be read there.
  if ((await ending.verdict) === 'passed' && (await settles(state, ending.target))) return;
  await ended(state, shell);
}

async function kill(
  state: State,
  shell: Shell,
  reason: Ending['reason'],
  target: Entry,
  grace: number,
): Promise<string | undefined> {
  const options = { grace, whatever: reason === 'cancel' };
  try {
    const killed = shell.pid.then((pid) => state.parts.execute(killScript(pid, target.tag, options)));
    const output = await within(grace + REACH, killed);
    return output?.stdout.trim().split('\n').at(-1) || undefined;
  } catch {
    // Said in the step's own error: an undefined verdict means that its processes could not be reached.
    return undefined;
  }
}

/** Waits for the shell to go, and closes its channel when it does not. */
async function ended(state: State, shell: Shell): Promise<void> {
  const gone = await within(3_000, shell.ended);
  if (gone === undefined) shell.channel.close();
  await within(3_000, state.gone);
}

async function settles(state: State, entry: Entry): Promise<boolean> {
  const until = Date.now() + 2_000;
  while (state.entries.includes(entry) && Date.now() < until) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return !state.entries.includes(entry);
}

function dropUnwritten(state: State): void {
  for (const entry of state.entries.filter((waiting) => !waiting.written)) {
    remove(state, entry);
    entry.reject(cancelledError(state.parts.host, entry, 'gone'));
  }
}
