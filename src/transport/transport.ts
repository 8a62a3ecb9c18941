import { openLocal } from './local/connection.ts';
import { createRemote } from './remote.ts';
import type { Connection, Credentials, HostAddress, Remote, Transport } from './types.ts';

export interface TransportOptions {
  /** Who can be asked for passphrases and passwords; nobody by default. */
  readonly credentials?: Credentials | undefined;
  /** Pins the keys of unknown hosts (`--accept-new-host-keys`); a host's own `hostKeyChecking` wins. */
  readonly acceptNewHostKeys?: boolean | undefined;
  /** Read instead of ~/.ssh/known_hosts and /etc/ssh/ssh_known_hosts; new keys go to the first one. */
  readonly knownHostsFiles?: readonly string[] | undefined;
}

/** Opens hosts over SSH, or this machine. */
export function createTransport(options: TransportOptions = {}): Transport {
  const remotes = new Set<Remote>();

  async function open(address: HostAddress, signal?: AbortSignal): Promise<Connection> {
    if (address.connection === 'local') return openLocal(address.name);
    const { openSsh } = await import('./ssh/open.ts');
    return openSsh(address, options, signal);
  }

  return {
    async connect(address, signal) {
      const remote = createRemote(await open(address, signal), (timeout) =>
        open({ ...address, connectTimeout: timeout ?? address.connectTimeout }, signal),
      );
      remotes.add(remote);
      return remote;
    },
    close() {
      for (const remote of remotes) remote.close();
      remotes.clear();
    },
  };
}
