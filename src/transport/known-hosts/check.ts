import { createHash } from 'node:crypto';
import type { KnownHost } from './parse.ts';

/** What known_hosts says about the key that a host has shown. */
export type Verdict =
  | { readonly kind: 'known' }
  /** No key of the host is known. */
  | { readonly kind: 'unknown' }
  /** Only certificate authorities are known for the host, which cannot be used here. */
  | { readonly kind: 'certificate'; readonly entry: KnownHost }
  | { readonly kind: 'revoked'; readonly entry: KnownHost }
  /** Another key is known: of the same type where there is one, else of another. */
  | { readonly kind: 'changed'; readonly entry: KnownHost };

/** The name under which a host stands in known_hosts. */
export function knownName(host: string, port: number): string {
  return port === 22 ? host : `[${host}]:${port}`;
}

export function checkKey(entries: readonly KnownHost[], name: string, type: string, key: Buffer): Verdict {
  const text = key.toString('base64');
  const same = (entry: KnownHost) =>
    entry.type === type && entry.key.replace(/=+$/, '') === text.replace(/=+$/, '');
  const ours = entries.filter((entry) => entry.matches(name));
  const revoked = ours.find((entry) => entry.marker === 'revoked' && same(entry));
  if (revoked) return { kind: 'revoked', entry: revoked };
  const plain = ours.filter((entry) => entry.marker === undefined);
  if (plain.some(same)) return { kind: 'known' };
  const changed = plain.find((entry) => entry.type === type) ?? plain[0];
  if (changed) return { kind: 'changed', entry: changed };
  const authority = ours.find((entry) => entry.marker === 'cert-authority');
  return authority ? { kind: 'certificate', entry: authority } : { kind: 'unknown' };
}

/** Types of the keys that are known for a host, so that the server is asked for one of these. */
export function knownTypes(entries: readonly KnownHost[], name: string): string[] {
  const types = entries
    .filter((entry) => entry.marker === undefined && entry.matches(name))
    .map((entry) => entry.type);
  return [...new Set(types)];
}

/** As OpenSSH prints it. */
export function fingerprint(key: Buffer | string): string {
  const bytes = typeof key === 'string' ? Buffer.from(key, 'base64') : key;
  return `SHA256:${createHash('sha256').update(bytes).digest('base64').replace(/=+$/, '')}`;
}

/** The type that a public key blob names in its first field. */
export function keyType(key: Buffer): string {
  const length = key.length >= 4 ? key.readUInt32BE(0) : 0;
  return key.toString('latin1', 4, 4 + length);
}
