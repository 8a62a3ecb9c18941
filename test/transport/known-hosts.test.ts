import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  checkKey,
  fingerprint,
  keyType,
  knownName,
  knownTypes,
} from '../../src/transport/known-hosts/check.ts';
import { createKnownHostsFiles } from '../../src/transport/known-hosts/files.ts';
import { parseKnownHosts } from '../../src/transport/known-hosts/parse.ts';
import { type HostKeyCheck, verifyHostKey } from '../../src/transport/ssh/host-key.ts';

/** A public key blob of a type; its content does not matter here. */
function blob(type: string, fill: number): Buffer {
  const name = Buffer.from(type);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(name.length);
  return Buffer.concat([length, name, Buffer.alloc(36, fill)]);
}
const ED = 'ssh-ed25519';
const A = blob(ED, 1);
const B = blob(ED, 2);
const R = blob('ssh-rsa', 3);
const line = (hosts: string, key = A) => `${hosts} ${keyType(key)} ${key.toString('base64')} a comment`;
const verdict = (text: string, name: string, key = A) =>
  checkKey(parseKnownHosts(text, 'known_hosts'), name, keyType(key), key);

describe('known_hosts lines', () => {
  test.each([
    ['a name', line('n1'), 'n1', 'known'],
    ['another name', line('n1'), 'n2', 'unknown'],
    ['letters of any case', line('N1.Example'), 'n1.exAmple', 'known'],
    ['one of several names', line('n0,n1,10.0.0.1'), '10.0.0.1', 'known'],
    ['a port', line('[n1]:2222'), '[n1]:2222', 'known'],
    ['a name does not stand for its ports', line('n1'), '[n1]:2222', 'unknown'],
    ['a port does not stand for the name', line('[n1]:2222'), 'n1', 'unknown'],
    ['a star', line('*.example.com'), 'a.b.example.com', 'known'],
    ['a star does not match all', line('*.example.com'), 'example.com', 'unknown'],
    ['a dot is a dot', line('a.b'), 'axb', 'unknown'],
    ['a question mark', line('n?'), 'n7', 'known'],
    ['a question mark is one character', line('n?'), 'n77', 'unknown'],
    ['a star with a port', line('[*]:2222'), '[n1]:2222', 'known'],
    ['a negation wins, wherever it stands', line('!n1,n*'), 'n1', 'unknown'],
    ['a negation alone matches nothing', line('!n1'), 'n2', 'unknown'],
    ['a negation for others', line('n*,!n1'), 'n2', 'known'],
    ['a revoked key', `@revoked ${line('*')}`, 'n1', 'revoked'],
    ['a revoked key beside the same as known', `${line('n1')}\n@revoked ${line('*')}`, 'n1', 'revoked'],
    ['another key revoked', `${line('n1')}\n@revoked ${line('*', B)}`, 'n1', 'known'],
    ['a certificate authority', `@cert-authority ${line('*')}`, 'n1', 'certificate'],
    ['an unknown marker', `@trusted ${line('n1')}`, 'n1', 'unknown'],
    ['another key of the type', line('n1', B), 'n1', 'changed'],
    ['a key of another type', line('n1', R), 'n1', 'changed'],
    ['several keys', `${line('n1', R)}\n${line('n1', B)}\n${line('n1')}`, 'n1', 'known'],
    [
      'comments and rubbish',
      `# x\n\nn1\nn1 ssh-ed25519\nn1 ssh-ed25519 ***\n  ${line('n1')}\r`,
      'n1',
      'known',
    ],
    ['a comment', `#${line('n1')}`, 'n1', 'unknown'],
    ['a broken hash', line('|1|xx'), 'n1', 'unknown'],
  ])('%s', (_, text, name, kind) => {
    expect(verdict(text, name).kind).toBe(kind);
  });

  test('names lines that ssh-keygen has hashed', () => {
    const folder = mkdtempSync(join(tmpdir(), 'slipway-known-'));
    const file = join(folder, 'known_hosts');
    writeFileSync(file, `${line('n1')}\n${line('[n2]:2222')}\n`);
    execFileSync('ssh-keygen', ['-q', '-H', '-f', file], { stdio: 'ignore' });
    const text = readFileSync(file, 'utf8');
    rmSync(folder, { recursive: true });
    expect(text).toMatch(/^\|1\|/);
    expect([verdict(text, 'n1').kind, verdict(text, '[n2]:2222').kind]).toEqual(['known', 'known']);
    expect(verdict(text, 'n2').kind).toBe('unknown');
    expect(verdict(text, 'n1', B)).toMatchObject({ kind: 'changed', entry: { line: 1 } });
  });

  test('a pattern of many stars takes no time', () => {
    expect(verdict(line(`${'*a'.repeat(12)}*`), 'b'.repeat(200)).kind).toBe('unknown');
    expect(verdict(line('*'.repeat(5000)), 'n1').kind).toBe('known');
  });

  test('the types that are known for a host', () => {
    const entries = parseKnownHosts(`${line('n1', R)}\n${line('n2')}\n@revoked ${line('n1')}`, 'f');
    expect(knownTypes(entries, 'n1')).toEqual(['ssh-rsa']);
  });

  test('names and fingerprints as OpenSSH has them', () => {
    expect([knownName('n1', 22), knownName('::1', 2222)]).toEqual(['n1', '[::1]:2222']);
    const folder = mkdtempSync(join(tmpdir(), 'slipway-known-'));
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, 'k')]);
    const shown = execFileSync('ssh-keygen', ['-lf', join(folder, 'k.pub')], { encoding: 'utf8' }).split(
      ' ',
    )[1];
    const key = readFileSync(join(folder, 'k.pub'), 'utf8').split(' ')[1]!;
    rmSync(folder, { recursive: true });
    expect(fingerprint(key)).toBe(shown);
    expect(keyType(Buffer.from(key, 'base64'))).toBe(ED);
  });
});

