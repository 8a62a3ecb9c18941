import { randomBytes } from 'node:crypto';
import { SlipwayError } from '../base/errors.ts';
import { runDetached } from '../transport/detached.ts';
import type { Output, Step } from '../transport/types.ts';
import type { RunContext } from './context.ts';
import type { Station } from './station.ts';

/** Milliseconds to try to come back to a host whose connection was lost while a step goes on there. */
const RECONNECT = 300_000;

/**
 * Runs a step that goes on when the connection is lost, and is found again. Each call is an execution of its own.
 *
 * @throws {SlipwayError} as `runDetached`; `isOutcomeUnknown` tells the error that only a probe can settle
 */
export function runAlone(
  ctx: RunContext,
  station: Station,
  step: Step,
  progress: (text: string) => void,
): Promise<Output> {
  const { host, become, remote } = station;
  return runDetached(remote, step, {
    id: randomBytes(9).toString('hex'),
    become,
    reconnect: RECONNECT,
    onLost: () => {
      progress('the connection was lost, reconnecting');
      const message = `${host}: the connection was lost; the step goes on there, reconnecting`;
      ctx.events.emit('warning', { code: 'connect.lost', message });
    },
  });
}

/** The step may have done its work, or a part of it, or nothing. */
export function isOutcomeUnknown(error: unknown): error is SlipwayError {
  return error instanceof SlipwayError && error.data['outcome'] === 'unknown';
}

/** A step of unknown outcome that is not found done. The host answers, so it is a failure of the task. */
export function notFoundDone(error: SlipwayError, why: string | undefined): SlipwayError {
  const seen = why === undefined ? '' : `, and the host is not as it should be: ${why}`;
  return new SlipwayError('task.failed', `${error.message}${seen}`, {
    hint: error.hint,
    data: error.data,
    cause: error,
  });
}
