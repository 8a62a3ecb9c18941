import { createHash, X509Certificate } from 'node:crypto';
import { createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LabHost, labHost, withRuntime } from './kit.ts';

const CONFIG = (address: string, more = '') => `
apiVersion: kubeadm.k8s.io/v1beta4
kind: InitConfiguration
localAPIEndpoint: {advertiseAddress: ${address}}
${more}
---
apiVersion: kubeadm.k8s.io/v1beta4
kind: ClusterConfiguration
kubernetesVersion: v1.34.1
networking: {podSubnet: 10.244.0.0/16}
`;

const FOOT = 'To see the stack trace of this error execute with --v=5 or higher\n';

describe('preflight', () => {
  let host: LabHost;
  beforeAll(() => {
    host = labHost();
    host.write('/proc/sys/net/ipv4/ip_forward', '0\n');
    host.write('/proc/swaps', 'Filename\tType\tSize\tUsed\tPriority\n/swap.img\tfile\t1\t0\t-2\n');
    host.write('/etc/kubernetes/manifests/etcd.yaml', 'x');
    host.write('/var/lib/etcd/member/x', 'x');
  });
  afterAll(() => host.stop());
  const flags = ['init', '--kubernetes-version=v1.34.1'];

  it('runs all checks and fails with all errors together, worded as 1.34 words it', () => {
    const { code, stdout, stderr } = host.run('kubeadm', flags, { env: { SLIPWAY_LAB_UID: '1000' } });
    expect(code).toBe(1);
    expect(stdout).toContain('[preflight] Running pre-flight checks\n');
    expect(stderr).toContain('\t[WARNING Swap]: swap is supported for cgroup v2 only.');
    expect(stderr).toContain(
      '[preflight] Some fatal errors occurred:\n\t[ERROR IsPrivilegedUser]: user is not running as root\n',
    );
    for (const error of [
      'FileAvailable--etc-kubernetes-manifests-etcd.yaml]: /etc/kubernetes/manifests/etcd.yaml already exists',
      'CRI]: could not connect to the container runtime: ',
      'FileContent--proc-sys-net-ipv4-ip_forward]: /proc/sys/net/ipv4/ip_forward contents are not set to 1',
      'DirAvailable--var-lib-etcd]: /var/lib/etcd is not empty',
    ]) {
      expect(stderr).toContain(`\t[ERROR ${error}`);
    }
    expect(stderr.endsWith(`error: error execution phase preflight: preflight checks failed\n${FOOT}`)).toBe(
      true,
    );
  });

  it('words it as 1.32 for a kubeadm of 1.32', () => {
    const { stderr } = host.run('kubeadm', ['init', '--kubernetes-version=v1.32.0'], { version: '1.32.0' });
    expect(stderr).toContain(
      'error execution phase preflight: [preflight] Some fatal errors occurred:\n\t[ERROR ',
    );
    expect(stderr.endsWith(`--ignore-preflight-errors=...\`\n${FOOT}`)).toBe(true);
    expect(stderr).not.toContain('error: error');
  });

  it('turns ignored checks into warnings, in any case, one or all', () => {
    const some = host.run('kubeadm', [...flags, '--ignore-preflight-errors=CRI,dirAVAILABLE--var-lib-etcd']);
    expect(some.stderr).toContain('\t[WARNING DirAvailable--var-lib-etcd]: /var/lib/etcd is not empty');
    expect(some.stderr).toContain('\t[WARNING CRI]');
    expect(some.stderr).toContain('\t[ERROR FileContent--proc-sys-net-ipv4-ip_forward]');
    const all = host.run('kubeadm', [
      'init',
      'phase',
      'preflight',
      ...flags.slice(1),
      '--ignore-preflight-errors=all',
    ]);
    expect(all.stderr).not.toContain('[ERROR');
    expect(all.code).toBe(0);
  });

  it('finds a port in use by binding it', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(10_257, host.address, resolve));
    const { stderr } = host.run('kubeadm', flags);
    server.close();
    expect(stderr).toContain('\t[ERROR Port-10257]: Port 10257 is in use');
    expect(stderr).not.toContain('Port-10259');
  });

  it('enforces the bridge parameter up to 1.30 only', () => {
    host.write('/proc/sys/net/bridge/bridge-nf-call-iptables', '0\n');
    const name = '[ERROR FileContent--proc-sys-net-bridge-bridge-nf-call-iptables]';
    expect(host.run('kubeadm', flags).stderr).not.toContain(name);
    expect(
      host.run('kubeadm', ['init', '--kubernetes-version=v1.30.4'], { version: '1.30.4' }).stderr,
    ).toContain(name);
  });
});

it('asks for a choice between two runtimes, and tells a disabled cri plugin', async () => {
  const host = await withRuntime('disabled_plugins = ["cri"]\n');
  try {
    const one = host.run('kubeadm', ['init', '--kubernetes-version=v1.34.1']);
    expect(one.stderr).toContain('unknown service runtime.v1.RuntimeService');
    host.write('/run/cri-dockerd.sock', '');
    const two = host.run('kubeadm', ['init', '--kubernetes-version=v1.34.1']);
    expect(two.stderr).toContain('found multiple CRI endpoints on the host.');
    expect(two.stderr).toContain(
      'unix:///var/run/containerd/containerd.sock, unix:///var/run/cri-dockerd.sock',
    );
  } finally {
    host.stop();
  }
});

