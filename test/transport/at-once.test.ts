import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import ssh2, { type ParsedKey, type Server } from 'ssh2';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { newKeyPair } from '../../src/lab/keys.ts';
import { createTransport } from '../../src/transport/transport.ts';

const parse = (text: string) => ssh2.utils.parseKey(text) as ParsedKey;
const ed25519 = async () => (await newKeyPair('test')).privateKey;
const rsa = async () =>
  generateKeyPairSync('rsa', { modulusLength: 2048 })
    .privateKey.export({ type: 'pkcs1', format: 'pem' })
    .toString();
const ecdsa = async () => ssh2.utils.generateKeyPairSync('ecdsa', { bits: 256 }).private;

describe('logging in with a key', () => {
  let folder: string;
  let server: Server | undefined;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'slipway-sign-'));
  });
  afterEach(() => {
    server?.close();
    rmSync(folder, { recursive: true });
  });

  /** A server that takes `allowed`; what it was asked, in order. */
  async function serve(allowed: ParsedKey): Promise<{ port: number; asked: string[] }> {
    const asked: string[] = [];
    server = new ssh2.Server({ hostKeys: [await ed25519()] }, (client) => {
      client.on('error', () => {});
      client.on('authentication', (context) => {
        if (context.method !== 'publickey') return context.reject(['publickey']);
        const known = context.key.data.equals(allowed.getPublicSSH());
        asked.push(
          `${context.key.algo} ${context.signature ? 'signed' : 'asked'}${known ? '' : ', refused'}`,
        );
        if (!known) return context.reject(['publickey']);
        const { blob, signature, hashAlgo } = context;
        if (!blob || !signature) return context.accept();
        if (allowed.verify(blob, signature, hashAlgo) === true) context.accept();
        else context.reject();
      });
    });
    await new Promise<void>((resolve) => server!.listen(0, '127.0.0.1', resolve));
    return { port: (server.address() as AddressInfo).port, asked };
  }

  function connect(port: number, key: string, sshConfigFiles: string[] = []) {
    const file = path.join(folder, 'key');
    writeFileSync(file, key, { mode: 0o600 });
    return createTransport({ sshConfigFiles }).connect({
      name: 'n1',
      connection: 'ssh',
      host: '127.0.0.1',
      port,
      user: 'ada',
      hostKeyChecking: 'no',
      ...(sshConfigFiles.length === 0 && { privateKeyFile: file }),
    });
  }

  test.each([
    ['ssh-ed25519', ed25519],
    // This server does not say that it knows better hashes; OpenSSH does (test/e2e).
    ['ssh-rsa', rsa],
    ['ecdsa-sha2-nistp256', ecdsa],
  ])('%s is one request, signed', async (algorithm, make) => {
    const key = await make();
    const { port, asked } = await serve(parse(key));
    const remote = await connect(port, key);
    expect(asked).toEqual([`${algorithm} signed`]);
    remote.close();
  });

  test('a key that is refused is followed by the next', async () => {
    const [wrong, right] = [await ed25519(), await ed25519()];
    const files = [wrong, right].map((text, n) => {
      const file = path.join(folder, `key${n}`);
      writeFileSync(file, text, { mode: 0o600 });
      return file;
    });
    const config = path.join(folder, 'config');
    writeFileSync(config, files.map((file) => `IdentityFile ${file}\n`).join(''));
    const { port, asked } = await serve(parse(right));
    const remote = await connect(port, right, [config]);
    expect(asked).toEqual(['ssh-ed25519 signed, refused', 'ssh-ed25519 signed']);
    remote.close();
  });

  test('nothing but wrong keys is a failure to log in, and names them', async () => {
    const { port } = await serve(parse(await ed25519()));
    await expect(connect(port, await ed25519())).rejects.toMatchObject({
      code: 'connect.auth',
      message: expect.stringContaining(path.join(folder, 'key')),
    });
  });
});
