import { createKnownHostsFiles } from '../known-hosts/files.ts';
import type { TransportOptions } from '../options.ts';
import type { Connection, HostAddress } from '../types.ts';
import { login, type SshShared } from './client.ts';
import { type LookUp, readSshConfig } from './config.ts';
import { sshConnection } from './connection.ts';
import { createHops, reach } from './hops.ts';
import { createKeyStore } from './keys.ts';
import { routeTo } from './target.ts';

/** Opens SSH connections; what they have in common (keys, jump hosts, known_hosts) is read once. */
export interface SshOpener {
  /** @throws {SlipwayError} connect.* */
  open(address: HostAddress, signal?: AbortSignal): Promise<Connection>;
}

export function createSshOpener(options: TransportOptions): SshOpener {
  const shared: SshShared = {
    credentials: options.credentials,
    keys: createKeyStore(options.credentials),
    knownHosts: createKnownHostsFiles(),
    warn: options.onWarning ?? (() => {}),
  };
  const hops = createHops(shared);
  let config: Promise<LookUp> | undefined;
  return {
    async open(address, signal) {
      signal?.throwIfAborted();
      config ??= readSshConfig(options.sshConfigFiles);
      const route = routeTo(address, await config, options);
      const clock = { total: route.timeout, left: route.timeout };
      const target = route.hops.at(-1)!;
      const hop = await hops.through(route.hops.slice(0, -1), clock, signal);
      try {
        const client = await login(shared, target, () => reach(hop, target), clock, signal);
        if (hop) client.once('close', () => hop.release());
        return sshConnection(address.name, client, () => client.end());
      } catch (error) {
        hop?.release();
        throw error;
      }
    },
  };
}