describe('checking a host key', () => {
  let folder: string;
  let file: string;
  const warnings: string[] = [];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'slipway-known-'));
    file = join(folder, 'ssh', 'known_hosts');
    warnings.length = 0;
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const check = (text: string, checking: HostKeyCheck['checking']): HostKeyCheck => ({
    host: 'web',
    name: '[10.0.0.5]:2222',
    checking,
    files: [file],
    entries: parseKnownHosts(text, file),
    store: createKnownHostsFiles(),
    warn: (message) => warnings.push(message),
  });

  test('an unknown key is refused, with its fingerprint and the way to accept it', async () => {
    await expect(verifyHostKey(check('', 'yes'), A)).rejects.toMatchObject({
      code: 'connect.host-key',
      message: `web: the host key of [10.0.0.5]:2222 is not known: ssh-ed25519 ${fingerprint(A)}`,
      hint: expect.stringMatching(/ssh_host_ed25519_key\.pub.*--accept-new-host-keys/),
      data: { verdict: 'unknown', fingerprint: fingerprint(A) },
    });
  });

  test('a changed key is refused whatever is accepted, with the place and the command that forgets the old one', async () => {
    const text = `# old\n${line('[10.0.0.5]:2222', B)}`;
    for (const checking of ['yes', 'accept-new'] as const) {
      await expect(verifyHostKey(check(text, checking), A)).rejects.toMatchObject({
        code: 'connect.host-key',
        message: expect.stringContaining(`${file}:2 has ssh-ed25519 ${fingerprint(B)}`),
        hint: expect.stringContaining(`ssh-keygen -f ${file} -R '[10.0.0.5]:2222'`),
      });
    }
  });

  test('a key of a new type for a host that is known is not pinned', async () => {
    const text = line('[10.0.0.5]:2222', R);
    await expect(verifyHostKey(check(text, 'accept-new'), A)).rejects.toMatchObject({
      data: { verdict: 'changed' },
    });
  });

  test('checking "no" takes any key and says so, but never a revoked one', async () => {
    await verifyHostKey(check(line('[10.0.0.5]:2222', B), 'no'), A);
    expect(warnings).toEqual([expect.stringContaining('was not checked')]);
    const revoked = verifyHostKey(check(`@revoked ${line('*')}`, 'no'), A);
    await expect(revoked).rejects.toMatchObject({ data: { verdict: 'revoked', line: 1 } });
  });

  test('a certificate authority is said not to be supported', async () => {
    const checked = verifyHostKey(check(`@cert-authority ${line('*')}`, 'yes'), A);
    await expect(checked).rejects.toMatchObject({ message: expect.stringContaining('not supported') });
  });

  test('accept-new pins keys of many hosts at once, each on a line of its own', async () => {
    const store = createKnownHostsFiles();
    const names = Array.from({ length: 50 }, (_, index) => `n${index}`);
    await Promise.all(names.map((name) => verifyHostKey({ ...check('', 'accept-new'), name, store }, A)));
    const entries = await store.read([file, join(folder, 'none')]);
    expect(entries).toHaveLength(50);
    for (const name of names) expect(checkKey(entries, name, ED, A).kind).toBe('known');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder, 'ssh')).mode & 0o777).toBe(0o700);
  });

  test('a file that does not end in a line break is not spoiled, and changes are seen', async () => {
    const other = join(folder, 'known_hosts');
    writeFileSync(other, line('n1'));
    const store = createKnownHostsFiles();
    expect(await store.read([other])).toHaveLength(1);
    await store.pin(other, 'n2', ED, B);
    expect((await store.read([other])).map((entry) => entry.line)).toEqual([1, 2]);
    expect(readFileSync(other, 'utf8')).toMatch(/ a comment\nn2 ssh-ed25519 [^\n]+\n$/);
  });
});
