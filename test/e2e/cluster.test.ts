import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ClusterLab, clusterLab } from './kit/cluster.ts';
import { differences, fingerprint } from './kit/fingerprint.ts';
import type { TestNode } from './kit/nodes.ts';
import { docker, type Need, program, suite } from './kit/skip.ts';
import type { SlipwayRun } from './kit/slipway.ts';

// The shipped playbooks from bare hosts to a cluster and back. Kubernetes is the lab's double; the rest is real.
const linux: Need = () => (process.platform === 'linux' ? undefined : 'this is not Linux');
const NAMESPACES = [linux, program('unshare'), program('nsenter')];

const worked = { code: 0, failures: [] };
const unchanged = { ...worked, changed: [] };

/** `n1 Ready` for each node that the API knows. */
async function nodes(lab: ClusterLab): Promise<string[]> {
  const { stdout } = await lab.root(
    'n1',
    'kubectl --kubeconfig /etc/kubernetes/admin.conf get nodes --no-headers',
  );
  return stdout
    .trim()
    .split('\n')
    .map((line) => line.split(/\s+/).slice(0, 2).join(' '))
    .sort();
}

/** What a cluster leaves on a host; empty on one that is in none. The packages have to be there still. */
async function leftovers(lab: ClusterLab, node: string): Promise<string> {
  const { code, stdout, stderr } = await lab.root(
    node,
    `set -e
    dpkg -s kubeadm kubelet kubectl containerd >/dev/null
    ls -d /etc/kubernetes/*.conf /etc/kubernetes/manifests/* /etc/kubernetes/pki/* /var/lib/etcd/* \
      /root/.kube/config /var/lib/kubelet/config.yaml 2>/dev/null || :
    if systemctl is-active -q kubelet; then echo the kubelet runs; fi
    if crictl pods -q | grep .; then echo pods; fi`,
  );
  return code === 0 ? stdout : `exit ${code}: ${stdout}${stderr}`;
}

/** Only hosts that a run changed something on. */
const changedHosts = (run: SlipwayRun) => [
  ...new Set(run.changed.map((line) => line.slice(0, line.indexOf(':')))),
];

suite('a cluster of simulated Kubernetes on namespaces', NAMESPACES, () => {
  let lab: ClusterLab;
  beforeAll(async () => {
    lab = await clusterLab('namespaces', 3);
  });
  afterAll(() => lab?.down());

  test('a dry run on bare hosts says what would change and writes nothing', async () => {
    const marker = '/var/tmp/dry-run-marker';
    const names = ['n1', 'n2', 'n3'];
    await Promise.all(names.map((node) => lab.root(node, `touch ${marker}; sleep 0.02`)));
    const run = await lab.play('bootstrap', '--check');
    expect(run).toMatchObject(worked);
    expect(changedHosts(run).sort()).toEqual(names);
    expect(run.changed).toContain('n1: The control plane is initialised');
    const written = await Promise.all(
      names.map((node) =>
        lab.root(
          node,
          `find /etc /usr /var /root /home /opt /srv -xdev \\( -path /var/log -o -path /var/cache/man \\) -prune -o ! -type d -cnewer ${marker} -print`,
        ),
      ),
    );
    expect(written.map(({ stdout }) => stdout)).toEqual(['', '', '']);
  });

  test('two of the hosts become a cluster; again, nothing changes', async () => {
    expect(await lab.play('bootstrap', '-l', 'n1,n2')).toMatchObject(worked);
    expect(await nodes(lab)).toEqual(['n1 Ready', 'n2 Ready']);
    expect(await lab.play('bootstrap', '-l', 'n1,n2')).toMatchObject(unchanged);
  });

  test('the third joins, and the others are left alone', async () => {
    const run = await lab.play('add-node');
    expect(run).toMatchObject(worked);
    // All nodes know each other by name from the beginning.
    expect(changedHosts(run)).toEqual(['n3']);
    expect(await nodes(lab)).toEqual(['n1 Ready', 'n2 Ready', 'n3 Ready']);
    expect(await lab.play('bootstrap')).toMatchObject(unchanged);
  });

  test('a reset with a wrong name touches nothing', async () => {
    const run = await lab.play('reset', '-e', 'confirm=WRONG');
    expect(run).toMatchObject({ code: 2, changed: [] });
    expect(run.failures.join()).toContain(
      'The cluster of this inventory is called lab. Nothing was changed.',
    );
    expect(await nodes(lab)).toEqual(['n1 Ready', 'n2 Ready', 'n3 Ready']);
  });

  test('a rebuild takes the cluster down and up, and says how long it took beside the last time', async () => {
    const rebuild = ['rebuild', '-e', 'confirm=lab', '--output', 'lines'] as const;
    const first = await lab.play(...rebuild);
    expect(first).toMatchObject({ code: 0, stdout: expect.stringContaining('TIMINGS (the first run here') });
    const second = await lab.play(...rebuild);
    expect(second).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/TIMINGS \(last time: run .*\n(.*\n)*First control plane .* last time /),
    });
    expect(await nodes(lab)).toEqual(['n1 Ready', 'n2 Ready', 'n3 Ready']);
  });

  test('a reset leaves no cluster behind, keeps the packages, and has nothing to do the second time', async () => {
    expect(await lab.play('reset', '-e', 'confirm=lab')).toMatchObject(worked);
    for (const node of ['n1', 'n2', 'n3']) expect(await leftovers(lab, node), node).toBe('');
    expect(await lab.play('reset', '-e', 'confirm=lab')).toMatchObject(unchanged);
  });
});

