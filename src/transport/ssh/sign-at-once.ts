import type { Client, ParsedKey } from 'ssh2';

type Signer = (data: Buffer, done: (signature: Buffer) => void) => void;
type AuthPK = (user: string, key: ParsedKey, algorithm: string | undefined, sign?: Signer) => void;

/**
 * Has a key from a file prove itself in the first request. ssh2 asks first whether the server would take the key: a
 * round trip more for each login. There is no option for it; what is hooked into is not part of ssh2's interface, and
 * where it is not found, a login works as ever. A key that an agent holds is still asked for first, since signing with
 * it may need somebody's touch.
 */
export function signAtOnce(client: Client): void {
  const { _protocol: protocol } = client as unknown as { readonly _protocol?: { authPK?: AuthPK } };
  const ask = protocol?.authPK;
  if (!protocol || !ask) return;
  protocol.authPK = (user, key, algorithm, sign) =>
    ask.call(protocol, user, key, algorithm, sign ?? signerOf(key, algorithm));
}

function signerOf(key: ParsedKey, algorithm: string | undefined): Signer | undefined {
  if (typeof key.isPrivateKey !== 'function' || !key.isPrivateKey()) return undefined;
  // RFC 8332; other types of key know their own.
  const hash = /^rsa-sha2-(256|512)$/.exec(algorithm ?? '')?.[1];
  return (data, done) => {
    const signature = key.sign(data, hash && `sha${hash}`);
    if (signature instanceof Error) throw signature;
    done(signature);
  };
}
