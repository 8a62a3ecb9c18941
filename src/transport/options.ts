import type { Credentials } from './types.ts';

export interface TransportOptions {
  /** Who can be asked for passphrases and passwords; nobody by default. */
  readonly credentials?: Credentials | undefined;
  /** Pins the keys of unknown hosts (`--accept-new-host-keys`); a host's own `hostKeyChecking` wins. */
  readonly acceptNewHostKeys?: boolean | undefined;
  /** Read instead of ~/.ssh/known_hosts and /etc/ssh/ssh_known_hosts; new keys go to the first one. */
  readonly knownHostsFiles?: readonly string[] | undefined;
  /** Read instead of ~/.ssh/config and /etc/ssh/ssh_config. */
  readonly sshConfigFiles?: readonly string[] | undefined;
  /** Told what the user should know and nothing fails by: a host key that was not checked. */
  readonly onWarning?: ((message: string) => void) | undefined;
}
