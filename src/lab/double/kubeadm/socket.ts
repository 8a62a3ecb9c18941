import { Exit } from '../host/exit.ts';
import { foundSockets, KNOWN_SOCKETS } from '../runtime/sockets.ts';
import { warn } from './output.ts';

/** The runtime to use: the one that is named, the one that is there; several are an error that asks for a choice. */
export function chooseSocket(given: string | undefined): string {
  if (given !== undefined) {
    if (given.startsWith('unix://')) return given;
    warn(
      `Usage of CRI endpoints without URL scheme is deprecated and can cause kubelet errors in the future. Automatically prepending scheme "unix" to the "criSocket" with value "${given}". Please update your configuration!`,
    );
    return `unix://${given}`;
  }
  const found = foundSockets();
  if (found.length > 1) {
    throw new Exit(
      `found multiple CRI endpoints on the host. Please define which one do you wish to use by setting the 'criSocket' field in the kubeadm configuration file: ${found.join(', ')}`,
    );
  }
  return found[0] ?? KNOWN_SOCKETS[0];
}
