import type { Duplex } from 'node:stream';
import { SlipwayError } from '../base/errors.ts';
import type { Commands } from './commands.ts';
import { lineOf } from './line.ts';
import type { Collector } from './session/collector.ts';
import { lostError } from './session/entry.ts';
import { within } from './time.ts';
import type { Become, Connection, Remote, Step } from './types.ts';

/** Milliseconds that a command gets to end by itself when its stdin was closed. */
const FAREWELL = 1_000;

/** Streams to sockets of a host, over the connection that it has. */
export interface Dials extends Pick<Remote, 'dial'> {
  /** Ends all that are open. */
  cancel(): void;
}

export function createDials(connection: () => Connection, commands: Commands): Dials {
  const forwards = new Set<Duplex>();
  return {
    async dial(path, via, become) {
      const through = () => joined(connection().host, commands, via, become);
      if (become) return through();
      try {
        const line = await forwarded(connection(), path, via.timeout);
        forwards.add(line);
        return line.once('close', () => forwards.delete(line));
      } catch (error) {
        // sshd does not say why: nobody listens, this user may not, or it forwards nothing. The command does.
        if (error instanceof SlipwayError && error.code === 'connect.refused') return through();
        throw error;
      }
    },
    cancel() {
      const message = `${connection().host}: what was asked over a socket was stopped`;
      for (const line of forwards) line.destroy(new SlipwayError('task.cancelled', message));
    },
  };
}

/** The login user's way: the server opens the socket itself, which takes none of its sessions. */
async function forwarded(over: Connection, path: string, timeout: number | undefined): Promise<Duplex> {
  const raw = await over.forwardUnix(path);
  const line = lineOf(raw, raw, async () => void raw.destroy());
  if (timeout !== undefined) {
    const timer = setTimeout(() => line.destroy(timeoutError(over.host, path, timeout)), timeout);
    line.once('close', () => clearTimeout(timer));
  }
  raw.on('data', (bytes: Buffer) => line.arrive(bytes));
  raw.on('error', (error) => line.destroy(error));
  // A connection that is lost ends its channels before it tells why.
  for (const end of ['end', 'close']) raw.once(end, () => setImmediate(() => line.conclude()));
  void over.closed.then((error) => error && line.destroy(error));
  return line;
}

/** Another user's way: a command that joins its own streams with the socket. */
async function joined(
  host: string,
  commands: Commands,
  via: Step,
  become: Become | undefined,
): Promise<Duplex> {
  let arrive: (bytes: Buffer) => void = () => {};
  let arrived = false;
  const stdout: Collector = {
    push: (bytes) => arrive(bytes),
    flush() {},
    text: () => '',
    truncated: false,
    total: 0,
  };
  const execution = await commands.start(via, become, { stdout });
  const output = commands.finish(execution, via, become);
  const { stdin, stdout: source } = execution.channel;
  const line = lineOf(source, stdin, async () => {
    stdin.end();
    const ended = output.catch(() => true);
    if ((await within(FAREWELL, ended)) === undefined) await commands.kill(execution, become, 0);
  });
  arrive = (bytes) => {
    arrived = true;
    line.arrive(bytes);
  };
  output.then(
    ({ code, stderr }) => {
      // What came counts: a command whose other side hung up fails, too.
      if (code === 0 || arrived) line.conclude();
      else line.destroy(refusal(host, code, stderr));
    },
    (error: Error) => line.destroy(error instanceof SlipwayError ? error : lostError(host, error)),
  );
  return line;
}

function refusal(host: string, code: number, stderr: string): SlipwayError {
  const said = stderr.trim().split('\n').at(-1) ?? '';
  return new SlipwayError('task.command', `${host}: exit code ${code}${said === '' ? '' : `: ${said}`}`, {
    data: { rc: code, stderr },
  });
}

function timeoutError(host: string, path: string, timeout: number): SlipwayError {
  const message = `${host}: ${path} was needed for longer than the timeout of ${timeout / 1000} s`;
  return new SlipwayError('task.timeout', message, {
    hint: 'Give it a longer `timeout`, or look at what the service there was waiting for.',
    data: { host, timeout },
  });
}
