import { SlipwayError } from '../../base/errors.ts';
import { DEFAULT_GRACE } from '../session/session.ts';
import type { Become, Output, Remote, Session, Step } from '../types.ts';
import { ENDS, followText, killText, removeText, resultText, startText } from './text.ts';

export interface DetachedOptions {
  /** Names this one execution: letters, digits, `-` and `_`. A second start under the same name only attaches. */
  readonly id: string;
  readonly become?: Become | undefined;
  /** Milliseconds to try to reconnect when the connection is lost. */
  readonly reconnect: number;
  /** The connection was lost; the step goes on without it. */
  readonly onLost?: (() => void) | undefined;
}

/** What is known of a step that may outlive the connection. */
interface Progress {
  stdout: number;
  stderr: number;
  boot: string;
  interrupted: boolean;
}

// Negative, so that they meet none of the caller's chains.
let chains = 0;

/**
 * Runs a step that survives a lost connection: it goes on under a supervisor on the host, and is found again by its
 * id. Takes one round trip (and one to tidy up) where nothing goes wrong.
 *
 * @throws {SlipwayError} connect.lost with `data.outcome` "unknown" when the host was restarted meanwhile: only a
 * probe can tell what became of it; task.timeout, task.cancelled (the step is killed on the host); connect.*
 */
export async function runDetached(remote: Remote, step: Step, options: DetachedOptions): Promise<Output> {
  if (!/^[\w-]+$/.test(options.id)) {
    throw new SlipwayError('internal', `"${options.id}" cannot name a detached step`);
  }
  const progress: Progress = { stdout: 0, stderr: 0, boot: '', interrupted: false };
  const session = await remote.session(options.become);
  let late = false;
  let timer: NodeJS.Timeout | undefined;
  if (step.timeout !== undefined) {
    timer = setTimeout(() => {
      late = true;
      void session.cancel();
    }, step.timeout);
  }
  try {
    for (;;) {
      try {
        return await attempt(remote.name, session, step, options.id, progress);
      } catch (error) {
        if (!(error instanceof SlipwayError) || error.code !== 'connect.lost' || error.data['outcome'])
          throw error;
        options.onLost?.();
        await remote.reconnect(options.reconnect);
        progress.interrupted = true;
      }
    }
  } catch (error) {
    if (!(error instanceof SlipwayError) || error.code !== 'task.cancelled') throw error;
    const killed = session.run({ script: killText(options.id, DEFAULT_GRACE) });
    session.run({ script: removeText(options.id) }).catch(() => {});
    await killed;
    if (!late) throw error;
    throw new SlipwayError(
      'task.timeout',
      `${remote.name}: the step took longer than its timeout of ${step.timeout} ms`,
      {
        hint: 'Give it a longer `timeout`, or find out from its output what it was waiting for.',
        data: { ...error.data, timeout: step.timeout },
      },
    );
  } finally {
    clearTimeout(timer);
  }
}

/** Starts it (only the first time), follows it to its end and fetches its exit code: all in one message. */
async function attempt(
  host: string,
  session: Session,
  step: Step,
  id: string,
  progress: Progress,
): Promise<Output> {
  const chain = --chains;
  const { onOutput, limit } = step;
  const more = { ...(onOutput && { onOutput }), ...(limit !== undefined && { limit }) };
  const starting = progress.interrupted ? undefined : session.run({ script: startText(step, id), chain });
  const following = session.run({ script: followText(id, progress, progress.boot), chain, ...more });
  const resulting = session.run({ script: resultText(id), chain });
  const [start, follow, result] = await Promise.allSettled([starting, following, resulting]);
  if (start.status === 'fulfilled' && start.value) {
    if (start.value.code !== 0) throw startError(host, start.value);
    progress.boot ||= start.value.stdout.trim();
  }
  if (start.status === 'rejected') throw start.reason;
  if (follow.status === 'rejected') {
    const seen = follow.reason instanceof SlipwayError ? follow.reason.data['bytes'] : undefined;
    const bytes = seen as { stdout: number; stderr: number } | undefined;
    progress.stdout += bytes?.stdout ?? 0;
    progress.stderr += bytes?.stderr ?? 0;
    throw follow.reason;
  }
  if (!follow.value || follow.value.code !== 0) throw unknownError(host, follow.value?.code, progress);
  if (result.status === 'rejected') throw result.reason;
  const code = Number(result.value?.stdout.trim());
  const whole = progress.interrupted ? await fromStart(session, id, progress, limit) : follow.value;
  // Nobody waits for it, and what stays behind when it fails is gone with the next boot.
  session.run({ script: removeText(id) }).catch(() => {});
  return { ...whole, code };
}

/** After an interruption only the rest was followed; the files have all of it. */
async function fromStart(
  session: Session,
  id: string,
  progress: Progress,
  limit: number | undefined,
): Promise<Output> {
  const script = followText(id, { stdout: 0, stderr: 0 }, progress.boot);
  const output = await session.run({ script, ...(limit !== undefined && { limit }) });
  return output!;
}

function startError(host: string, output: Output): SlipwayError {
  return new SlipwayError(
    'task.command',
    `${host}: the step could not be started on its own: ${output.stderr.trim() || `exit ${output.code}`}`,
    {
      hint: 'Is /run (or, without root, /tmp) writable there, and is there space left?',
      data: { ...output },
    },
  );
}

function unknownError(host: string, code: number | undefined, progress: Progress): SlipwayError {
  const data = { host, outcome: 'unknown', rebooted: code === ENDS.rebooted || code === ENDS.missing };
  if (code === ENDS.vanished) {
    return new SlipwayError(
      'connect.shell',
      `${host}: the step was killed from outside; how far it got is not known`,
      {
        hint: 'Look for the out-of-memory killer in the log of the host.',
        data,
      },
    );
  }
  const message =
    code === ENDS.missing && progress.boot === ''
      ? 'the connection was lost as the step was sent; whether it was started is not known'
      : 'the host was restarted while the step ran; its outcome is not known';
  return new SlipwayError('connect.lost', `${host}: ${message}`, {
    hint: 'Run the playbook again: it looks at what is there and does what is missing.',
    data,
  });
}
