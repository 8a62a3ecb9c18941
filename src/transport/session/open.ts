import { SlipwayError } from '../../base/errors.ts';
import { SESSION } from '../become/command.ts';
import { becomeError } from '../become/failure.ts';
import { startAs } from '../become/start.ts';
import type { Become, Connection } from '../types.ts';
import { newNonce, preamble } from './frame.ts';
import { awaitMarker, type FramedChannel } from './shell.ts';

/** A shell that takes frames. Steps may be written before `pid` is known. */
export interface Shell extends FramedChannel {
  /** Its process id on the host. @throws {SlipwayError} connect.shell, connect.become, connect.lost */
  readonly pid: Promise<number>;
}

/** Starts the session's shell; does not wait for its first answer, so that steps can follow in the same message. */
export async function openShell(connection: Connection, become: Become | undefined): Promise<Shell> {
  const framed = await startAs(connection, become, SESSION);
  const nonce = newNonce();
  const { value, said } = awaitMarker(framed, nonce);
  framed.write(preamble(nonce));
  const pid = Promise.race([value, framed.ended]).then((first) => {
    if (typeof first === 'string') return Number(first);
    if (first instanceof Error) throw first;
    throw startError(connection.host, become, said(), first.code);
  });
  // Looked at by whoever needs it; a session that is closed before its first step needs it never.
  pid.catch(() => {});
  return { ...framed, pid };
}

/** Why no shell came up, from what was printed instead. */
export function startError(
  host: string,
  become: Become | undefined,
  said: string,
  code: number,
): SlipwayError {
  if (become) return becomeError(host, become, said);
  const last = said.split('\n').at(-1) ?? '';
  return new SlipwayError(
    'connect.shell',
    `${host}: no POSIX shell could be started (exit ${code}${last === '' ? '' : `: ${last}`})`,
    {
      hint: 'The login user needs a login shell that runs commands (not nologin), and /bin/sh must exist.',
      data: { host, said, code },
    },
  );
}
