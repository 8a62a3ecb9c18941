import { SlipwayError } from '../base/errors.ts';
import type { LabNode } from './types.ts';

export interface KeyPair {
  /** OpenSSH private key file. */
  readonly privateKey: string;
  /** `ssh-ed25519 AAAA...`, without a comment. */
  readonly publicKey: string;
}

export async function newKeyPair(comment: string): Promise<KeyPair> {
  const { default: ssh2 } = await import('ssh2');
  const pair = ssh2.utils.generateKeyPairSync('ed25519', { comment });
  const [type, data] = pair.public.split(' ');
  if (!type || !data) throw new SlipwayError('internal', 'ssh2 made a key that cannot be understood');
  return { privateKey: pair.private, publicKey: `${type} ${data}` };
}

/** The line of a known_hosts file for a node. */
export function knownHostsLine(node: LabNode): string {
  const name = node.port === 22 ? node.address : `[${node.address}]:${node.port}`;
  return `${name} ${node.hostKey}\n`;
}
