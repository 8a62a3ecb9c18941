import { nthAddress } from '../../host/range.ts';
import { matches } from '../../kube/selectors.ts';
import type { KubeObject } from '../../kube/types.ts';
import { isReady, put, type Cluster } from './context.ts';

/** Keeps the endpoints of each service that selects pods. */
export function tendServices({ store }: Cluster): void {
  for (const service of store.all('Service')) {
    const selector = service.spec?.selector as Record<string, string> | undefined;
    if (selector === undefined) continue;
    const { name, namespace = 'default' } = service.metadata;
    const pods = store
      .all('Pod')
      .filter(
        (p) =>
          p.metadata.namespace === namespace &&
          isReady(p) &&
          matches(p.metadata.labels, { matchLabels: selector }),
      );
    const addresses = pods.map((pod) => ({
      ip: pod.status?.podIP ?? '',
      nodeName: pod.spec?.nodeName ?? '',
      targetRef: { kind: 'Pod', name: pod.metadata.name, namespace, uid: pod.metadata.uid ?? '' },
    }));
    const ports = (service.spec?.ports ?? []).map((p) => ({
      ...(p.name === undefined ? {} : { name: p.name }),
      port: typeof p.targetPort === 'number' ? p.targetPort : (p.port ?? 0),
      protocol: p.protocol ?? 'TCP',
    }));
    const subsets = addresses.length === 0 ? [] : [{ addresses, ports }];
    const old = store
      .all('Endpoints')
      .find((e) => e.metadata.name === name && e.metadata.namespace === namespace);
    if (JSON.stringify(old?.['subsets']) === JSON.stringify(subsets)) continue;
    const { uid = '' } = service.metadata;
    const owner = [{ apiVersion: 'v1', kind: 'Service', name, uid }];
    const metadata = old?.metadata ?? { name, namespace, ownerReferences: owner };
    const next: KubeObject = { apiVersion: 'v1', kind: 'Endpoints', metadata, subsets };
    put(store, next);
  }
}

/** The namespaces, the service of the API itself and the default account that every cluster has. */
export function tendNamespaces({ store, caCert }: Cluster): void {
  const have = new Set(store.all('Namespace').map((n) => n.metadata.name));
  for (const name of ['default', 'kube-system', 'kube-public', 'kube-node-lease']) {
    if (have.has(name)) continue;
    const metadata = { name, labels: { 'kubernetes.io/metadata.name': name } };
    put(store, {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata,
      spec: { finalizers: ['kubernetes'] },
      status: { phase: 'Active' },
    });
  }
  const accounts = new Set(
    store
      .all('ServiceAccount')
      .filter((s) => s.metadata.name === 'default')
      .map((s) => s.metadata.namespace),
  );
  for (const { metadata } of store.all('Namespace')) {
    if (accounts.has(metadata.name)) continue;
    put(store, {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name: 'default', namespace: metadata.name },
    });
    const root = { name: 'kube-root-ca.crt', namespace: metadata.name };
    put(store, { apiVersion: 'v1', kind: 'ConfigMap', metadata: root, data: { 'ca.crt': caCert } });
  }
}

export function tendApiService({ store, serviceRange }: Cluster): void {
  if (store.all('Service').some((s) => s.metadata.name === 'kubernetes')) return;
  const clusterIP = nthAddress(serviceRange, 1);
  const labels = { component: 'apiserver', provider: 'kubernetes' };
  put(store, {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'kubernetes', namespace: 'default', labels },
    spec: {
      type: 'ClusterIP',
      clusterIP,
      clusterIPs: [clusterIP],
      ports: [{ name: 'https', port: 443, targetPort: 6443, protocol: 'TCP' }],
    },
    status: { loadBalancer: {} },
  });
}
