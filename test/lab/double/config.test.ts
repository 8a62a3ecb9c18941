import { afterAll, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { labHost } from './kit.ts';

const host = labHost();
afterAll(() => host.stop());

const validate = (text: string, version?: string) => {
  host.write('/c.yaml', text);
  return host.run(
    'kubeadm',
    ['config', 'validate', '--config', '/c.yaml'],
    version === undefined ? {} : { version },
  );
};
const cluster = (api: string, more = '') =>
  `apiVersion: kubeadm.k8s.io/${api}\nkind: ClusterConfiguration\nkubernetesVersion: v1.34.1\n${more}`;

describe('kubeadm config', () => {
  it('validates: fields, ranges, tokens', () => {
    expect(validate(cluster('v1beta4'))).toEqual({ code: 0, stdout: 'ok\n', stderr: '' });
    expect(validate(cluster('v1beta4', 'podSubnet: x\n')).stderr).toContain(
      'strict decoding error: unknown field "podSubnet"',
    );
    expect(validate(cluster('v1beta4', 'networking: {podSubnet: 10.244.0.0}\n')).stderr).toContain(
      'networking.podSubnet: Invalid value: "10.244.0.0"',
    );
    expect(validate('kind: ClusterConfiguration\n').stderr).toContain(
      'kind and apiVersion is mandatory information',
    );
    const join =
      'apiVersion: kubeadm.k8s.io/v1beta4\nkind: JoinConfiguration\ndiscovery: {bootstrapToken: {token: x, apiServerEndpoint: "h:6443", unsafeSkipCAVerification: true}}\n';
    expect(validate(join).stderr).toContain('the bootstrap token is invalid');
  });

  it('reads the API versions of its release', () => {
    expect(validate(cluster('v1beta3')).stderr).toContain(
      'uses a deprecated API spec: "kubeadm.k8s.io/v1beta3"',
    );
    expect(validate(cluster('v1beta2')).stderr).toContain('uses an old API spec: "kubeadm.k8s.io/v1beta2"');
    const old = cluster('v1beta4').replace('1.34.1', '1.30.4');
    expect(validate(old, '1.30.4').stderr).toContain(
      'no kind "ClusterConfiguration" is registered for version "kubeadm.k8s.io/v1beta4"',
    );
    expect(validate(old.replace('v1beta4', 'v1beta3'), '1.30.4').stdout).toBe('ok\n');
  });

  it('lists the images of a version, from a repository', () => {
    const list = (args: string[], version = '1.34.1') =>
      host
        .run('kubeadm', ['config', 'images', 'list', ...args], { version })
        .stdout.trimEnd()
        .split('\n');
    expect(list(['--kubernetes-version', 'v1.34.1'])).toEqual([
      'registry.k8s.io/kube-apiserver:v1.34.1',
      'registry.k8s.io/kube-controller-manager:v1.34.1',
      'registry.k8s.io/kube-scheduler:v1.34.1',
      'registry.k8s.io/kube-proxy:v1.34.1',
      'registry.k8s.io/coredns/coredns:v1.12.1',
      'registry.k8s.io/pause:3.10.1',
      'registry.k8s.io/etcd:3.6.4-0',
    ]);
    expect(
      list(['--kubernetes-version', 'v1.33.2', '--image-repository', 'lab.test/k8s'], '1.33.2'),
    ).toContain('lab.test/k8s/coredns:v1.12.0');
  });

  it('asks the network in vain when no version is named, and says so', () => {
    const { code, stderr } = host.run('kubeadm', ['config', 'images', 'list']);
    expect(code).toBe(0);
    expect(stderr).toContain('falling back to the local client version');
  });

  it('prints defaults that it accepts', () => {
    const { stdout } = host.run('kubeadm', ['config', 'print', 'init-defaults']);
    const kinds = parseAllDocuments(stdout).map((d) => (d.toJS() as { kind: string }).kind);
    expect(kinds).toEqual(['InitConfiguration', 'ClusterConfiguration']);
    expect(validate(stdout).stdout).toBe('ok\n');
  });

  it('does not mix a file and flags', () => {
    const { stderr } = host.run('kubeadm', [
      'init',
      '--config',
      '/c.yaml',
      '--pod-network-cidr',
      '10.0.0.0/16',
    ]);
    expect(stderr).toContain("can not mix '--config' with arguments [pod-network-cidr]");
  });

  it('prints its version in every form', () => {
    expect(host.run('kubeadm', ['version', '-o', 'short']).stdout).toBe('v1.34.1\n');
    expect(JSON.parse(host.run('kubeadm', ['version', '-o', 'json']).stdout).clientVersion.gitVersion).toBe(
      'v1.34.1+slipway-lab',
    );
    expect(host.run('kubelet', ['--version']).stdout).toBe('Kubernetes v1.34.1\n');
    expect(host.run('kubeadm', ['frob']).stderr).toContain('unknown command "frob" for "kubeadm"');
    expect(host.run('kubeadm', ['init', '--frob']).stderr).toContain('unknown flag: --frob');
  });
});
