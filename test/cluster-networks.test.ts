import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { renderFile } from '../src/expression/template.ts';
import { roleScope } from './kit/role-scope.ts';

// Networks of one family and of both, from the variables to what is written on the hosts.
const root = new URL('../', import.meta.url);
const read = (file: string) => readFileSync(fileURLToPath(new URL(file, root)), 'utf8');
const facts = {
  ansible_default_ipv4: { address: '192.0.2.11' },
  ansible_default_ipv6: { address: '2001:db8::11' },
};
const FOUR = { ...facts };
const SIX = { ...facts, pod_cidr: 'fd00:10:244::/56', service_cidr: 'fd00:10:96::/112' };
const BOTH = {
  ...facts,
  pod_cidr: '10.244.0.0/16, fd00:10:244::/56',
  service_cidr: '10.96.0.0/12, fd00:10:96::/112',
};

const written = (template: string, said: Record<string, unknown>) =>
  String(renderFile({ path: template, text: read(`templates/${template}`) }, roleScope(said)));

interface Documents {
  readonly InitConfiguration: {
    localAPIEndpoint: { advertiseAddress: string };
    nodeRegistration: { kubeletExtraArgs: unknown; taints: { key: string }[] };
  };
  readonly ClusterConfiguration: {
    networking: { podSubnet: string; serviceSubnet: string };
    controlPlaneEndpoint?: string;
    clusterName: string;
  };
}

function kubeadm(version: string, said: Record<string, unknown>): Documents {
  const text = written(`kubeadm/init-${version}.yaml.hbs`, said);
  const documents = parseAllDocuments(text).map((one) => one.toJS() as { kind: string });
  return Object.fromEntries(documents.map((one) => [one.kind, one])) as unknown as Documents;
}

describe.each(['v1beta3', 'v1beta4'])('kubeadm is configured (%s)', (version) => {
  const nodeIp = (said: Record<string, unknown>) => {
    const args = kubeadm(version, said).InitConfiguration.nodeRegistration.kubeletExtraArgs;
    return Array.isArray(args) ? args[0].value : (args as Record<string, unknown>)['node-ip'];
  };

  it.each([
    ['IPv4', FOUR, '192.0.2.11', '192.0.2.11', '10.244.0.0/16', '10.96.0.0/12'],
    ['IPv6', SIX, '2001:db8::11', '2001:db8::11', 'fd00:10:244::/56', 'fd00:10:96::/112'],
    [
      'both',
      BOTH,
      '192.0.2.11',
      '192.0.2.11,2001:db8::11',
      '10.244.0.0/16,fd00:10:244::/56',
      '10.96.0.0/12,fd00:10:96::/112',
    ],
  ])('for %s', (_, said, advertised, node, podSubnet, serviceSubnet) => {
    const { InitConfiguration, ClusterConfiguration } = kubeadm(version, said);
    expect(InitConfiguration.localAPIEndpoint.advertiseAddress).toBe(advertised);
    expect(nodeIp(said)).toBe(node);
    expect(ClusterConfiguration.networking).toMatchObject({ podSubnet, serviceSubnet });
  });

  it('with texts that YAML would take for something else', () => {
    const { ClusterConfiguration } = kubeadm(version, {
      ...SIX,
      control_plane_endpoint: '[2001:db8::1]:6443',
      cluster_name: 'on: 1',
    });
    expect(ClusterConfiguration).toMatchObject({
      controlPlaneEndpoint: '[2001:db8::1]:6443',
      clusterName: 'on: 1',
    });
  });

  it.each([
    [{}, ['node-role.kubernetes.io/control-plane']],
    [
      { node_taints: [{ key: 'gpu', effect: 'NoSchedule' }] },
      ['node-role.kubernetes.io/control-plane', 'gpu'],
    ],
    [{ control_plane_taint: false, node_taints: [{ key: 'gpu', effect: 'NoSchedule' }] }, ['gpu']],
    [{ control_plane_taint: false }, []],
  ])('with the taints of %j', (said, keys) => {
    const { taints } = kubeadm(version, { ...FOUR, ...said }).InitConfiguration.nodeRegistration;
    expect(taints.map(({ key }) => key)).toEqual(keys);
    // What further control planes join with.
    expect(roleScope(said).get('control_plane_taints')).toEqual(taints);
  });

  it('without an address of the second family, where the host has none', () => {
    expect(nodeIp({ ...BOTH, ansible_default_ipv6: {} })).toBe('192.0.2.11');
  });
});

describe('the network of Pods', () => {
  const config = (said: Record<string, unknown>) => {
    const map = parseAllDocuments(written('network/flannel.yaml.hbs', said))
      .map((one) => one.toJS() as { kind: string; data: Record<string, string> })
      .find(({ kind }) => kind === 'ConfigMap')!;
    return JSON.parse(map.data['net-conf.json']!) as unknown;
  };
  const rest = { EnableNFTables: false, Backend: { Type: 'vxlan' } };

  it.each([
    ['IPv4', FOUR, { Network: '10.244.0.0/16', ...rest }],
    ['IPv6', SIX, { EnableIPv4: false, EnableIPv6: true, IPv6Network: 'fd00:10:244::/56', ...rest }],
    ['both', BOTH, { Network: '10.244.0.0/16', EnableIPv6: true, IPv6Network: 'fd00:10:244::/56', ...rest }],
  ])('of %s', (_, said, expected) => {
    expect(config(said)).toEqual(expected);
  });
});

describe('the kernel', () => {
  it('forwards packets of the families that Pods have', () => {
    const forwarding = 'net.ipv6.conf.all.forwarding = 1\n';
    expect(written('system/sysctl.conf.hbs', FOUR)).not.toContain(forwarding);
    expect(written('system/sysctl.conf.hbs', BOTH)).toContain(forwarding);
    expect(written('system/sysctl.conf.hbs', SIX)).toContain('net.ipv4.ip_forward = 1\n');
  });

  it('is set as the inventory says where that is another thing', () => {
    const sysctls = { 'net.ipv6.conf.all.forwarding': '2' };
    expect(written('system/sysctl.conf.hbs', { ...BOTH, sysctls })).toContain(
      'net.ipv6.conf.all.forwarding = 2\n',
    );
  });
});

describe('the endpoint of the control planes', () => {
  it.each([
    ['', false],
    ['192.0.2.1:6443', false],
    ['[2001:db8::1]:6443', false],
    ['lb.example.org:6443', true],
    // /etc/hosts gets the names of nodes.
    ['n1:6443', false],
  ])('%s is looked up on the hosts: %s', (control_plane_endpoint, looked) => {
    const scope = roleScope({ control_plane_endpoint, groups: { cluster: ['n1', 'n2'] } });
    expect(scope.get('endpoint_in_dns')).toBe(looked);
  });
});
