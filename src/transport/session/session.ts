import { SlipwayError } from '../../base/errors.ts';
import { exports } from '../shell-text.ts';
import type { Output, Session, Step } from '../types.ts';
import { end } from './ending.ts';
import { cancelledError, createEntry, type Entry, lostError, outputOf, readValue } from './entry.ts';
import { frame, INLINE_LIMIT, newNonce, scriptWord } from './frame.ts';
import { shellEnded } from './shell-ended.ts';
import { isSkipped, remove, skip, startTimer } from './settle.ts';
import type { SessionParts, State } from './state.ts';

/** How long processes have to react to TERM before they get KILL, where nobody says otherwise. */
export const DEFAULT_GRACE = 5_000;

/** A session that opens its shell when the first step comes, and a new one when the shell was lost. */
export function createSession(parts: SessionParts): Session & { cancelWithin(grace: number): Promise<void> } {
  const state: State = {
    parts,
    name: newNonce(),
    count: 0,
    entries: [],
    failedChains: new Set(),
    shell: undefined,
    opening: false,
    ending: undefined,
    ended: Promise.resolve(),
    gone: Promise.resolve(),
    flushing: false,
    closed: false,
    roundTrips: 0,
  };
  return {
    run: (step) => run(state, step),
    cancel: () => end(state, 'cancel', DEFAULT_GRACE, () => flushSoon(state)),
    cancelWithin: (grace) => end(state, 'cancel', grace, () => flushSoon(state)),
    get roundTrips() {
      return state.roundTrips;
    },
    close: () => close(state),
  };
}

function run(state: State, step: Step): Promise<Output | undefined> {
  if (state.closed) {
    const message = `${state.parts.host}: the session has been closed`;
    return Promise.reject(new SlipwayError('connect.lost', message));
  }
  return new Promise((resolve, reject) => {
    // Throws for what no shell can take, before anything is queued.
    exports(step.environment);
    const word = scriptWord(step.script);
    const entry = createEntry(step, `${state.name}.${++state.count}`, { resolve, reject });
    state.entries.push(entry);
    if (Buffer.byteLength(step.script) <= INLINE_LIMIT) entry.body = { word };
    else void stage(state, entry);
    flushSoon(state);
  });
}

async function stage(state: State, entry: Entry): Promise<void> {
  try {
    state.roundTrips++;
    entry.body = { file: await state.parts.stage(entry.step.script) };
  } catch (error) {
    remove(state, entry);
    entry.reject(error);
  }
  flushSoon(state);
}

// Steps that are given together leave in one message.
function flushSoon(state: State): void {
  if (state.flushing) return;
  state.flushing = true;
  queueMicrotask(() => {
    state.flushing = false;
    flush(state);
  });
}

function flush(state: State): void {
  if (state.ending || state.opening || state.closed) return;
  for (const entry of state.entries.slice()) {
    if (!entry.written && isSkipped(state, entry)) skip(state, entry);
  }
  if (!state.entries.some((entry) => !entry.written && entry.body)) return;
  const { shell } = state;
  if (!shell) {
    void openNext(state);
    return;
  }
  const idle = state.entries[0]?.written !== true;
  let text = '';
  for (const entry of state.entries) {
    if (entry.written) continue;
    if (!entry.body) break;
    text += write(state, entry);
  }
  if (text === '') return;
  if (idle) state.roundTrips++;
  shell.write(text);
  shell.pid.then(() => startTimer(state, expire), noted);
}

function write(state: State, entry: Entry): string {
  const nonce = newNonce();
  entry.written = true;
  state.shell!.expect(nonce, {
    stdout: entry.stdout,
    stderr: entry.stderr,
    done: (value) => finish(state, entry, value),
  });
  return frame(entry.step, entry.body!, entry.tag, nonce);
}

async function openNext(state: State): Promise<void> {
  state.opening = true;
  state.roundTrips++;
  try {
    const shell = await state.parts.open();
    state.shell = shell;
    state.gone = shell.ended.then((ended) => shellEnded(state, shell, ended, () => flushSoon(state)));
    if (state.closed) shell.channel.close();
  } catch (error) {
    if (!state.parts.again(error)) for (const entry of state.entries.splice(0)) entry.reject(error);
  }
  state.opening = false;
  flushSoon(state);
}

function finish(state: State, entry: Entry, value: string): void {
  remove(state, entry);
  if (value === 's') {
    entry.resolve(undefined);
  } else {
    const { code, clock } = readValue(value);
    if (code !== 0 && entry.step.chain !== undefined) state.failedChains.add(entry.step.chain);
    entry.resolve(outputOf(entry, code, clock));
  }
  startTimer(state, expire);
}

function expire(state: State, entry: Entry): void {
  void end(state, 'timeout', DEFAULT_GRACE, () => flushSoon(state), entry);
}

function close(state: State): void {
  if (state.closed) return;
  state.closed = true;
  for (const entry of state.entries.splice(0)) {
    clearTimeout(entry.timer);
    entry.reject(
      entry.written
        ? lostError(state.parts.host, new Error('the session was closed'), entry)
        : cancelledError(state.parts.host, entry, 'gone'),
    );
  }
  state.shell?.channel.stdin.end();
  state.shell?.channel.close();
}

// The shell's end is dealt with in one place (shellEnded).
function noted(): void {}
