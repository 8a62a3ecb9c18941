import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Program } from '../../../src/module/program.ts';
import type { Params } from '../../../src/modules/tls/params.ts';
import { sameName } from '../../../src/modules/tls/probe.ts';
import { x509Certificate as module } from '../../../src/modules/tls/x509-certificate.ts';
import { folderOf } from '../../kit/folder.ts';
import { foretellsItself } from '../../kit/foretells.ts';
import { runLocally, shells } from '../../kit/local-shell.ts';

const [name, shell] = shells[0]!;
const hasOpenssl = spawnSync('openssl', ['version']).status === 0;

/** What the engine does: probe, compare, apply, probe. */
async function settle(params: Params): Promise<string> {
  const ready = module.prepare!(params, undefined as never) as Params;
  const look = async () => module.read(await runLocally(shell, module.probe(ready)), ready);
  const current = await look();
  const verdict = module.compare(current, ready);
  if (verdict.verdict !== 'change') return `${verdict.verdict}: ${verdict.why}`;
  foretellsItself(module, ready, current, verdict.change, false);
  const done = await runLocally(shell, module.apply(verdict.change, ready) as Program);
  if (done.code !== 0) return `failed: ${done.stderr}`;
  const after = module.compare(await look(), ready);
  return `${verdict.why}, then ${after.verdict}`;
}

describe.runIf(hasOpenssl)(`a certificate, with ${name} and the openssl of this machine`, () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'tls-'));
  const at = (file: string) => path.join(folder, file);
  const ca: Params = {
    path: at('ca.crt'),
    privatekey_path: at('ca.key'),
    common_name: 'CA of a lab',
    is_ca: true,
    valid_days: 3650,
  };
  const server: Params = {
    path: at('a b.crt'),
    privatekey_path: at('server.key'),
    common_name: 'registry.lan',
    subject_alt_name: ['registry.lan', '10.0.0.5', 'IP:fd00::5'],
    provider: 'ownca',
    ownca_path: at('ca.crt'),
    ownca_privatekey_path: at('ca.key'),
  };
  const key = () => readFileSync(server.privatekey_path, 'utf8');
  beforeAll(async () => {
    expect(await settle(ca)).toBe(`${ca.privatekey_path} is not there, then same`);
    expect(await settle(server)).toBe(`${server.privatekey_path} is not there, then same`);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('a second time nothing is to do; the keys are private', async () => {
    expect(await settle(ca)).toMatch(/^same: .*ca.crt is valid until \w+ +\d+ .* GMT$/);
    expect(await settle(server)).toMatch(/^same: /);
    for (const file of [ca.privatekey_path, server.privatekey_path])
      expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('clients that trust the CA take it, by its names', () => {
    const verify = (...args: string[]) =>
      spawnSync('openssl', ['verify', '-x509_strict', '-CAfile', ca.path, ...args, server.path], {
        encoding: 'utf8',
      });
    expect(verify('-purpose', 'sslserver', '-verify_hostname', 'registry.lan')).toMatchObject({ status: 0 });
    expect(verify('-verify_ip', '10.0.0.5').status).toBe(0);
    expect(verify('-verify_hostname', 'other.lan').status).not.toBe(0);
  });

  it.each<[string, Partial<Params>, RegExp]>([
    ['another name', { common_name: 'r.lan' }, /is that of registry.lan, then same/],
    ['fewer names', { subject_alt_name: ['DNS:registry.lan'] }, /is good for DNS:.*, then same/],
    ['no names', { subject_alt_name: [] }, /is good for .*, then same/],
    ['what ends soon', { valid_days: 900, renew_days: 826 }, /ends on .* GMT, then same/],
    ['its own signature', { provider: 'selfsigned' }, /is not signed by its own key, then same/],
  ])('%s: made anew with the same key', async (_, more, said) => {
    const before = key();
    expect(await settle({ ...server, ...more })).toMatch(said);
    expect(key()).toBe(before);
    expect(await settle(server)).toMatch(/then same|^same/);
  });

  it('another CA, another key, a key that others may read, a broken file', async () => {
    const other = { ...ca, path: at('other.crt'), privatekey_path: at('other.key') };
    await settle(other);
    const signer = { ownca_path: other.path, ownca_privatekey_path: other.privatekey_path };
    expect(await settle({ ...server, ...signer })).toMatch(/is not signed by .*other.crt, then same/);
    writeFileSync(server.privatekey_path, readFileSync(ca.privatekey_path));
    expect(await settle({ ...server, ...signer })).toMatch(/is not that of .*server.key, then same/);
    chmodSync(server.privatekey_path, 0o644);
    expect(await settle({ ...server, ...signer })).toMatch(/server.key mode is 0644, then same/);
    writeFileSync(server.path, 'x');
    expect(await settle(server)).toMatch(/is no certificate, then same/);
  });

  it('a key that others may read is private once its certificate is made anew', async () => {
    await settle(server);
    const before = key();
    chmodSync(server.privatekey_path, 0o644);
    expect(await settle({ ...server, common_name: 'r.lan' })).toMatch(/is that of registry.lan, then same/);
    expect(statSync(server.privatekey_path).mode & 0o777).toBe(0o600);
    expect(key()).toBe(before);
    expect(readdirSync(folder).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  it('what openssl says of a new key is told', async () => {
    const tools = folderOf({ openssl: '#!/bin/sh\necho "no algorithm $3" >&2\nexit 1\n' });
    const poor = { ...shell, path: `${tools}:${shell.path ?? process.env['PATH']}` };
    const ready: Params = { ...ca, path: at('n.crt'), privatekey_path: at('n.key'), type: 'RSA' };
    const done = await runLocally(poor, module.apply({ make: 'all' }, ready) as Program);
    expect(done).toMatchObject({ code: 1, stderr: 'no algorithm RSA\n' });
  });

  it('where a CA is gone, nothing of the old is lost', async () => {
    await settle(server);
    const before = readFileSync(server.path, 'utf8');
    const gone = { ownca_path: at('none.crt'), ownca_privatekey_path: at('none.key') };
    expect(await settle({ ...server, ...gone })).toMatch(/^failed: [^]*none\.crt/);
    expect(readFileSync(server.path, 'utf8')).toBe(before);
  });
});

it.each([
  ['IP:fd00::5', 'IP:FD00:0:0:0:0:0:0:5'],
  ['IP:::1', 'IP:0:0:0:0:0:0:0:1'],
  ['IP:10.0.0.5', 'IP:10.0.0.5'],
  ['DNS:Registry.LAN', 'DNS:registry.lan'],
])('%s is %s', (name_, same) => {
  expect(sameName(name_)).toBe(same);
});
