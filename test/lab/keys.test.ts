import { afterEach, expect, test, vi } from 'vitest';
import ssh2 from 'ssh2';
import { newKeyPair } from '../../src/lab/keys.ts';

afterEach(() => void vi.restoreAllMocks());

test('a key that came out a byte short is drawn again', async () => {
  const short = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAH43b7CUFS24jvRYMsc6sa6EbiQM6rDAgVLwn0w/+TFA= n1';
  const draw = vi.spyOn(ssh2.utils, 'generateKeyPairSync');
  draw.mockReturnValueOnce({ private: 'short', public: short } as never);
  const { privateKey, publicKey } = await newKeyPair('n1');
  expect(draw).toHaveBeenCalledTimes(2);
  expect(Buffer.from(publicKey.split(' ')[1]!, 'base64')).toHaveLength(51);
  const parsed = ssh2.utils.parseKey(privateKey);
  if (parsed instanceof Error) throw parsed;
  expect(`${parsed.type} ${parsed.getPublicSSH().toString('base64')}`).toBe(publicKey);
});
