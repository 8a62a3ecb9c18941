import { openLocal } from './local/connection.ts';
import { createRemote } from './remote.ts';
import type { TransportOptions } from './options.ts';
import type { SshOpener } from './ssh/open.ts';
import type { Connection, HostAddress, Remote, Transport } from './types.ts';

export type { TransportOptions } from './options.ts';

/** Opens hosts over SSH, or this machine. */
export function createTransport(options: TransportOptions = {}): Transport {
  const remotes = new Set<Remote>();
  let ssh: Promise<SshOpener> | undefined;

  async function open(address: HostAddress, signal?: AbortSignal): Promise<Connection> {
    if (address.connection === 'local') return openLocal(address.name);
    ssh ??= import('./ssh/open.ts').then(({ createSshOpener }) => createSshOpener(options));
    return (await ssh).open(address, signal);
  }

  return {
    async connect(address, signal) {
      const again = (timeout: number | undefined) =>
        open({ ...address, connectTimeout: timeout ?? address.connectTimeout }, signal);
      const remote = createRemote(await open(address, signal), again, {
        signal,
        onClose: () => void remotes.delete(remote),
      });
      remotes.add(remote);
      return remote;
    },
    close() {
      for (const remote of remotes) remote.close();
      remotes.clear();
    },
  };
}
