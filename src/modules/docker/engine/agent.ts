import http from 'node:http';
import type { Duplex } from 'node:stream';
import { SlipwayError } from '../../../base/errors.ts';
import type { Host } from '../../../module/host.ts';
import { sh } from '../../../module/program.ts';
import { dockerCommand } from './command.ts';

/** Streams at the same time: a log that is followed must not keep the next question waiting. */
const STREAMS = 4;

/** The connections to one Engine, over a host's own. */
export interface EngineAgent {
  readonly agent: http.Agent;
  /** Why a stream was lost or never came about, where that is known: the first such error. */
  readonly failure: SlipwayError | undefined;
  /** Gives up all streams and waits until they are gone. */
  close(): Promise<void>;
}

/** An HTTP agent that speaks to the Engine's socket on the host; requests use a stream again. */
export function engineAgent(host: Host, socket: string): EngineAgent {
  const open = new Set<Duplex>();
  let failure: SlipwayError | undefined;
  const failed = (error: unknown) => {
    if (error instanceof SlipwayError) failure ??= error;
  };
  const via = sh`exec ${dockerCommand(socket)} system dial-stdio`;

  async function connect(): Promise<Duplex> {
    const stream = await host.dial(socket, via);
    open.add(stream);
    stream.on('error', failed);
    stream.once('close', () => open.delete(stream));
    return asSocket(stream);
  }

  const agent = new http.Agent({ keepAlive: true, maxSockets: STREAMS });
  const createConnection = (_: unknown, done: (error: Error | null, stream?: Duplex) => void): void => {
    connect().then(
      (stream) => done(null, stream),
      (error: Error) => {
        failed(error);
        done(error);
      },
    );
  };
  Object.assign(agent, { createConnection });
  return {
    agent,
    get failure() {
      return failure;
    },
    async close() {
      agent.destroy();
      await Promise.all(
        [...open].map(
          (stream) =>
            new Promise<void>((resolve) => {
              stream.once('close', resolve);
              stream.destroy();
            }),
        ),
      );
    },
  };
}

/** What Node's HTTP asks of a TCP socket, and what does not matter here. */
function asSocket(stream: Duplex): Duplex {
  const itself = () => stream;
  return Object.assign(stream, {
    setKeepAlive: itself,
    setNoDelay: itself,
    setTimeout: itself,
    ref: itself,
    unref: itself,
    destroySoon: () => stream.end(() => stream.destroy()),
  });
}
