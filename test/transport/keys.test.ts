import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createKeyStore } from '../../src/transport/ssh/keys.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'keys-'));
afterAll(() => rmSync(folder, { recursive: true }));

const KINDS = [
  ['ed25519', []],
  ['rsa', ['-b', '2048', '-m', 'PEM']],
  ['ecdsa', ['-b', '256']],
] as const;

describe.each(KINDS)('an encrypted key: %s', (type, options) => {
  const file = path.join(folder, type);
  execFileSync('ssh-keygen', ['-q', '-t', type, ...options, '-N', 'open sesame', '-f', file]);

  /** What comes of it when the person answers so, and for what was asked. */
  async function unlock(answers: readonly (string | undefined)[]) {
    const asked: [string, boolean][] = [];
    const left = [...answers];
    const passphrase = async (name: string, again: boolean) => {
      asked.push([name, again]);
      return left.shift();
    };
    const key = await createKeyStore({ passphrase }).load(file);
    // However many hosts want it, it is asked for by one.
    const [first, second] = await Promise.all([key!.unlock(), key!.unlock()]);
    expect(second).toBe(first);
    return { ...first, asked };
  }

  it('is opened at the third attempt', async () => {
    const { key, asked } = await unlock(['no', 'Open sesame', 'open sesame']);
    expect(key!.isPrivateKey()).toBe(true);
    expect(asked).toEqual([
      [file, false],
      [file, true],
      [file, true],
    ]);
  });

  it('is not asked for a fourth time', async () => {
    const { key, why, asked } = await unlock(['a', 'b', 'c', 'open sesame']);
    expect(key).toBe(undefined);
    expect(why).toBe('the passphrase is wrong (3 attempts)');
    expect(asked.length).toBe(3);
  });

  it('is left when nothing is typed', async () => {
    for (const answers of [[''], ['no', ''], ['no', undefined]]) {
      const { why, asked } = await unlock(answers);
      expect(why).toBe('it is encrypted and no right passphrase was given');
      expect(asked.length).toBe(answers.length);
    }
  });

  it('says what to do where nobody can be asked', async () => {
    for (const credentials of [undefined, {}, { passphrase: async () => undefined }]) {
      const key = await createKeyStore(credentials).load(file);
      expect((await key!.unlock()).why).toContain(`load it into an agent first: ssh-add ${file}`);
      expect(key!.publicKey).toBeDefined();
    }
  });
});
