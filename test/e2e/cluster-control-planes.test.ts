import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import {
  type ClusterLab,
  clusterLab,
  leftovers,
  NAMESPACES,
  nodes,
  unchanged,
  worked,
} from './kit/cluster.ts';
import { suite } from './kit/skip.ts';

/** The lab's inventory, with `n2` as another control plane behind an endpoint on a port of its own, and both families. */
function bothControlPlanes(folder: string): void {
  const file = path.join(folder, '.slipway/lab/inventory.yml');
  const inventory = parse(readFileSync(file, 'utf8')) as {
    all: {
      vars: object;
      children: { cluster: { children: Record<string, { hosts: Record<string, object> }> } };
    };
  };
  const { control_plane, workers } = inventory.all.children.cluster.children;
  control_plane!.hosts['n2'] = workers!.hosts['n2']!;
  delete workers!.hosts['n2'];
  Object.assign(inventory.all.vars, {
    control_plane_endpoint: 'n1:7443',
    api_port: 7443,
    node_taints: [{ key: 'gpu', effect: 'NoSchedule' }],
    pod_cidr: '10.244.0.0/16,fd00:10:244::/56',
    service_cidr: '10.96.0.0/12,fd00:10:96::/112',
  });
  writeFileSync(file, stringify(inventory));
}

suite('several control planes of simulated Kubernetes, with IPv4 and IPv6', NAMESPACES, () => {
  let lab: ClusterLab;
  beforeAll(async () => {
    lab = await clusterLab('namespaces', 3);
    bothControlPlanes(lab.folder);
  });
  afterAll(() => lab?.down());

  const asked = async (node: string, what: string) =>
    (await lab.root(node, `kubectl --kubeconfig /etc/kubernetes/admin.conf ${what}`)).stdout.trim();

  test('they come one after the other, on the same port and with the same taints; again, nothing changes', async () => {
    expect(await lab.play('bootstrap')).toMatchObject(worked);
    expect(await nodes(lab)).toEqual(['n1 Ready', 'n2 Ready', 'n3 Ready']);
    const { stdout } = await lab.root('n2', 'cat /etc/kubernetes/manifests/kube-apiserver.yaml');
    expect(stdout).toContain('--secure-port=7443');
    const taints = (node: string) => asked('n2', `get node ${node} -o jsonpath={.spec.taints[*].key}`);
    const own = ['gpu', 'node-role.kubernetes.io/control-plane'];
    expect((await taints('n1')).split(' ').sort()).toEqual(own);
    expect((await taints('n2')).split(' ').sort()).toEqual(own);
    expect(await taints('n3')).toBe('gpu');
    expect(await lab.play('bootstrap')).toMatchObject(unchanged);
  });

  test('each node has addresses of both families for its Pods, and flannel both networks', async () => {
    const cidrs = await asked('n1', 'get nodes -o jsonpath={.items[*].spec.podCIDRs}');
    expect(cidrs.match(/10\.244\.\d\.0\/24/g)).toHaveLength(3);
    expect(cidrs.match(/fd00:10:244:[\w:]*\/64/g)).toHaveLength(3);
    const { stdout } = await lab.root('n1', 'cat /etc/kubernetes/addons/network.yaml');
    expect(stdout).toContain('"IPv6Network": "fd00:10:244::/56"');
    const forwarding = await lab.root('n3', 'cat /proc/sys/net/ipv6/conf/all/forwarding');
    expect(forwarding.stdout.trim()).toBe('1');
  });

  test('one is taken out and leaves nothing, and the others go on', async () => {
    const reset = ['-l', 'n2', '-e', 'confirm=lab', '-e', 'reset_drain=true'] as const;
    expect(await lab.play('reset', ...reset)).toMatchObject(worked);
    expect(await leftovers(lab, 'n2')).toBe('');
    expect(await nodes(lab)).toEqual(['n1 Ready', 'n3 Ready']);
    // The token of the first time is gone, and so may the uploaded certificates be: it is let in with new ones.
    expect(await lab.play('add-node', '-l', 'n2')).toMatchObject(worked);
    expect(await nodes(lab)).toEqual(['n1 Ready', 'n2 Ready', 'n3 Ready']);
  });
});
