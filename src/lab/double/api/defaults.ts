import { isIPv6 } from 'node:net';
import { nthAddress } from '../host/range.ts';
import type { Resource } from '../kube/resources.ts';
import { matches } from '../kube/selectors.ts';
import type { Container, KubeObject, Selector, Spec } from '../kube/types.ts';
import { invalid } from './answers.ts';
import type { Store } from './store.ts';

function container(c: Container): void {
  c['imagePullPolicy'] ??= /:latest$|^[^:]+$/.test(c.image ?? '') ? 'Always' : 'IfNotPresent';
  c['terminationMessagePath'] ??= '/dev/termination-log';
  c['terminationMessagePolicy'] ??= 'File';
  c['resources'] ??= {};
  for (const port of c.ports ?? []) port.protocol ??= 'TCP';
}

function podSpec(spec: Spec, restart: string): void {
  for (const c of [...(spec.containers ?? []), ...(spec.initContainers ?? [])]) container(c);
  spec.restartPolicy ??= restart;
  spec['dnsPolicy'] ??= 'ClusterFirst';
  spec['terminationGracePeriodSeconds'] ??= 30;
  spec['schedulerName'] ??= 'default-scheduler';
  spec['securityContext'] ??= {};
}

function nextServiceAddress(store: Store, range: string): string {
  const used = new Set(store.all('Service').map((s) => s.spec?.clusterIP));
  // The first is that of the API server, the tenth that of DNS.
  for (let i = 2; ; i++) {
    const address = nthAddress(range, i);
    if (i !== 10 && !used.has(address)) return address;
  }
}

function service(object: KubeObject, store: Store, range: string): void {
  const spec = (object.spec ??= {});
  spec.type ??= 'ClusterIP';
  spec['sessionAffinity'] ??= 'None';
  spec['internalTrafficPolicy'] ??= 'Cluster';
  if (spec.type !== 'ExternalName') {
    spec.clusterIP ??= nextServiceAddress(store, range);
    spec.clusterIPs ??= [spec.clusterIP];
    spec['ipFamilies'] ??= [isIPv6(spec.clusterIP ?? '') ? 'IPv6' : 'IPv4'];
    spec['ipFamilyPolicy'] ??= 'SingleStack';
  }
  for (const [i, port] of (spec.ports ?? []).entries()) {
    port.protocol ??= 'TCP';
    port.targetPort ??= port.port ?? 0;
    if (spec.type === 'NodePort' || spec.type === 'LoadBalancer')
      port.nodePort ??= 30_000 + (store.revision() % 2700) + i;
  }
  object.status ??= { loadBalancer: {} };
}

const SELECTING = new Set(['Deployment', 'ReplicaSet', 'DaemonSet', 'StatefulSet']);

function workload(resource: Resource, object: KubeObject): void {
  const spec = (object.spec ??= {});
  const template = (spec.template ??= {});
  podSpec((template.spec ??= {}), resource.kind === 'Job' ? 'Never' : 'Always');
  if (resource.kind === 'Job') {
    spec.completions ??= 1;
    spec.parallelism ??= 1;
    spec.backoffLimit ??= 6;
    const label = { 'batch.kubernetes.io/job-name': object.metadata.name, 'job-name': object.metadata.name };
    template.metadata = { ...template.metadata, labels: { ...template.metadata?.labels, ...label } };
    spec.selector ??= { matchLabels: { 'batch.kubernetes.io/job-name': object.metadata.name } };
    return;
  }
  if (resource.kind !== 'DaemonSet') spec.replicas ??= 1;
  if (resource.kind === 'Deployment') {
    spec['strategy'] ??= { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } };
    spec['revisionHistoryLimit'] ??= 10;
    spec['progressDeadlineSeconds'] ??= 600;
  }
  if (SELECTING.has(resource.kind) && spec.selector === undefined) {
    throw invalid(resource, object.metadata.name, 'spec.selector: Required value');
  }
  if (SELECTING.has(resource.kind) && !matches(template.metadata?.labels, spec.selector as Selector)) {
    const labels = JSON.stringify(template.metadata?.labels ?? {});
    const why = `spec.template.metadata.labels: Invalid value: ${labels}: \`selector\` does not match template \`labels\``;
    throw invalid(resource, object.metadata.name, why);
  }
}

/** Fills in what the API server fills in, and refuses what it would refuse. Changes `object`. */
export function admit(resource: Resource, object: KubeObject, store: Store, serviceRange: string): void {
  if (object.stringData !== undefined) {
    const encoded = Object.entries(object.stringData).map(([k, v]) => [k, Buffer.from(v).toString('base64')]);
    object.data = { ...object.data, ...Object.fromEntries(encoded) };
    delete object.stringData;
  }
  if (resource.kind === 'Secret') object.type ??= 'Opaque';
  if (resource.kind === 'Namespace') {
    object.status ??= { phase: 'Active' };
    object.metadata.labels = {
      'kubernetes.io/metadata.name': object.metadata.name,
      ...object.metadata.labels,
    };
  }
  if (resource.kind === 'Service') service(object, store, serviceRange);
  if (resource.kind === 'Pod') {
    podSpec((object.spec ??= {}), 'Always');
    object.status ??= { phase: 'Pending' };
  }
  if (SELECTING.has(resource.kind) || resource.kind === 'Job') workload(resource, object);
}
