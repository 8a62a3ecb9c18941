import { createCommands } from './commands.ts';
import { createDials } from './dial.ts';
import { openShell } from './session/open.ts';
import { createSession, DEFAULT_GRACE } from './session/session.ts';
import type { SessionParts } from './session/state.ts';
import { createTerminals, keyOf } from './become/terminals.ts';
import { createTransfers } from './transfer.ts';
import { sleep } from './time.ts';
import type { Become, Connection, Remote } from './types.ts';

type OurSession = ReturnType<typeof createSession>;

/** How long to wait between attempts to reconnect; a host that boots refuses for a while. */
const RETRY = 1_000;

/**
 * A host over one connection: a session for each user, and transfers beside them.
 *
 * @param connect opens the connection anew, within some milliseconds at most.
 * @param options.signal aborts attempts to reconnect.
 */
export function createRemote(
  first: Connection,
  connect: (timeout: number | undefined) => Promise<Connection>,
  { signal, onClose }: { readonly signal?: AbortSignal | undefined; readonly onClose?: () => void } = {},
): Remote {
  let connection = first;
  let closed = false;
  const sessions = new Map<string, OurSession>();
  const terminals = createTerminals();
  const commands = createCommands(() => connection, terminals);
  const transfers = createTransfers(first.host, commands);
  const dials = createDials(() => connection, commands);

  function partsFor(become: Become | undefined): SessionParts {
    return {
      host: connection.host,
      open: () => openShell(connection, terminals.give(become)),
      again: (error) => terminals.wanted(become, error),
      execute: (script) => commands.run({ script }, become, { urgent: true }),
      stage: (script) => transfers.stage(script, become),
    };
  }

  const reconnect = shared(async (timeout: number) => {
    connection.close();
    connection = await retry(timeout, connect, () => closed || signal?.aborted === true);
    if (closed) connection.close();
  });

  return {
    name: first.host,
    async session(become) {
      const key = keyOf(become);
      let session = sessions.get(key);
      if (!session) {
        session = createSession(partsFor(become));
        sessions.set(key, session);
      }
      return session;
    },
    send: (from, command, become, onProgress) => transfers.send(from, command, become, onProgress),
    receive: (command, become, toPath) => transfers.receive(command, become, toPath),
    dial: dials.dial,
    async cancel(grace = DEFAULT_GRACE) {
      dials.cancel();
      await Promise.all([
        ...[...sessions.values()].map((session) => session.cancelWithin(grace)),
        commands.cancel(grace),
      ]);
    },
    reconnect,
    get roundTrips() {
      const trips = [...sessions.values()].map((session) => session.roundTrips);
      return trips.reduce((sum, count) => sum + count, commands.roundTrips);
    },
    close() {
      closed = true;
      // The connection first: it takes its channels with it, which are not closed one by one then.
      connection.close();
      for (const session of sessions.values()) session.close();
      onClose?.();
    },
  };
}

/** Steps that lost the same connection come back over the same new one. */
function shared<T>(work: (given: T) => Promise<void>): (given: T) => Promise<void> {
  let running: Promise<void> | undefined;
  return (given) => {
    running ??= work(given).finally(() => {
      running = undefined;
    });
    return running;
  };
}

async function retry(
  timeout: number,
  connect: (timeout: number | undefined) => Promise<Connection>,
  given: () => boolean,
): Promise<Connection> {
  const until = Date.now() + timeout;
  for (;;) {
    try {
      return await connect(Math.max(1_000, until - Date.now()));
    } catch (error) {
      // A booting host refuses, times out and even drops logins (pam_nologin); a wrong key will stay wrong.
      const code = (error as { code?: string }).code;
      const final = code === 'connect.host-key' || code === 'connect.dns';
      if (final || given() || Date.now() + RETRY >= until) throw error;
    }
    await sleep(RETRY);
  }
}
