import net from 'node:net';
import type { Duplex } from 'node:stream';
import type { Algorithms, AuthHandlerMiddleware, Client } from 'ssh2';
import { knownTypes } from '../known-hosts/check.ts';
import type { KnownHostsFiles } from '../known-hosts/files.ts';
import type { KnownHost } from '../known-hosts/parse.ts';
import type { Credentials } from '../types.ts';
import { type Attempts, authentication } from './auth.ts';
import { authError, connectError, timeoutError } from './errors.ts';
import { type HostKeyCheck, verifyHostKey } from './host-key.ts';
import type { KeyStore } from './keys.ts';
import { atOnce } from './at-once.ts';
import type { Target } from './target.ts';

/** What all connections of a transport share. */
export interface SshShared {
  readonly credentials: Credentials | undefined;
  readonly keys: KeyStore;
  readonly knownHosts: KnownHostsFiles;
  readonly warn: (message: string) => void;
}

/** Milliseconds that may pass while nobody is being asked for anything. */
export interface Clock {
  readonly total: number;
  left: number;
}

const GCM = ['aes128-gcm@openssh.com', 'aes256-gcm@openssh.com'] as const;

/** A TCP connection without Nagle's algorithm, which would cost 40 ms a round trip. */
export function dial(target: Target): Duplex {
  const socket = net.connect({ host: target.host, port: target.port, noDelay: true, keepAlive: true });
  // ssh2 listens too, but only from the moment that it has the socket.
  return socket.on('error', () => {});
}

/**
 * Logs in to a host.
 *
 * @param connect gives the way to it; called when all else is at hand, since its events come at once.
 * @throws {SlipwayError} connect.*
 */
export async function login(
  shared: SshShared,
  target: Target,
  connect: () => Promise<Duplex>,
  clock: Clock,
  signal?: AbortSignal,
): Promise<Client> {
  const { Client } = (await import('ssh2')).default;
  const entries = await shared.knownHosts.read(target.knownHostsFiles);
  const client = new Client();
  const timer = startClock(clock);
  const auth = await authentication({ ...shared, target, asking: timer.pause });
  const progress: Progress = { doing: 'connecting', keyError: undefined };
  let socket: Duplex | undefined;
  // Nothing of a login may hang on the signal of the whole run when it is over.
  let stop = () => {};
  try {
    const ready = settled(client, target, auth.attempts, progress);
    const ended = new Promise<never>((_, reject) => {
      timer.start(() => reject(timeoutError(target, clock.total, progress.doing)));
      stop = () => reject(signal?.reason);
      signal?.addEventListener('abort', stop);
    });
    ready.catch(() => {});
    ended.catch(() => {});
    const connecting = connect();
    connecting.then((stream) => (socket = stream)).catch(() => {});
    const sock = await Promise.race([connecting, ended]);
    client.connect({
      sock: sock as never,
      username: target.user,
      readyTimeout: 0,
      keepaliveInterval: target.aliveInterval,
      keepaliveCountMax: 3,
      algorithms: algorithms(entries, target),
      authHandler: handler(client, auth.next, progress),
      hostVerifier: verifier(shared, target, entries, progress),
    });
    atOnce(client);
    return await Promise.race([ready, ended]);
  } catch (error) {
    client.destroy();
    socket?.destroy();
    throw error;
  } finally {
    timer.stop();
    signal?.removeEventListener('abort', stop);
  }
}

interface Progress {
  doing: string;
  /** Why the host's key was refused; ssh2 only says that it was. */
  keyError: unknown;
}

function settled(client: Client, target: Target, attempts: Attempts, progress: Progress): Promise<Client> {
  return new Promise((resolve, reject) => {
    client.once('ready', () => resolve(client));
    client.on('error', (error: Error & { level?: string }) => {
      if (progress.keyError) reject(progress.keyError);
      else if (isRefusal(error, attempts.tried)) reject(authError(target, attempts, error));
      else reject(connectError(target, error));
    });
    client.once('close', () => reject(connectError(target, new Error('the connection was closed'))));
    client.once('connect', () => {
      progress.doing = 'exchanging keys';
    });
  });
}

function handler(
  client: Client,
  next: (left: readonly string[] | null) => Promise<unknown>,
  progress: Progress,
): AuthHandlerMiddleware {
  return (left, _partial, give) => {
    progress.doing = 'logging in';
    next(left)
      // false is what ends it; the types do not know. A key that cannot sign throws here.
      .then((method) => give(method as never))
      .catch((error: unknown) => client.emit('error', error as Error));
  };
}

function verifier(shared: SshShared, target: Target, entries: readonly KnownHost[], progress: Progress) {
  const check: HostKeyCheck = {
    host: target.label,
    name: target.knownHostsName,
    checking: target.checking,
    files: target.knownHostsFiles,
    entries,
    store: shared.knownHosts,
    warn: shared.warn,
  };
  return (key: Buffer, verify: (valid: boolean) => void): void => {
    verifyHostKey(check, key)
      .then(
        () => verify(true),
        (error: unknown) => {
          progress.keyError = error;
          verify(false);
        },
      )
      .catch(() => {
        // The connection was closed meanwhile, and ssh2 is past asking.
      });
  };
}

function isRefusal(error: Error & { level?: string }, tried: readonly string[]): boolean {
  if (error.level === 'client-authentication' || error.level === 'agent') return true;
  // sshd ends the connection itself when its MaxAuthTries are used up.
  return tried.length > 0 && /too many authentication failures/i.test(error.message);
}

/** A host is asked for a key that is known for it first: else a new type of key would look like a changed one. */
function algorithms(entries: readonly KnownHost[], target: Target): Algorithms {
  const known = knownTypes(entries, target.knownHostsName).flatMap((type) =>
    type === 'ssh-rsa' ? ['rsa-sha2-512', 'rsa-sha2-256', 'ssh-rsa'] : [type],
  );
  const first = known.filter((type) =>
    /^(?:ssh-ed25519|ecdsa-sha2-nistp\d+|rsa-sha2-\d+|ssh-rsa)$/.test(type),
  );
  return {
    cipher: { remove: [...GCM], prepend: [...GCM], append: [] },
    serverHostKey: { remove: first, prepend: first, append: [] } as never,
  };
}

function startClock(clock: Clock) {
  let timer: NodeJS.Timeout | undefined;
  let since = 0;
  let late: () => void = () => {};
  const stop = () => {
    if (timer) clock.left -= Date.now() - since;
    clearTimeout(timer);
    timer = undefined;
  };
  const start = (fail?: () => void) => {
    if (fail) late = fail;
    since = Date.now();
    timer = setTimeout(late, Math.max(1, clock.left));
  };
  return {
    start,
    stop,
    async pause<T>(ask: () => Promise<T>): Promise<T> {
      stop();
      try {
        return await ask();
      } finally {
        start();
      }
    },
  };
}
