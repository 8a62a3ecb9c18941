import { change, type Difference, impossible, same, type Verdict } from '../../module/contract.ts';
import { compareAttributes } from '../files/attributes.ts';
import { textOf } from '../files/path-state.ts';
import { type PublicKey, readKeys } from './openpgp.ts';
import { deb822, isDead } from './source.ts';
import type { Ready, SourceState } from './source-probe.ts';

export interface SourceChange {
  readonly state: SourceState;
  /** What the file shall hold; undefined: it goes. */
  readonly text: string | undefined;
  readonly writeFile: boolean;
  readonly key: 'keep' | 'write' | 'fetch' | 'remove';
  readonly dead: readonly string[];
}

export function compareSource(state: SourceState, ready: Ready): Verdict<SourceChange> {
  const { p, source } = ready;
  if (!state.apt) return impossible('this host has no apt-get', 'Use this module on Debian and Ubuntu only.');
  if (p.state === 'absent') return absent(state);
  if (isDead(source))
    return impossible(
      `${source.uris[0]} is gone since March 2024`,
      'Use https://pkgs.k8s.io/core:/stable:/v1.34/deb/ with the suite `/` (one repository a minor version).',
    );
  const wrong = ready.key && keyFault(readKeys(ready.key), p.fingerprint, state.now);
  if (wrong) return wrong;
  const dead = p.migrate ? state.dead : [];
  if (state.dead.length > 0 && !p.migrate && /k8s|kubernetes/.test(source.uris.join(' ')))
    return impossible(
      `${state.dead.join(', ')} names apt.kubernetes.io, which is gone`,
      'Set `migrate: true` to have it removed.',
    );
  const diff: Difference[] = [];
  const managed = ready.key !== undefined || p.key_url !== undefined;
  const text = deb822(p, source, managed ? state.keyringPath : undefined);
  const before = state.file.real ? (textOf(state.file.bytes) ?? '') : undefined;
  if (before !== text) diff.push({ subject: state.path, kind: 'content', before, after: text });
  const attributes = { mode: p.mode ?? '0644' };
  if (state.file.real) diff.push(...compareAttributes(state.path, state.file.real, attributes));
  const writeFile = diff.length > 0;
  const key = keyStep(state, ready, diff);
  for (const path of dead) diff.push({ subject: path, before: 'names apt.kubernetes.io' });
  if (diff.length === 0) return same(`${state.path} is as it should be`);
  return change(`${diff[0]!.subject} ${diff[0]!.before === undefined ? 'is not there' : 'differs'}`, diff, {
    state,
    text,
    writeFile,
    key,
    dead,
  });
}

function absent(state: SourceState): Verdict<SourceChange> {
  const diff: Difference[] = [];
  if (state.file.own)
    diff.push({ subject: state.path, kind: 'content', before: textOf(state.file.bytes) ?? '' });
  if (state.keyring.own) diff.push({ subject: state.keyringPath, before: describe(state.keys) });
  if (diff.length === 0) return same(`there is no ${state.path}`);
  return change(`${diff[0]!.subject} is there`, diff, {
    state,
    text: undefined,
    writeFile: state.file.own !== undefined,
    key: state.keyring.own ? 'remove' : 'keep',
    dead: [],
  });
}

function keyStep(state: SourceState, { p, key }: Ready, diff: Difference[]): SourceChange['key'] {
  const there = state.keyring.real ? describe(state.keys) : undefined;
  if (key) {
    if (state.keyring.bytes && Buffer.from(key).equals(Buffer.from(state.keyring.bytes))) return 'keep';
    diff.push({ subject: state.keyringPath, before: there, after: describe(readKeys(key)) });
    return 'write';
  }
  if (p.key_url === undefined) return 'keep';
  const wrong = state.keyring.real && keyFault(state.keys, p.fingerprint, state.now);
  if (state.keyring.real && !wrong) return 'keep';
  diff.push({
    subject: state.keyringPath,
    before: wrong?.verdict === 'impossible' ? `${there}: ${wrong.why}` : there,
    after: `fetched from ${p.key_url}`,
  });
  return 'fetch';
}

/** What is wrong with a key, if anything. */
export function keyFault(
  keys: readonly PublicKey[],
  fingerprint: string | undefined,
  now: number,
): { verdict: 'impossible'; why: string; hint?: string | undefined } | undefined {
  if (keys.length === 0)
    return impossible('the key cannot be read', 'Give what `gpg --armor --export` prints.');
  const wanted = fingerprint?.replace(/^0x|\s/g, '').toUpperCase();
  if (wanted !== undefined && !keys.some((key) => key.fingerprint.endsWith(wanted)))
    return impossible(
      `the key has another fingerprint: ${keys[0]!.fingerprint}`,
      'Ask those who publish the repository which one is right.',
    );
  const valid = keys.filter(({ expires }) => expires === undefined || expires > now);
  if (valid.length > 0) return undefined;
  const when = new Date(keys[0]!.expires! * 1000).toISOString().slice(0, 10);
  return impossible(`the key ${keys[0]!.fingerprint} has expired on ${when}`, 'Get the renewed key.');
}

function describe(keys: readonly PublicKey[]): string {
  return (
    keys.map(({ fingerprint, user }) => [fingerprint, user].filter(Boolean).join(' ')).join(', ') || 'no key'
  );
}
