import { SlipwayError } from './errors.ts';

export interface KeyPair {
  /** OpenSSH private key file. */
  readonly privateKey: string;
  /** `ssh-ed25519 AAAA...`, without a comment. */
  readonly publicKey: string;
}

/** How every ed25519 public key starts: the name of its type, then the length of the key, 32 bytes. */
const WHOLE = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI';

/** A new key pair. ssh2 1.17 drops a leading zero byte: one of 256 keys comes out short, and sshd does not load it. */
export async function newKeyPair(comment: string): Promise<KeyPair> {
  const { default: ssh2 } = await import('ssh2');
  for (let tried = 0; tried < 16; tried++) {
    const pair = ssh2.utils.generateKeyPairSync('ed25519', { comment });
    const publicKey = pair.public.split(' ').slice(0, 2).join(' ');
    if (publicKey.startsWith(WHOLE)) return { privateKey: pair.private, publicKey };
  }
  throw new SlipwayError('internal', 'ssh2 made no key that can be understood');
}
