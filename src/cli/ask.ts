import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { SlipwayError } from '../base/errors.ts';

export interface AskOptions {
  /** What is typed is not shown. */
  readonly secret?: boolean;
}

export type Ask = (question: string, options?: AskOptions) => Promise<string | undefined>;

/**
 * Asks the person at the terminal (on stderr, so that stdout stays clean); undefined when there is none, or when it
 * was closed instead of answering.
 * @throws {SlipwayError} task.cancelled, on Ctrl-C, which goes on as the signal that it is, and when `signal` aborts
 */
export async function ask(
  question: string,
  options: AskOptions = {},
  signal?: AbortSignal,
): Promise<string | undefined> {
  if (!process.stdin.isTTY) return undefined;
  let muted = false;
  const output = new Writable({
    write(chunk, _encoding, done) {
      if (!muted) process.stderr.write(chunk);
      done();
    },
  });
  const lines = createInterface({ input: process.stdin, output, terminal: true });
  let stopped: 'interrupted' | 'aborted' | undefined;
  const stop = (how: typeof stopped) => {
    stopped ??= how;
    lines.close();
  };
  const abort = () => stop('aborted');
  signal?.addEventListener('abort', abort, { once: true });
  const answer = await new Promise<string | undefined>((resolve) => {
    lines.once('close', () => resolve(undefined));
    lines.once('SIGINT', () => stop('interrupted'));
    lines.question(`${question.trimEnd()} `, resolve);
    muted = options.secret ?? false;
    if (signal?.aborted) abort();
  });
  signal?.removeEventListener('abort', abort);
  lines.close();
  if (muted || answer === undefined) process.stderr.write('\n');
  if (stopped === undefined) return answer;
  if (stopped === 'interrupted') interrupt();
  throw new SlipwayError('task.cancelled', 'interrupted before the question was answered');
}

// In raw mode the terminal sends no signal; before a run nobody would take it.
function interrupt(): void {
  if (!process.emit('SIGINT', 'SIGINT')) process.exit(99);
}

/** Asks one question at a time; `hold` keeps the screen still meanwhile, what it returns lets it go on. */
export function inTurn(hold: () => () => void, signal: AbortSignal): Ask {
  let last: Promise<unknown> = Promise.resolve();
  return (question, options) => {
    const answer = last.then(async () => {
      const goOn = hold();
      try {
        return await ask(question, options, signal);
      } finally {
        goOn();
      }
    });
    last = answer.catch(() => {});
    return answer;
  };
}