suite('an init that stopped halfway', NAMESPACES, () => {
  let lab: ClusterLab;
  beforeAll(async () => {
    lab = await clusterLab('namespaces', 1);
    // Everything up to the init, which fails in its first phase.
    await lab.root(
      'n1',
      'mkdir -p /etc/slipway-lab && echo "preflight once" > /etc/slipway-lab/kubeadm-crash',
    );
    expect((await lab.play('bootstrap')).code).toBe(2);
  });
  afterAll(() => lab?.down());

  // Files and data of a control plane that no kubelet runs: only a reset helps.
  const NEED_RESET = ['etcd', 'control-plane'];
  const PHASES = [
    'preflight',
    'certs',
    'kubeconfig',
    'etcd',
    'control-plane',
    'kubelet-start',
    'wait-control-plane',
    'upload-config',
    'upload-certs',
    'mark-control-plane',
    'bootstrap-token',
    'kubelet-finalize',
    'addon',
    'show-join-command',
  ];
  const init = (...args: string[]) =>
    lab.play('bootstrap', '--start-at-task', 'The folder of the configuration', ...args);

  test('these are all its phases', async () => {
    const { stdout } = await lab.root('n1', 'kubeadm init phase --config /etc/kubernetes/kubeadm.yaml');
    expect(stdout.trim().split('\n')).toEqual(PHASES);
  });

  describe.each(PHASES)('in phase %s', (phase) => {
    test('is reported, taken up by the next run, and complete after it', async () => {
      await lab.root('n1', `echo '${phase} once' > /etc/slipway-lab/kubeadm-crash`);
      const failed = await init();
      expect(failed.code).toBe(2);
      expect(failed.failures.join('\n')).toMatch(
        new RegExp(`The control plane is initialised: .*\\b${phase}\\b`),
      );
      if (NEED_RESET.includes(phase)) {
        const refused = await init();
        expect(refused.code).toBe(2);
        expect(refused.failures.join('\n')).toContain('the API server does not answer');
        expect(await init('-e', 'kubeadm_recover=reset')).toMatchObject(worked);
      } else expect(await init()).toMatchObject(worked);
      expect(await nodes(lab)).toEqual(['n1 Ready']);
      expect(await init()).toMatchObject(unchanged);
      expect(await lab.play('reset', '-e', 'confirm=lab')).toMatchObject(worked);
      expect(await leftovers(lab, 'n1')).toBe('');
    });
  });
});

suite('a cluster of simulated Kubernetes on systemd hosts', [docker], () => {
  let lab: ClusterLab;
  let machines: Pick<TestNode, 'name' | 'root'>[];
  beforeAll(async () => {
    lab = await clusterLab('docker', 2);
    machines = ['n1', 'n2'].map((name) => ({ name, root: (script) => lab.root(name, script) }));
    await Promise.all(machines.map(({ root }) => root('systemctl is-system-running --wait')));
  });
  afterAll(() => lab?.down());

  test('a dry run on bare hosts leaves them as they were', async () => {
    const all = () => Promise.all(machines.map((machine) => fingerprint(machine as TestNode)));
    const before = await all();
    expect(await lab.play('bootstrap', '--check')).toMatchObject(worked);
    const after = await all();
    expect(before.flatMap((one, at) => differences(one, after[at]!))).toEqual([]);
  });

  test('the hosts become a cluster; again, nothing changes', async () => {
    expect(await lab.play('bootstrap')).toMatchObject(worked);
    expect(await nodes(lab)).toEqual(['n1 Ready', 'n2 Ready']);
    expect(await lab.play('bootstrap')).toMatchObject(unchanged);
  });

  test('a rebuild works, and a reset leaves no cluster behind', async () => {
    const rebuilt = await lab.play('rebuild', '-e', 'confirm=lab');
    expect(rebuilt).toMatchObject(worked);
    expect(await nodes(lab)).toEqual(['n1 Ready', 'n2 Ready']);
    expect(await lab.play('reset', '-e', 'confirm=lab')).toMatchObject(worked);
    for (const { name } of machines) expect(await leftovers(lab, name), name).toBe('');
  });
});