it('cannot pull without a network what is not there', async () => {
  const host = await withRuntime();
  host.write('/etc/slipway-lab/offline', '');
  const { code, stderr } = host.run('kubeadm', ['init', '--kubernetes-version=v1.34.1']);
  expect(code).toBe(1);
  expect(stderr.match(/\[ERROR ImagePull\]: failed to pull image registry\.k8s\.io\//g)).toHaveLength(7);
  host.stop();
});

describe('a whole init', { timeout: 90_000 }, () => {
  let host: LabHost;
  let certificate: string;
  beforeAll(async () => {
    host = await withRuntime();
    host.write('/k.yaml', CONFIG(host.address));
  });
  afterAll(() => host.stop());
  const init = (...more: string[]) => host.run('kubeadm', ['init', '--config', '/k.yaml', ...more]);

  it('ends after the phase that a crash is injected in, and leaves what it wrote', () => {
    host.write('/etc/slipway-lab/kubeadm-crash', 'kubeconfig once\n');
    const { code, stderr } = init();
    expect(code).toBe(1);
    expect(stderr).toContain('error: error execution phase kubeconfig: crash injected');
    expect(host.has('/etc/slipway-lab/kubeadm-crash')).toBe(false);
    expect(host.has('/etc/kubernetes/scheduler.conf')).toBe(true);
    expect(host.has('/etc/kubernetes/manifests')).toBe(false);
    certificate = host.read('/etc/kubernetes/pki/ca.crt');
  });

  it('takes up the certificates and kubeconfigs, and can be killed later', () => {
    const { code, stdout } = host.run('kubeadm', ['init', '--config', '/k.yaml'], {
      env: { SLIPWAY_LAB_KUBEADM_CRASH: 'init/upload-config kill' },
    });
    expect(code).toBe(137);
    expect(stdout).toContain('[certs] Using existing ca certificate authority\n');
    expect(stdout).toContain('[certs] Using existing apiserver certificate and key on disk\n');
    expect(stdout).toContain('[certs] Using the existing "sa" key\n');
    expect(stdout).toContain('[kubeconfig] Using existing kubeconfig file: "/etc/kubernetes/admin.conf"\n');
    expect(host.read('/etc/kubernetes/pki/ca.crt')).toBe(certificate);
  });

  it('is partial then: the API is there, the token and the addons are not', () => {
    const found = host.run('kubectl', [
      '-n',
      'kube-system',
      'get',
      'configmap/kubeadm-config',
      'deployment/coredns',
      '--ignore-not-found',
      '-o',
      'name',
    ]);
    expect(found.stdout).toBe('configmap/kubeadm-config\n');
    expect(host.run('kubectl', ['-n', 'kube-public', 'get', 'cm', 'cluster-info']).stderr).toBe(
      'Error from server (NotFound): configmaps "cluster-info" not found\n',
    );
  });

  it('refuses to init over the leftovers', () => {
    const { stderr } = init();
    for (const name of [
      'Port-6443',
      'Port-2379',
      'Port-10250',
      'FileAvailable--etc-kubernetes-manifests-kube-apiserver.yaml',
      'DirAvailable--var-lib-etcd',
    ]) {
      expect(stderr).toContain(`\t[ERROR ${name}]`);
    }
  });

  it('is finished phase by phase', () => {
    const config = ['--config', '/k.yaml'];
    const phase = (...words: string[]) => host.run('kubeadm', ['init', 'phase', ...words, ...config]);
    expect(phase('mark-control-plane').code).toBe(0);
    expect(phase('bootstrap-token').stdout).toContain(
      '[bootstrap-token] Creating the "cluster-info" ConfigMap',
    );
    expect(phase('kubelet-finalize', 'all').code).toBe(0);
    expect(phase('addon').stderr).toContain(
      'error: missing subcommand; "addon" is not meant to be run on its own',
    );
    expect(phase('addon', 'all').stdout).toBe(
      '[addons] Applied essential addon: CoreDNS\n[addons] Applied essential addon: kube-proxy\n',
    );
    expect(host.read('/etc/kubernetes/kubelet.conf')).toContain(
      '/var/lib/kubelet/pki/kubelet-client-current.pem',
    );
  });

  it('leaves private files private and a CA whose hash is the one that is pinned', () => {
    for (const path of [
      'admin.conf',
      'super-admin.conf',
      'kubelet.conf',
      'pki/ca.key',
      'manifests/etcd.yaml',
    ]) {
      expect(host.mode(`/etc/kubernetes/${path}`)).toBe('600');
    }
    const spki = new X509Certificate(certificate).publicKey.export({ type: 'spki', format: 'der' });
    const hash = createHash('sha256').update(spki).digest('hex');
    const { stdout } = host.run('kubeadm', ['token', 'create', '--print-join-command', '--ttl', '1h']);
    expect(stdout).toMatch(
      new RegExp(
        `^kubeadm join ${host.address}:6443 --token [a-z0-9]{6}\\.[a-z0-9]{16} --discovery-token-ca-cert-hash sha256:${hash} \\n$`,
      ),
    );
  });

  it('creates, lists and deletes tokens', () => {
    expect(
      host.run('kubeadm', [
        'token',
        'create',
        'abcdef.0123456789abcdef',
        '--ttl',
        '2h',
        '--description',
        'for tests',
      ]).stdout,
    ).toBe('abcdef.0123456789abcdef\n');
    expect(host.run('kubeadm', ['token', 'create', 'abcdef.0123456789abcdef']).stderr).toContain(
      'error: a token with id "abcdef" already exists',
    );
    const list = host.run('kubeadm', ['token', 'list']).stdout.split('\n');
    expect(list[0]).toMatch(/^TOKEN +TTL +EXPIRES +USAGES +DESCRIPTION +EXTRA GROUPS$/);
    expect(list.find((line) => line.startsWith('abcdef.'))).toMatch(
      /^abcdef\.0123456789abcdef +1h +\S+Z +authentication,signing +for tests +system:bootstrappers:kubeadm:default-node-token$/,
    );
    expect(host.run('kubeadm', ['token', 'delete', 'abcdef']).stdout).toBe(
      'bootstrap token "abcdef" deleted\n',
    );
    expect(host.run('kubeadm', ['token', 'list']).stdout).not.toContain('abcdef');
    expect(host.run('kubeadm', ['token', 'create', 'nonsense']).code).toBe(1);
  });

  it('prints the certificate key last', () => {
    const { stdout } = host.run('kubeadm', [
      'init',
      'phase',
      'upload-certs',
      '--upload-certs',
      '--config',
      '/k.yaml',
    ]);
    expect(stdout.trimEnd().split('\n').at(-1)).toMatch(/^[0-9a-f]{64}$/);
  });

  it('asks before a reset, and does nothing on no and on an end of input', () => {
    for (const input of ['n\n', '']) {
      const { code, stdout, stderr } = host.run('kubeadm', ['reset'], { input });
      expect(code).toBe(1);
      expect(stdout).toContain('[reset] Are you sure you want to proceed? [y/N]: ');
      expect(stderr).toContain('aborted reset operation');
    }
    expect(host.has('/etc/kubernetes/admin.conf')).toBe(true);
  });

  it('resets on yes: files go, directories, tmp and the network configuration stay', () => {
    host.write('/etc/kubernetes/tmp/kept', 'x');
    host.write('/etc/cni/net.d/10-flannel.conflist', '{}');
    const { code, stdout, stderr } = host.run('kubeadm', ['reset'], { input: 'y\n' });
    expect(code === 0 ? '' : stderr).toBe('');
    expect(stdout).toContain(
      '[reset] Deleting contents of directories: [/etc/kubernetes/manifests /var/lib/kubelet /etc/kubernetes/pki]',
    );
    for (const path of [
      'admin.conf',
      'super-admin.conf',
      'kubelet.conf',
      'pki/ca.crt',
      'manifests/etcd.yaml',
    ]) {
      expect(host.has(`/etc/kubernetes/${path}`)).toBe(false);
    }
    expect(host.has('/var/lib/etcd/member')).toBe(false);
    expect(host.has('/var/lib/kubelet/config.yaml')).toBe(false);
    for (const path of [
      '/etc/kubernetes/pki',
      '/etc/kubernetes/manifests',
      '/etc/kubernetes/tmp/kept',
      '/etc/cni/net.d/10-flannel.conflist',
      '/var/lib/kubelet',
      '/var/lib/etcd',
    ]) {
      expect(host.has(path)).toBe(true);
    }
    const refused = host.run('kubectl', ['--server', `https://${host.address}:6443`, 'get', 'nodes']);
    expect(refused.stderr).toContain(
      `The connection to the server ${host.address}:6443 was refused - did you specify the right host or port?`,
    );
  });
});

it('a reset without a runtime warns and ends well', () => {
  const host = labHost();
  const { code, stderr } = host.run('kubeadm', ['reset', '--force']);
  expect(code).toBe(0);
  expect(stderr).toContain('[reset] Failed to remove containers: rpc error: code = Unavailable');
  host.stop();
});

it('a kubelet that finds swap on dies, and init says so when it has waited', {
  timeout: 60_000,
}, async () => {
  const host = await withRuntime();
  host.write('/proc/swaps', 'Filename\tType\tSize\tUsed\tPriority\n/swap.img\tfile\t1\t0\t-2\n');
  host.write('/etc/slipway-lab/timeout', '1\n');
  const { code, stdout, stderr } = host.run('kubeadm', ['init', '--kubernetes-version=v1.34.1']);
  expect(code).toBe(1);
  expect(stdout).toContain('[kubelet-check] The kubelet is not healthy after 4m0s');
  expect(stderr).toContain(
    'error execution phase wait-control-plane: failed while waiting for the kubelet to start',
  );
  expect(host.read('/var/log/kubelet.log')).toContain('running with swap on is not supported');
  host.stop();
});
