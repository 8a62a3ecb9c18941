import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ClusterLab, clusterLab, NAMESPACES, nodes, unchanged, worked } from './kit/cluster.ts';
import { differences, fingerprint } from './kit/fingerprint.ts';
import { add, compareForecast } from './kit/forecast.ts';
import { suite } from './kit/skip.ts';

const ADMIN = 'kubectl --kubeconfig /etc/kubernetes/admin.conf';
const UNJOIN = `${ADMIN} delete node n2`;

/** Where a run of the shipped playbooks writes. */
const WRITTEN = ['/etc', '/var', '/root', '/opt', '/srv', '/usr/local', '/run/slipway'];

/** States in which somebody, or a run that was killed, may have left the hosts: sh on n1 and on n2. */
const HALF_DONE: readonly { readonly state: string; readonly n1?: string; readonly n2?: string }[] = [
  { state: 'the names of the nodes are gone', n1: `sed -i '/nodes of/d; /n[12]$/d' /etc/hosts` },
  {
    state: 'swap is back, and will be at boot',
    n2: `printf '/swap.img none swap sw 0 0\\n' >> /etc/fstab`,
  },
  { state: 'modules are not loaded at boot', n1: 'rm /etc/modules-load.d/kubernetes.conf' },
  {
    state: 'kernel parameters have other values',
    n1: 'echo net.ipv4.ip_forward = 0 > /etc/sysctl.d/99-kubernetes.conf; echo 0 > /proc/sys/net/ipv4/ip_forward',
  },
  {
    state: 'the package repository and its key are gone',
    n2: 'rm /etc/apt/sources.list.d/kubernetes.sources /etc/apt/keyrings/kubernetes.gpg',
  },
  { state: 'the runtime was purged', n2: 'apt-get purge -qq containerd >/dev/null; rm -rf /etc/containerd' },
  {
    state: 'the runtime has another configuration and does not run',
    n1: 'echo "# by hand" >> /etc/containerd/config.toml; systemctl disable --now containerd',
  },
  {
    state: 'kubectl is missing, and the kubelet not held',
    n2: 'apt-mark unhold kubelet kubectl >/dev/null; apt-get remove -qq kubectl >/dev/null; systemctl disable kubelet',
  },
  {
    state: 'nobody has a kubeconfig, and the manifest of the network has changed',
    n1: 'rm -rf /root/.kube; echo "# by hand" >> /etc/kubernetes/addons/network.yaml',
  },
  { state: 'the worker was reset', n1: UNJOIN, n2: 'kubeadm reset --force' },
  {
    state: 'the join of the worker stopped halfway',
    n1: UNJOIN,
    n2: 'kubeadm reset --force; mkdir -p /etc/kubernetes/pki; echo x > /etc/kubernetes/bootstrap-kubelet.conf',
  },
  {
    state: 'the init of the control plane stopped after its certificates',
    n1: 'kubeadm reset --force; rm -rf /root/.kube; kubeadm init phase certs all --config /etc/kubernetes/kubeadm.yaml',
    n2: 'kubeadm reset --force',
  },
];

// A dry run is worth nothing unless what it foretells is what happens.
suite('what a dry run of the shipped playbooks foretells is what they do', NAMESPACES, () => {
  let lab: ClusterLab;
  const sum: Record<string, number> = {};
  beforeAll(async () => {
    lab = await clusterLab('namespaces', 2);
  });
  afterAll(async () => {
    await lab?.down();
    const rows = Object.entries(sum).sort(([, a], [, b]) => b - a);
    process.stdout.write(`forecasts: ${rows.map(([row, count]) => `${row}: ${count}`).join(' · ')}\n`);
  });

  const host = (name: string) => ({ name, root: (script: string) => lab.root(name, script) });
  const prints = () => Promise.all(['n1', 'n2'].map((name) => fingerprint(host(name), WRITTEN)));

  async function comesTrue(name: string, ...args: string[]): Promise<void> {
    const before = await prints();
    const dry = await lab.play(name, '--check', ...args);
    const after = await prints();
    expect(before.flatMap((print, at) => differences(print, after[at]!))).toEqual([]);
    const real = await lab.play(name, ...args);
    const { wrong, table } = compareForecast(dry, real);
    expect(wrong).toEqual([]);
    expect(dry).toMatchObject(worked);
    expect(real).toMatchObject(worked);
    add(sum, table);
  }

  test('the bootstrap of bare hosts', () => comesTrue('bootstrap'));
  test('the bootstrap of settled hosts, which foretells nothing', async () => {
    await comesTrue('bootstrap');
    expect(await lab.play('bootstrap', '--check')).toMatchObject(unchanged);
  });

  describe.each(HALF_DONE)('$state', ({ n1, n2 }) => {
    test('the bootstrap', async () => {
      expect(await lab.root('n1', n1 ?? ':')).toMatchObject({ code: 0 });
      expect(await lab.root('n2', n2 ?? ':')).toMatchObject({ code: 0 });
      await comesTrue('bootstrap');
      expect(await nodes(lab)).toEqual(['n1 Ready', 'n2 Ready']);
      expect(await lab.play('bootstrap')).toMatchObject(unchanged);
    });
  });

  test('a rebuild', () => comesTrue('rebuild', '-e', 'confirm=lab'));
  test('a reset', () => comesTrue('reset', '-e', 'confirm=lab'));
  test('a reset of what is in no cluster', () => comesTrue('reset', '-e', 'confirm=lab'));
  test('a new node', async () => {
    await comesTrue('bootstrap', '-l', 'n1');
    await comesTrue('add-node', '-l', 'n2');
  });
});
