import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FLANNEL, type LabHost, until, withRuntime } from './kit.ts';

let first: LabHost;
let second: LabHost;
let third: LabHost;
let join: string[];

const config = (host: LabHost) => `
apiVersion: kubeadm.k8s.io/v1beta4
kind: InitConfiguration
localAPIEndpoint: {advertiseAddress: ${host.address}}
---
apiVersion: kubeadm.k8s.io/v1beta4
kind: ClusterConfiguration
kubernetesVersion: v1.34.1
controlPlaneEndpoint: ${host.address}:6443
networking: {podSubnet: 10.244.0.0/16}
`;

const kubectl = (...args: string[]) => first.run('kubectl', args);

beforeAll(async () => {
  [first, second, third] = await Promise.all([withRuntime(), withRuntime(), withRuntime()]);
  first.write('/k.yaml', config(first));
  const done = first.run('kubeadm', ['init', '--config', '/k.yaml', '--upload-certs']);
  expect(done.stderr).not.toContain('error');
  expect(done.stdout).toContain('\nYour Kubernetes control-plane has initialized successfully!\n');
  const printed =
    /^kubeadm join .* \\\n\t--discovery-token-ca-cert-hash sha256:[0-9a-f]{64} $/m.exec(done.stdout)?.[0] ??
    '';
  join = printed.replace('\\\n', '').trim().split(/\s+/).slice(1);
}, 90_000);

afterAll(() => {
  for (const host of [first, second, third]) host?.stop();
});

const hashAt = () => join.indexOf('--discovery-token-ca-cert-hash') + 1;
const tokenAt = () => join.indexOf('--token') + 1;

describe('a join that must not succeed', { timeout: 40_000 }, () => {
  const attempt = (words: string[]) => {
    second.write('/etc/slipway-lab/timeout', '1\n');
    return second.run('kubeadm', words);
  };
  const identity =
    "error: error execution phase preflight: couldn't validate the identity of the API Server: ";

  it('a hash of another CA', () => {
    const words = join.with(hashAt(), `sha256:${'0'.repeat(64)}`);
    const { code, stderr } = attempt(words);
    expect(code).toBe(1);
    expect(stderr).toContain(
      `${identity}cluster CA found in cluster-info ConfigMap is invalid: none of the public keys "${join[hashAt()]}" are pinned\n`,
    );
  });

  it('an unknown token', () => {
    const { stderr } = attempt(join.with(tokenAt(), 'aaaaaa.bbbbbbbbbbbbbbbb'));
    expect(stderr).toContain(
      `${identity}could not find a JWS signature in the cluster-info ConfigMap for token ID "aaaaaa"\n`,
    );
  });

  it('the right id with a wrong secret', () => {
    const { stderr } = attempt(join.with(tokenAt(), `${join[tokenAt()]!.slice(0, 6)}.bbbbbbbbbbbbbbbb`));
    expect(stderr).toContain(
      "failed to verify JWS signature of received cluster info object, can't trust this API Server",
    );
  });

  it('a token that has expired', async () => {
    const token = 'expire.0123456789abcdef';
    expect(first.run('kubeadm', ['token', 'create', token, '--ttl', '1s']).code).toBe(0);
    await until(
      () => !first.run('kubeadm', ['token', 'list']).stdout.includes(token),
      'the token cleaner removes it',
    );
    const { stderr } = attempt(join.with(tokenAt(), token));
    expect(stderr).toContain(
      'could not find a JWS signature in the cluster-info ConfigMap for token ID "expire"',
    );
  });

  it('an API server that is not there', () => {
    const dead = `${second.address}:6443`;
    const { stderr } = attempt(join.with(1, dead));
    expect(stderr).toContain(
      `${identity}failed to request the cluster-info ConfigMap: Get "https://${dead}/api/v1/namespaces/kube-public/configmaps/cluster-info?timeout=10s": dial tcp ${dead}: connect: connection refused\n`,
    );
  });

  it('no hash and no word that none is wanted', () => {
    const { stderr } = attempt(join.slice(0, hashAt() - 1));
    expect(stderr).toContain('using token-based discovery without caCertHashes can be unsafe');
  });

  it('a control plane without the key, or with a wrong one', () => {
    expect(attempt([...join, '--control-plane']).stderr).toContain('failure loading certificate for CA: ');
    expect(attempt([...join, '--control-plane', '--certificate-key', 'a'.repeat(64)]).stderr).toContain(
      'error decoding secret data with provided key: cipher: message authentication failed',
    );
  });

  it('left nothing behind', () => {
    expect(second.has('/etc/kubernetes/kubelet.conf')).toBe(false);
    expect(kubectl('get', 'nodes', '-o', 'name').stdout).toBe(`node/${first.name}\n`);
    second.write('/etc/slipway-lab/timeout', '15\n');
  });
});

