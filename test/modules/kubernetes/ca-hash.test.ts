import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  caCertHash,
  kubeconfigCaHash,
  kubeconfigServer,
  sameHash,
} from '../../../src/modules/kubernetes/ca-hash.ts';

const openssl = spawnSync('openssl', ['version']).status === 0;

describe('the hash of a CA', () => {
  it.skipIf(!openssl)('is what the pipeline of kubeadm’s documentation gives', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'ca-'));
    try {
      const file = path.join(folder, 'ca.crt');
      const key = path.join(folder, 'ca.key');
      const words = `req -x509 -newkey rsa:2048 -nodes -keyout ${key} -out ${file} -subj /CN=kubernetes -days 1`;
      execFileSync('openssl', words.split(' '), { stdio: 'ignore' });
      const pipeline = `openssl x509 -pubkey -noout -in ${file} | openssl pkey -pubin -outform der | sha256sum`;
      const expected = execFileSync('sh', ['-c', pipeline], { encoding: 'utf8' }).split(' ')[0];
      const pem = readFileSync(file, 'utf8');
      expect(caCertHash(pem)).toBe(`sha256:${expected}`);
      const data = Buffer.from(pem).toString('base64');
      const conf = `clusters:\n- cluster:\n    certificate-authority-data: ${data}\n    server: https://a:6443\n`;
      expect(kubeconfigCaHash(conf)).toBe(`sha256:${expected}`);
      expect(kubeconfigServer(conf)).toBe('https://a:6443');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('is undefined for what is no certificate', () => {
    expect(caCertHash('')).toBeUndefined();
    expect(caCertHash('-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----')).toBeUndefined();
    expect(kubeconfigCaHash('clusters: []')).toBeUndefined();
  });

  it('is compared with and without its prefix', () => {
    expect(sameHash('sha256:AB', 'ab')).toBe(true);
    expect(sameHash('sha256:ab', 'sha256:ac')).toBe(false);
    expect(sameHash(undefined, undefined)).toBe(false);
  });
});
