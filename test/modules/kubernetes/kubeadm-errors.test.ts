import { describe, expect, it } from 'vitest';
import { kubeadmFailure, preflightErrors } from '../../../src/modules/kubernetes/kubeadm-errors.ts';

const failure = (stderr: string) => kubeadmFailure('kubeadm join', { code: 1, stdout: '', stderr });

describe('what kubeadm says when it fails', () => {
  it('up to 1.33: the checks stand within the error', () => {
    const text = `error execution phase preflight: [preflight] Some fatal errors occurred:
	[ERROR FileAvailable--etc-kubernetes-kubelet.conf]: /etc/kubernetes/kubelet.conf already exists
	[ERROR CRI]: container runtime is not running: output: time="x" level=fatal msg="validate service connection: unknown service runtime.v1.RuntimeService"
, error: exit status 1
[preflight] If you know what you are doing, you can make a check non-fatal with \`--ignore-preflight-errors=...\`
To see the stack trace of this error execute with --v=5 or higher
`;
    expect(preflightErrors(text).map((error) => error.check)).toEqual([
      'FileAvailable--etc-kubernetes-kubelet.conf',
      'CRI',
    ]);
    const error = failure(text);
    expect(error.hint).toContain('reset the node');
    expect(error.hint).toContain('disabled_plugins');
    expect(error.data['phase']).toBe('preflight');
  });

  it('from 1.34: the checks stand before it', () => {
    const text = `[preflight] Some fatal errors occurred:
	[ERROR Mem]: the system RAM (900 MB) is less than the minimum 1700 MB
[preflight] If you know what you are doing, you can make a check non-fatal with \`--ignore-preflight-errors=...\`
error: error execution phase preflight: preflight checks failed
To see the stack trace of this error execute with --v=5 or higher
`;
    expect(failure(text).message).toBe(
      'kubeadm join refused this host: Mem: the system RAM (900 MB) is less than the minimum 1700 MB',
    );
  });

  it.each([
    ['could not find a JWS signature in the cluster-info ConfigMap for token ID "abcdef"', /expired/],
    [
      'cluster CA found in cluster-info ConfigMap is invalid: none of the public keys "sha256:x" are pinned',
      /another cluster/,
    ],
    [
      'error downloading certs: error downloading the secret: Secret "kubeadm-certs" was not found',
      /two hours/,
    ],
    [
      'couldn\'t validate the identity of the API Server: Get "https://10.0.0.1:6443": dial tcp: connect: connection refused',
      /firewall/,
    ],
    ['timed out waiting for the condition', /journalctl/],
  ])('%s', (message, hint) => {
    const error = failure(
      `error: error execution phase preflight: ${message}\nTo see the stack trace of this error execute with --v=5 or higher\n`,
    );
    expect(error.message).toContain(message);
    expect(error.message).toBe(`kubeadm join failed in phase preflight: ${message}`);
    expect(error.hint).toMatch(hint);
  });

  it('keeps the exit code when nothing was said', () => {
    expect(kubeadmFailure('kubeadm init', { code: 137, stdout: '', stderr: '' }).message).toBe(
      'kubeadm init failed: exit code 137',
    );
  });
});
