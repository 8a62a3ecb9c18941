import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ClusterLab, clusterLab, leftovers, nodes, unchanged, worked } from './kit/cluster.ts';
import { differences, fingerprint } from './kit/fingerprint.ts';
import type { TestNode } from './kit/nodes.ts';
import { docker, suite } from './kit/skip.ts';

// The shipped playbooks on hosts with a real systemd. Kubernetes is the lab's double.
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
    expect(await Promise.all(machines.map(({ name }) => leftovers(lab, name)))).toEqual(['', '']);
  });
});
