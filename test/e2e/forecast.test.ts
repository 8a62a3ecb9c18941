import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ClusterLab, clusterLab, NAMESPACES, nodes, unchanged, worked } from './kit/cluster.ts';
import { differences, fingerprint } from './kit/fingerprint.ts';
import { add, compareForecast, summary } from './kit/forecast.ts';
import { suite } from './kit/skip.ts';

const ADMIN = 'kubectl --kubeconfig /etc/kubernetes/admin.conf';
const UNJOIN = `${ADMIN} delete node n2`;

/** Where a run of the shipped playbooks writes. */
const WRITTEN = ['/etc', '/var/lib', '/var/spool', '/root/.kube', '/root/.ssh', '/srv', '/run/slipway'];

/** Two hosts, each in a state in which somebody, or a run that was killed, may have left it; sh that brings it there. */
const HALF_DONE: readonly {
  readonly n1: readonly [string, string];
  readonly n2: readonly [string, string];
}[] = [
  {
    n1: ['the names of the nodes are gone', `sed -i '/nodes of/d; /n[12]$/d' /etc/hosts`],
    n2: ['swap will be back at boot', `printf '/swap.img none swap sw 0 0\\n' >> /etc/fstab`],
  },
  {
    n1: ['modules are not loaded at boot', 'rm /etc/modules-load.d/kubernetes.conf'],
    n2: [
      'the package repository and its key are gone',
      'rm /etc/apt/sources.list.d/kubernetes.sources /etc/apt/keyrings/kubernetes.gpg',
    ],
  },
  {
    n1: [
      'kernel parameters have other values',
      'echo net.ipv4.ip_forward = 0 > /etc/sysctl.d/99-kubernetes.conf; echo 0 > /proc/sys/net/ipv4/ip_forward',
    ],
    n2: ['the runtime was purged', 'apt-get purge -qq containerd >/dev/null; rm -rf /etc/containerd'],
  },
  {
    n1: [
      'the runtime has another configuration and does not run',
      'echo "# by hand" >> /etc/containerd/config.toml; systemctl disable --now containerd',
    ],
    n2: [
      'kubectl is missing, and the kubelet not held',
      'apt-mark unhold kubelet kubectl >/dev/null; apt-get remove -qq kubectl >/dev/null; systemctl disable kubelet',
    ],
  },
  {
    n1: [
      'nobody has a kubeconfig, and the manifest of the network has changed',
      `rm -rf /root/.kube; echo "# by hand" >> /etc/kubernetes/addons/network.yaml; ${UNJOIN}`,
    ],
    n2: ['the worker was reset', 'kubeadm reset --force'],
  },
  {
    n1: ['the control plane does not know the worker any more', UNJOIN],
    n2: [
      'the join of the worker stopped halfway',
      'kubeadm reset --force; mkdir -p /etc/kubernetes/pki; echo x > /etc/kubernetes/bootstrap-kubelet.conf',
    ],
  },
  {
    n1: [
      'the init of the control plane stopped after its certificates',
      'kubeadm reset --force; rm -rf /root/.kube; kubeadm init phase certs all --config /etc/kubernetes/kubeadm.yaml',
    ],
    n2: ['the worker was in no cluster yet', 'kubeadm reset --force'],
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
    process.stdout.write(`forecasts: ${summary(sum)}\n`);
  });

  const host = (name: string) => ({ name, root: (script: string) => lab.root(name, script) });
  const prints = () => Promise.all(['n1', 'n2'].map((name) => fingerprint(host(name), WRITTEN)));

  async function comesTrue(name: string, ...args: string[]): Promise<void> {
    const dry = await lab.play(name, '--check', ...args);
    const real = await lab.play(name, ...args);
    const { wrong, table } = compareForecast(dry, real);
    expect(wrong).toEqual([]);
    expect(dry).toMatchObject(worked);
    expect(real).toMatchObject(worked);
    add(sum, table);
  }

  async function writesNothing(name: string, ...args: string[]): Promise<void> {
    const before = await prints();
    await lab.play(name, '--check', ...args);
    const after = await prints();
    expect(before.flatMap((print, at) => differences(print, after[at]!))).toEqual([]);
  }

  test('the bootstrap of bare hosts, whose dry run writes nothing', async () => {
    await writesNothing('bootstrap');
    await comesTrue('bootstrap');
  });
  test('the bootstrap of settled hosts, whose dry run writes nothing and foretells nothing', async () => {
    await writesNothing('bootstrap');
    expect(await lab.play('bootstrap', '--check')).toMatchObject(unchanged);
    await comesTrue('bootstrap');
  });

  test.each(HALF_DONE.map(({ n1, n2 }) => [`${n1[0]}; ${n2[0]}`, n1[1], n2[1]]))(
    'the bootstrap where %s',
    async (_, n1, n2) => {
      expect(await lab.root('n1', n1)).toMatchObject({ code: 0 });
      expect(await lab.root('n2', n2)).toMatchObject({ code: 0 });
      await comesTrue('bootstrap');
      expect(await nodes(lab)).toEqual(['n1 Ready', 'n2 Ready']);
    },
  );

  test('nothing is left to do after all that', async () => {
    expect(await lab.play('bootstrap')).toMatchObject(unchanged);
  });
  test('a rebuild', () => comesTrue('rebuild', '-e', 'confirm=lab'));
  test('a reset', () => comesTrue('reset', '-e', 'confirm=lab'));
  test('a reset of what is in no cluster', () => comesTrue('reset', '-e', 'confirm=lab'));
  test('a new node', async () => {
    await comesTrue('bootstrap', '-l', 'n1');
    await comesTrue('add-node', '-l', 'n2');
  });
});
