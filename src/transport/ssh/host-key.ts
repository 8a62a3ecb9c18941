import { SlipwayError } from '../../base/errors.ts';
import { checkKey, fingerprint, keyType, type Verdict } from '../known-hosts/check.ts';
import type { KnownHostsFiles } from '../known-hosts/files.ts';
import type { KnownHost } from '../known-hosts/parse.ts';
import { quote } from '../shell-text.ts';

/** How the key of one host is checked. */
export interface HostKeyCheck {
  /** The host's name in the inventory. */
  readonly host: string;
  /** Its name in known_hosts. */
  readonly name: string;
  readonly checking: 'yes' | 'accept-new' | 'no';
  readonly files: readonly string[];
  readonly entries: readonly KnownHost[];
  readonly store: KnownHostsFiles;
  readonly warn: (message: string) => void;
}

/** @throws {SlipwayError} connect.host-key, with what to do about it. */
export async function verifyHostKey(check: HostKeyCheck, key: Buffer): Promise<void> {
  const type = keyType(key);
  const verdict = checkKey(check.entries, check.name, type, key);
  if (verdict.kind === 'known') return;
  if (verdict.kind !== 'revoked') {
    if (check.checking === 'no') {
      check.warn(`${check.host}: the host key of ${check.name} (${fingerprint(key)}) was not checked`);
      return;
    }
    if (verdict.kind === 'unknown' && check.checking === 'accept-new') {
      await check.store.pin(check.files[0]!, check.name, type, key);
      return;
    }
  }
  throw hostKeyError(check, verdict, type, key);
}

function hostKeyError(check: HostKeyCheck, verdict: Verdict, type: string, key: Buffer): SlipwayError {
  const shown = fingerprint(key);
  const { message, hint } = explain(check, verdict, type, key);
  const entry = 'entry' in verdict ? { file: verdict.entry.file, line: verdict.entry.line } : {};
  const data = {
    host: check.host,
    name: check.name,
    verdict: verdict.kind,
    type,
    fingerprint: shown,
    ...entry,
  };
  return new SlipwayError('connect.host-key', `${check.host}: ${message}`, { hint, data });
}

function explain(
  { name, files }: HostKeyCheck,
  verdict: Verdict,
  type: string,
  key: Buffer,
): { readonly message: string; readonly hint: string } {
  const shown = `${type} ${fingerprint(key)}`;
  const place = 'entry' in verdict ? `${verdict.entry.file}:${verdict.entry.line}` : '';
  switch (verdict.kind) {
    case 'revoked':
      return {
        message: `the host key of ${name} (${shown}) is marked as revoked in ${place}`,
        hint: 'Do not trust this host. Give it a new key, or remove the line if it was a mistake.',
      };
    case 'changed':
      return {
        message: `the host key of ${name} has changed: it shows ${shown}, ${place} has ${verdict.entry.type} ${fingerprint(verdict.entry.key)}`,
        hint: `Somebody may be in between. If the host was really installed anew: ssh-keygen -f ${quote(verdict.entry.file)} -R ${quote(name)}, then run with --accept-new-host-keys.`,
      };
    case 'certificate':
      return {
        message: `the host key of ${name} (${shown}) is not known, and certificates (${place}) are not supported`,
        hint: 'Pin the plain key: run with --accept-new-host-keys once you have compared the fingerprint.',
      };
    default:
      return {
        message: `the host key of ${name} is not known: ${shown}`,
        hint: `Compare it with \`ssh-keygen -lf /etc/ssh/${fileOfType(type)}\` on the host, then run with --accept-new-host-keys, which adds it to ${files[0]}.`,
      };
  }
}

function fileOfType(type: string): string {
  const kind = type.startsWith('ecdsa') ? 'ecdsa' : type.replace(/^ssh-/, '');
  return `ssh_host_${kind}_key.pub`;
}
