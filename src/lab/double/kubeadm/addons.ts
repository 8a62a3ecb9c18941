import { nthAddress } from '../host/range.ts';
import type { Client } from '../kube/client.ts';
import type { KubeObject } from '../kube/types.ts';
import { configMap, upsert } from './cluster.ts';
import type { ClusterSettings } from './config-types.ts';
import { say } from './output.ts';
import { imageOf } from './versions.ts';

const account = (name: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ServiceAccount',
  metadata: { name, namespace: 'kube-system' },
});

const RBAC = 'rbac.authorization.k8s.io';

/** The role of an addon and who has it; its presence tells that the phase has run. */
async function allow(client: Client, role: string, binding: string, account: string): Promise<void> {
  const apiVersion = `${RBAC}/v1`;
  await upsert(client, { apiVersion, kind: 'ClusterRole', metadata: { name: role }, rules: [] });
  const roleRef = { apiGroup: RBAC, kind: 'ClusterRole', name: role };
  const subjects = [{ kind: 'ServiceAccount', name: account, namespace: 'kube-system' }];
  await upsert(client, {
    apiVersion,
    kind: 'ClusterRoleBinding',
    metadata: { name: binding },
    roleRef,
    subjects,
  });
}

const CONTROL_PLANE = 'node-role.kubernetes.io/control-plane';

export async function addDns(client: Client, cluster: ClusterSettings): Promise<void> {
  const labels = { 'k8s-app': 'kube-dns' };
  const clusterIP = nthAddress(cluster.serviceSubnet, 10);
  const metadata = { name: 'coredns', namespace: 'kube-system', labels };
  await upsert(client, account('coredns'));
  await upsert(
    client,
    configMap('coredns', 'kube-system', {
      Corefile: `.:53 {\n    errors\n    kubernetes ${cluster.dnsDomain} in-addr.arpa ip6.arpa\n}\n`,
    }),
  );
  await upsert(client, {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata,
    spec: {
      replicas: 2,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          containers: [
            {
              name: 'coredns',
              image: imageOf(cluster, 'coredns'),
              ports: [{ name: 'dns', containerPort: 53, protocol: 'UDP' }],
            },
          ],
          nodeSelector: { 'kubernetes.io/os': 'linux' },
          tolerations: [
            { key: 'CriticalAddonsOnly', operator: 'Exists' },
            { key: CONTROL_PLANE, effect: 'NoSchedule' },
          ],
        },
      },
    },
  });
  const ports = [
    { name: 'dns', port: 53, protocol: 'UDP', targetPort: 53 },
    { name: 'dns-tcp', port: 53, protocol: 'TCP', targetPort: 53 },
  ];
  const spec = { clusterIP, clusterIPs: [clusterIP], ports, selector: labels };
  await upsert(client, {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { ...metadata, name: 'kube-dns' },
    spec,
  });
  await allow(client, 'system:coredns', 'system:coredns', 'coredns');
  say('[addons] Applied essential addon: CoreDNS');
}

export async function addProxy(client: Client, cluster: ClusterSettings, server: string): Promise<void> {
  const labels = { 'k8s-app': 'kube-proxy' };
  await upsert(client, account('kube-proxy'));
  const config = JSON.stringify({
    kind: 'KubeProxyConfiguration',
    clusterCIDR: cluster.podSubnet ?? '',
    server,
  });
  await upsert(client, configMap('kube-proxy', 'kube-system', { 'config.conf': config }));
  await upsert(client, {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name: 'kube-proxy', namespace: 'kube-system', labels },
    spec: {
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          containers: [{ name: 'kube-proxy', image: imageOf(cluster, 'kube-proxy') }],
          hostNetwork: true,
          nodeSelector: { 'kubernetes.io/os': 'linux' },
          tolerations: [{ operator: 'Exists' }],
        },
      },
    },
  });
  await allow(client, 'system:node-proxier', 'kubeadm:node-proxier', 'kube-proxy');
  say('[addons] Applied essential addon: kube-proxy');
}
