import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { ParsedKey } from 'ssh2';
import { SlipwayError } from '../../base/errors.ts';
import type { Credentials } from '../types.ts';

/** Tried where neither the inventory nor ~/.ssh/config names a key, in OpenSSH's order. */
export const DEFAULT_KEYS = ['id_rsa', 'id_ecdsa', 'id_ed25519'].map((name) => join(homedir(), '.ssh', name));

/** A key file as far as it can be read without asking anybody. */
export interface KeyFile {
  readonly path: string;
  /** SSH wire form of the public key; undefined when it is locked and has no .pub beside it. */
  readonly publicKey: Buffer | undefined;
  /** The private key; asks for the passphrase when there is one. Undefined, and `why`, when it cannot be had. */
  unlock(): Promise<{ readonly key?: ParsedKey; readonly why?: string }>;
}

/** Key files, each read once, and its passphrase asked for by one host, however many hosts want it. */
export interface KeyStore {
  /** Undefined when the file does not exist. */
  load(path: string): Promise<KeyFile | undefined>;
}

export function createKeyStore(credentials: Credentials | undefined): KeyStore {
  const loaded = new Map<string, Promise<KeyFile | undefined>>();
  return {
    load(given) {
      const path = given.replace(/^~(?=\/)/, homedir());
      let file = loaded.get(path);
      if (!file) {
        file = readKey(path, credentials);
        loaded.set(path, file);
      }
      return file;
    },
  };
}

async function readKey(path: string, credentials: Credentials | undefined): Promise<KeyFile | undefined> {
  const { utils } = (await import('ssh2')).default;
  const text = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
    throw new SlipwayError('connect.auth', `the key ${path} cannot be read: ${error.message}`, {
      hint: 'Check its permissions; it must belong to you, with mode 0600.',
      cause: error,
    });
  });
  if (!text) return undefined;
  const plain = first(utils.parseKey(text));
  if (!(plain instanceof Error)) {
    const why = plain.isPrivateKey() ? undefined : 'it holds no private key';
    return { path, publicKey: plain.getPublicSSH(), unlock: async () => (why ? { why } : { key: plain }) };
  }
  if (!/encrypted|passphrase/i.test(plain.message)) {
    return { path, publicKey: undefined, unlock: async () => ({ why: plain.message }) };
  }
  const pub = await readFile(`${path}.pub`).catch(() => undefined);
  const shown = pub && first(utils.parseKey(pub));
  let asked: ReturnType<KeyFile['unlock']> | undefined;
  return {
    path,
    publicKey: shown && !(shown instanceof Error) ? shown.getPublicSSH() : undefined,
    unlock: () =>
      (asked ??= unlockBy(credentials?.passphrase, path, (passphrase) =>
        first(utils.parseKey(text, passphrase)),
      )),
  };
}

/** Attempts at a passphrase, as OpenSSH gives. */
const ATTEMPTS = 3;

async function unlockBy(
  ask: Credentials['passphrase'],
  path: string,
  open: (passphrase: string) => ParsedKey | Error,
): ReturnType<KeyFile['unlock']> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const passphrase = await ask?.(path, attempt > 1);
    // Nothing typed means: leave this key. So it does for OpenSSH.
    if (!passphrase) {
      if (attempt > 1 || passphrase === '')
        return { why: 'it is encrypted and no right passphrase was given' };
      return {
        why: `it is encrypted and no passphrase was given; where there is no terminal to ask at, load it into an agent first: ssh-add ${path}`,
      };
    }
    const key = open(passphrase);
    if (!(key instanceof Error)) return { key };
    if (!/passphrase|decrypt|integrity/i.test(key.message)) return { why: key.message };
  }
  return { why: `the passphrase is wrong (${ATTEMPTS} attempts)` };
}

function first(parsed: ParsedKey | ParsedKey[] | Error): ParsedKey | Error {
  if (!Array.isArray(parsed)) return parsed;
  return parsed[0] ?? new Error('it holds no key');
}
