import { SlipwayError } from '../../../base/errors.ts';
import { hintFor } from './hints.ts';
import { causeOf, TRY } from './presence.ts';

/** Errors of Node's sockets and HTTP that say that the other side went away. */
const GONE = /socket hang up|ECONNRESET|EPIPE|aborted|premature close|closed before/i;

/** What dockerode puts before the Engine's words. */
const PREFIX = /^\(HTTP code \d+\) [^-]* - /;

/**
 * What went wrong while an Engine was spoken to, as one error.
 *
 * @param lost why a stream to it was lost, where that is known
 */
export function engineFailure(
  host: string,
  socket: string,
  error: unknown,
  lost: SlipwayError | undefined,
): SlipwayError {
  if (lost && (!(error instanceof SlipwayError) || error === lost))
    return lost.code === 'task.command' ? unreachable(host, socket, lost) : lost;
  if (error instanceof SlipwayError) return error;
  const { statusCode, json, message } = error as {
    statusCode?: number;
    json?: { message?: string } | null;
    message?: string;
  };
  if (statusCode !== undefined) {
    const said = (json?.message ?? message?.replace(PREFIX, '') ?? '').trim();
    return new SlipwayError('task.failed', `the Docker Engine says: ${said}`, {
      hint: hintFor(said),
      data: { host, status: statusCode },
      cause: error,
    });
  }
  if (message !== undefined && GONE.test(message)) return stopped(host, error);
  // Not of the Engine: a fault of whoever asked it.
  throw error;
}

function unreachable(host: string, socket: string, lost: SlipwayError): SlipwayError {
  const cause = causeOf(lost.message, socket);
  const message = cause?.why ?? `the Docker Engine at ${socket} cannot be reached: ${lost.message}`;
  return new SlipwayError('task.failed', message, {
    hint: cause?.hint ?? TRY,
    data: { ...lost.data, host },
    cause: lost,
  });
}

/** The Engine went away while it was answering. */
export function stopped(host: string, cause: unknown): SlipwayError {
  return new SlipwayError('task.failed', 'the Docker Engine went away midway', {
    hint: 'See `journalctl -u docker` there; then run again: what is done already is found done.',
    data: { host },
    cause,
  });
}
