import type { LabNode } from './types.ts';

export { type KeyPair, newKeyPair } from '../base/key-pair.ts';

/** The line of a known_hosts file for a node. */
export function knownHostsLine(node: LabNode): string {
  const name = node.port === 22 ? node.address : `[${node.address}]:${node.port}`;
  return `${name} ${node.hostKey}\n`;
}
