import type { Client, ClientChannel } from 'ssh2';
import { SlipwayError } from '../../base/errors.ts';
import type { Channel, Connection } from '../types.ts';
import { createSlots } from './slots.ts';

/** sshd allows 10 sessions a connection by default; two are left for ending what runs. */
const CHANNELS = 8;

/** An authenticated client as a Connection. `close` ends it and whatever it was reached through. */
export function sshConnection(host: string, client: Client, close: () => void): Connection {
  let byUs = false;
  let reason: Error | undefined;
  const slots = createSlots(CHANNELS);
  const lost = () =>
    new SlipwayError('connect.lost', `${host}: the connection was lost`, {
      hint: 'Check the network and the host, then run again: what is done already is found done.',
      data: { host },
      cause: reason,
    });
  client.on('error', (error) => {
    reason ??= error;
  });
  const closed = new Promise<Error | undefined>((resolve) => {
    client.once('close', () => {
      reason ??= new Error('the connection was closed by the host');
      slots.fail(lost());
      resolve(byUs ? undefined : lost());
    });
  });
  let gone = false;
  void closed.then(() => {
    gone = true;
  });

  async function open(command: string, urgent: boolean): Promise<Channel> {
    for (;;) {
      const release = urgent ? () => {} : await slots.take();
      if (gone || byUs) throw lost();
      const channel = await exec(client, command);
      if (!(channel instanceof Error)) return adapt(channel, release, () => (reason && lost()) || undefined);
      release();
      if (reason) throw lost();
      // The server allows fewer sessions than it usually does: make do with those that are open.
      if (urgent || !slots.shrink()) throw refused(host, channel);
    }
  }

  return {
    host,
    closed,
    open: (command, options) => open(command, options?.urgent === true),
    forwardUnix: (path) =>
      new Promise((resolve, reject) => {
        if (gone) return reject(lost());
        client.openssh_forwardOutStreamLocal(path, (error, channel) => {
          if (!error) return resolve(channel);
          reject(
            new SlipwayError('connect.refused', `${host}: cannot open the socket ${path}: ${error.message}`, {
              hint: 'Is the service that listens there running, and may the login user open its socket?',
              cause: error,
            }),
          );
        });
      }),
    close() {
      byUs = true;
      close();
    },
  };
}

function exec(client: Client, command: string): Promise<ClientChannel | Error> {
  return new Promise((resolve) => {
    try {
      client.exec(command, (error, channel) => resolve(error ?? channel));
    } catch (error) {
      resolve(error as Error);
    }
  });
}

function adapt(channel: ClientChannel, release: () => void, lost: () => Error | undefined): Channel {
  let code: number | undefined;
  channel.on('exit', (status: number | null, signal?: string) => {
    code = status ?? 128 + (SIGNALS[signal ?? ''] ?? 0);
  });
  const exit = new Promise<{ code: number }>((resolve, reject) => {
    channel.once('close', () => {
      release();
      const error = lost();
      if (error && code === undefined) reject(error);
      else resolve({ code: code ?? 255 });
    });
  });
  exit.catch(() => {});
  return {
    stdin: channel,
    stdout: channel,
    stderr: channel.stderr,
    exit,
    close() {
      channel.close();
      // `close` only comes once both streams are read to their end.
      channel.resume();
      channel.stderr.resume();
    },
  };
}

const SIGNALS: Record<string, number> = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGABRT: 6,
  SIGKILL: 9,
  SIGPIPE: 13,
  SIGTERM: 15,
};

function refused(host: string, cause: Error): SlipwayError {
  return new SlipwayError('connect.protocol', `${host}: the host opens no session: ${cause.message}`, {
    hint: 'Its sshd may have MaxSessions 0, or the login shell of the user cannot be started: see its log.',
    cause,
  });
}