describe('a cluster', { timeout: 60_000 }, () => {
  it('takes a second control plane and a worker', async () => {
    const upload = first.run('kubeadm', [
      'init',
      'phase',
      'upload-certs',
      '--upload-certs',
      '--config',
      '/k.yaml',
    ]);
    const key = upload.stdout.trimEnd().split('\n').at(-1) ?? '';
    const control = second.run('kubeadm', [...join, '--control-plane', '--certificate-key', key]);
    expect(control.stderr).not.toContain('error');
    expect(control.stdout).toContain(
      'This node has joined the cluster and a new control plane instance was created:',
    );
    const worker = third.run('kubeadm', join);
    expect(worker.stdout).toContain(
      '\nThis node has joined the cluster:\n* Certificate signing request was sent',
    );
    expect(third.has('/etc/kubernetes/bootstrap-kubelet.conf')).toBe(false);
    expect(third.read('/var/lib/kubelet/pki/kubelet-client-current.pem')).toContain('BEGIN CERTIFICATE');
    const nodes = kubectl('get', 'nodes', '--no-headers').stdout.trimEnd().split('\n');
    expect(nodes.map((line) => line.split(/\s+/).slice(0, 3))).toEqual([
      [first.name, 'NotReady', 'control-plane'],
      [second.name, 'NotReady', 'control-plane'],
      [third.name, 'NotReady', '<none>'],
    ]);
  });

  it('refuses a second join of the same host', () => {
    const { stderr } = third.run('kubeadm', join);
    expect(stderr).toContain('[ERROR FileAvailable--etc-kubernetes-kubelet.conf]');
    expect(stderr).toContain('[ERROR FileAvailable--etc-kubernetes-pki-ca.crt]');
    expect(stderr).toContain('[ERROR Port-10250]');
  });

  it('becomes ready when a network plugin was applied, and gives pods addresses of the range', () => {
    expect(kubectl('wait', '--for=condition=Ready', 'nodes', '--all', '--timeout=1s').code).toBe(1);
    const applied = first.run('kubectl', ['apply', '-f', '-'], { input: FLANNEL });
    expect(applied.stdout).toContain('daemonset.apps/kube-flannel-ds created\n');
    const ready = kubectl('wait', '--for=condition=Ready', 'nodes', '--all', '--timeout=30s');
    expect(ready.stdout).toBe([first, second, third].map((h) => `node/${h.name} condition met\n`).join(''));
    expect(third.read('/etc/cni/net.d/10-flannel.conflist')).toContain('"flannel"');
    expect(kubectl('-n', 'kube-system', 'rollout', 'status', 'deploy/coredns', '--timeout=30s').code).toBe(0);
    const addresses = kubectl(
      '-n',
      'kube-system',
      'get',
      'pods',
      '-l',
      'k8s-app=kube-dns',
      '-o',
      'jsonpath={.items[*].status.podIP}',
    ).stdout;
    for (const address of addresses.split(' ')) expect(address).toMatch(/^10\.244\.\d+\.\d+$/);
  });

  it('is the same cluster through the second control plane', () => {
    const there = second.run('kubectl', [
      '--server',
      `https://${second.address}:6443`,
      'get',
      'nodes',
      '-o',
      'name',
    ]);
    expect(there.stdout).toBe(kubectl('get', 'nodes', '-o', 'name').stdout);
  });

  it('lets a node read and not delete, and nobody in without a certificate', () => {
    const asNode = ['--kubeconfig', '/etc/kubernetes/kubelet.conf'];
    expect(third.run('kubectl', [...asNode, 'get', 'node', third.name, '-o', 'name']).stdout).toBe(
      `node/${third.name}\n`,
    );
    expect(third.run('kubectl', [...asNode, 'delete', 'node', first.name]).stderr).toBe(
      `Error from server (Forbidden): nodes "${first.name}" is forbidden: User "system:node:${third.name}" cannot delete resource "nodes" in API group "" at the cluster scope\n`,
    );
    third.write(
      '/nobody.conf',
      third
        .read('/etc/kubernetes/kubelet.conf')
        .replace(/^ {4}client-.*\n/gm, '')
        .replace('user:\n', 'user: {}\n'),
    );
    expect(third.run('kubectl', ['--kubeconfig', '/nobody.conf', 'get', 'nodes']).stderr).toContain(
      'User "system:anonymous" cannot list resource "nodes"',
    );
  });

  it('knows a foreign certificate authority', () => {
    const other = first.read('/etc/kubernetes/pki/front-proxy-ca.crt');
    const conf = first
      .read('/etc/kubernetes/admin.conf')
      .replace(
        /certificate-authority-data: \S+/,
        `certificate-authority-data: ${Buffer.from(other).toString('base64')}`,
      );
    first.write('/foreign.conf', conf);
    expect(kubectl('--kubeconfig', '/foreign.conf', 'get', 'nodes').stderr).toContain(
      'Unable to connect to the server: tls: failed to verify certificate: x509: certificate signed by unknown authority',
    );
  });

  it('drains, deletes and resets a worker', () => {
    expect(kubectl('drain', third.name).stderr).toContain(
      'cannot delete DaemonSet-managed Pods (use --ignore-daemonsets to ignore)',
    );
    const drained = kubectl('drain', third.name, '--ignore-daemonsets', '--delete-emptydir-data');
    expect(drained.stdout.endsWith(`node/${third.name} drained\n`)).toBe(true);
    expect(kubectl('get', 'node', third.name, '--no-headers').stdout).toMatch(/Ready,SchedulingDisabled/);
    expect(kubectl('delete', 'node', third.name).stdout).toBe(`node "${third.name}" deleted\n`);
    expect(third.run('kubeadm', ['reset', '-f']).code).toBe(0);
    expect(third.has('/etc/kubernetes/kubelet.conf')).toBe(false);
    expect(third.has('/etc/cni/net.d/10-flannel.conflist')).toBe(true);
    expect(kubectl('get', 'nodes', '-o', 'name').stdout).toBe(`node/${first.name}\nnode/${second.name}\n`);
  });

  it('survives the reset of the control plane that began it', () => {
    expect(first.run('kubeadm', ['reset', '-f']).code).toBe(0);
    const left = second.run('kubectl', [
      '--server',
      `https://${second.address}:6443`,
      'get',
      'nodes',
      '-o',
      'name',
    ]);
    expect(left.stdout).toContain(`node/${second.name}\n`);
  });
});
