import type { Duplex } from 'node:stream';
import type { Client } from 'ssh2';
import { type Clock, dial, login, type SshShared } from './client.ts';
import { connectError } from './errors.ts';
import type { Target } from './target.ts';

/** A client that leads to other hosts, shared by all that go through it. */
export interface Hop {
  readonly client: Client;
  /** One user less; the last one closes it. */
  release(): void;
}

/**
 * Connections to jump hosts. Hosts behind the same jump host share one connection to it: an sshd turns connections
 * away when many come at once (MaxStartups), and forwards do not count against its sessions.
 */
export interface Hops {
  /** The end of a chain of jump hosts, or undefined for an empty one. */
  through(chain: readonly Target[], clock: Clock, signal?: AbortSignal): Promise<Hop | undefined>;
}

interface Shared {
  readonly client: Promise<Client>;
  users: number;
}

export function createHops(shared: SshShared): Hops {
  const open = new Map<string, Shared>();

  const through: Hops['through'] = async (chain, clock, signal) => {
    const last = chain.at(-1);
    if (!last) return undefined;
    const key = chain.map((hop) => `${hop.user}@${hop.knownHostsName}|${hop.host}:${hop.port}`).join(' ');
    let entry = open.get(key);
    if (!entry) {
      entry = { client: start(chain, clock, signal), users: 0 };
      const mine = entry;
      open.set(key, mine);
      const forget = () => {
        if (open.get(key) === mine) open.delete(key);
      };
      mine.client.then((client) => client.once('close', forget), forget);
    }
    entry.users++;
    const used = entry;
    const client = await used.client;
    let released = false;
    return {
      client,
      release() {
        if (released) return;
        released = true;
        used.users--;
        if (used.users === 0) client.end();
      },
    };
  };

  async function start(chain: readonly Target[], clock: Clock, signal?: AbortSignal): Promise<Client> {
    const last = chain.at(-1)!;
    const before = await through(chain.slice(0, -1), clock, signal);
    try {
      const client = await login(shared, last, () => reach(before, last), clock, signal);
      client.on('error', () => {});
      client.once('close', () => before?.release());
      return client;
    } catch (error) {
      before?.release();
      throw error;
    }
  }

  return { through };
}

/** A stream to a host: directly, or from a jump host. */
export function reach(hop: Hop | undefined, target: Target): Promise<Duplex> {
  if (!hop) return Promise.resolve(dial(target));
  return new Promise((resolve, reject) => {
    hop.client.forwardOut('127.0.0.1', 0, target.host, target.port, (error, stream) => {
      if (error) reject(connectError(target, error));
      else resolve(stream);
    });
  });
}
