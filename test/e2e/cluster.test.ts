import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  changedHosts,
  type ClusterLab,
  clusterLab,
  leftovers,
  NAMESPACES,
  nodes,
  unchanged,
  worked,
} from './kit/cluster.ts';
import { suite } from './kit/skip.ts';

// The shipped playbooks from bare hosts to a cluster and back. Kubernetes is the lab's double; the rest is real.
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

  test('images that are in no tar are named before anything is changed', async () => {
    const run = await lab.play('bootstrap', '-l', 'n1', '-e', 'image_pull_policy=Never');
    expect(run).toMatchObject({ code: 2, changed: [] });
    expect(run.failures.join()).toMatch(
      /9 images that Kubernetes 1\.34\.1 needs are neither in a tar nor on the host: .*etcd:\*.*flannel/,
    );
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

  test('other networks than those of the cluster are refused, and its own stays', async () => {
    const run = await lab.play('bootstrap', '-l', 'n1', '-e', 'pod_cidr=10.200.0.0/16');
    expect(run.code).toBe(2);
    expect(run.failures.join()).toContain('The cluster was made with pod_cidr 10.244.0.0/16');
    const flannel = await lab.root('n1', 'cat /etc/kubernetes/addons/network.yaml');
    expect(flannel.stdout).toContain('"Network": "10.244.0.0/16"');
    // What was written for kubeadm is put right again.
    expect(await lab.play('bootstrap', '-l', 'n1')).toMatchObject(worked);
  });

  test('a reset with a wrong name touches nothing', async () => {
    const run = await lab.play('reset', '-e', 'confirm=WRONG');
    expect(run).toMatchObject({ code: 2, changed: [] });
    expect(run.failures.join()).toContain(
      'The cluster of this inventory is called lab, not WRONG. Nothing was changed.',
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
    const left = await Promise.all(['n1', 'n2', 'n3'].map((node) => leftovers(lab, node)));
    expect(left).toEqual(['', '', '']);
    expect(await lab.play('reset', '-e', 'confirm=lab')).toMatchObject(unchanged);
  });
});
