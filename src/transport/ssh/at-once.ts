import { createPrivateKey, type KeyObject, sign } from 'node:crypto';
import type { Client, ParsedKey } from 'ssh2';

type Signer = (data: Buffer, done: (signature: Buffer) => void) => void;

/** The parts of ssh2 that are hooked into. They are not its interface: where one is not found, ssh2 does as ever. */
interface Internals {
  readonly _remoteVer?: string;
  readonly _protocol?: Protocol & { readonly _handlers?: Handlers };
}

interface Protocol {
  service?: (name: string) => void;
  authPK?: (user: string, key: ParsedKey, algorithm: string | undefined, sign?: Signer) => void;
}

interface Handlers {
  SERVICE_ACCEPT?: (protocol: unknown, name: string) => void;
  EXT_INFO?: (protocol: unknown, extensions: unknown) => void;
  GLOBAL_REQUEST?: (protocol: unknown, name: string, ...more: unknown[]) => void;
}

/**
 * Takes waits out of a login that ssh2 has no options for, a round trip each. Call it after `connect`, before anything
 * can have come.
 */
export function atOnce(client: Client): void {
  const internals = client as unknown as Internals;
  const { _protocol: protocol } = internals;
  if (!protocol) return;
  const { _handlers: handlers = {} } = protocol;
  authenticateAtOnce(protocol, handlers, () => {
    const { _remoteVer: version = '' } = internals;
    return version.startsWith('OpenSSH');
  });
  signAtOnce(protocol);
  leaveOtherKeys(handlers);
}

/**
 * The first request to log in follows the request for that service, whose answer is of no account. Only with OpenSSH's
 * server, which reads them in turn, and once it has said which signatures it takes (RFC 8308). The service is asked for
 * when the host's key has been accepted, and nothing of a login may be sent before.
 */
function authenticateAtOnce(protocol: Protocol, handlers: Handlers, mayFollow: () => boolean): void {
  const { service: ask } = protocol;
  const { SERVICE_ACCEPT: accepted, EXT_INFO: told } = handlers;
  if (!ask || !accepted || !told) return;
  let asked = false;
  let known = false;
  let begun = false;
  const begin = () => {
    if (!begun) accepted(protocol, 'ssh-userauth');
    begun = true;
  };
  const go = () => {
    if (asked && known && mayFollow()) begin();
  };
  protocol.service = (name) => {
    ask.call(protocol, name);
    asked = true;
    go();
  };
  handlers.EXT_INFO = (from, extensions) => {
    told(from, extensions);
    known = true;
    go();
  };
  handlers.SERVICE_ACCEPT = () => {
    if (asked) begin();
  };
}

/**
 * A key from a file proves itself in the first request; ssh2 asks first whether the server would take it. A key that an
 * agent holds is still asked for first, since signing with it may need somebody's touch.
 */
function signAtOnce(protocol: Protocol): void {
  const { authPK: ask } = protocol;
  if (!ask) return;
  protocol.authPK = (user, key, algorithm, sign) =>
    ask.call(protocol, user, key, algorithm, sign ?? signerOf(key, algorithm));
}

/** What a type of key signs the digest of, where the algorithm does not say; Ed25519 does without. */
const DIGESTS: Readonly<Record<string, string | null>> = {
  'ssh-ed25519': null,
  'ssh-rsa': 'sha1',
  'ecdsa-sha2-nistp256': 'sha256',
  'ecdsa-sha2-nistp384': 'sha384',
  'ecdsa-sha2-nistp521': 'sha512',
};

/** Made of a key once for all hosts: reading its text takes ten times as long as signing with Ed25519. */
const readKeys = new WeakMap<ParsedKey, KeyObject>();

function signerOf(key: ParsedKey, algorithm: string | undefined): Signer | undefined {
  if (typeof key.isPrivateKey !== 'function' || !key.isPrivateKey()) return undefined;
  // RFC 8332.
  const rsa = /^rsa-sha2-(256|512)$/.exec(algorithm ?? '')?.[1];
  const digest = rsa ? `sha${rsa}` : DIGESTS[key.type];
  if (digest === undefined) return undefined;
  return (data, done) => {
    let read = readKeys.get(key);
    if (!read) readKeys.set(key, (read = createPrivateKey(key.getPrivatePEM())));
    done(sign(digest, data, read));
  };
}

/**
 * OpenSSH's server says which other host keys it has, and ssh2 has it prove each of them: a wait, and a signature of
 * each key to make there and to check here. Nobody asked.
 */
function leaveOtherKeys(handlers: Handlers): void {
  const { GLOBAL_REQUEST: asked } = handlers;
  if (!asked) return;
  handlers.GLOBAL_REQUEST = (from, name, ...more) => {
    if (name !== 'hostkeys-00@openssh.com') asked(from, name, ...more);
  };
}
