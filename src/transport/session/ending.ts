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
  const ending: Ending = { reason, target: running, verdict: undefined };
  state.ending = ending;
  state.ended = carryOut(state, shell, ending, grace).finally(() => {
    state.ending = undefined;
    flush();
  });
  await state.ended;
}

async function carryOut(state: State, shell: Shell, ending: Ending, grace: number): Promise<void> {
  ending.verdict = await kill(state, shell, ending, grace);
  if (ending.verdict !== 'passed') return ended(state, shell);
  if (!state.entries.includes(ending.target) || (await settles(state, ending.target))) return;
  // Nothing was found to kill, and yet it has no answer: /proc cannot be read there.
  ending.verdict = undefined;
  await ended(state, shell);
}

async function kill(state: State, shell: Shell, ending: Ending, grace: number): Promise<string | undefined> {
  const options = { grace, whatever: ending.reason === 'cancel' };
  try {
    const killed = shell.pid.then((pid) => state.parts.execute(killScript(pid, ending.target.tag, options)));
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
