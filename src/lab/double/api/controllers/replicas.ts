import { createHash, randomBytes } from 'node:crypto';
import { stamp } from '../../host/text.ts';
import type { KubeObject } from '../../kube/types.ts';
import { childMetadata, drop, isReady, owns, put, setStatus, type Cluster } from './context.ts';

export const templateHash = (object: KubeObject): string =>
  createHash('sha1')
    .update(JSON.stringify(object.spec?.template ?? {}))
    .digest('hex')
    .slice(0, 10);

const suffix = (): string => randomBytes(4).toString('hex').slice(0, 5);

export function newPod(
  owner: KubeObject,
  name: string,
  labels: Record<string, string>,
  nodeName?: string,
): KubeObject {
  const spec = structuredClone(owner.spec?.template?.spec ?? {});
  if (nodeName !== undefined) spec.nodeName = nodeName;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: childMetadata(owner, name, labels),
    spec,
    status: { phase: 'Pending' },
  };
}

/** Keeps the wanted number of pods of each replica set. */
export function tendReplicaSets({ store }: Cluster): void {
  for (const set of store.all('ReplicaSet')) {
    const pods = store.all('Pod').filter((pod) => owns(set, pod));
    const wanted = set.spec?.replicas ?? 1;
    for (let i = pods.length; i < wanted; i++)
      put(store, newPod(set, `${set.metadata.name}-${suffix()}`, {}));
    const worst = pods.toSorted((a, b) => Number(isReady(a)) - Number(isReady(b)));
    for (const pod of worst.slice(0, Math.max(0, pods.length - wanted))) drop(store, pod);
    const ready = pods.slice(0, wanted).filter(isReady).length;
    setStatus(store, set, {
      replicas: wanted,
      readyReplicas: ready,
      availableReplicas: ready,
      observedGeneration: set.metadata.generation ?? 1,
    });
  }
}

function currentSet(cluster: Cluster, deployment: KubeObject, sets: readonly KubeObject[]): KubeObject {
  const hash = templateHash(deployment);
  const revision = (set: KubeObject): number =>
    Number(set.metadata.annotations?.['deployment.kubernetes.io/revision'] ?? 0);
  const newest = Math.max(0, ...sets.map(revision));
  const existing = sets.find((set) => set.metadata.labels?.['pod-template-hash'] === hash);
  if (existing !== undefined && (revision(existing) === newest || deployment.spec?.paused)) return existing;
  const number = String(newest + 1);
  const cause = deployment.metadata.annotations?.['kubernetes.io/change-cause'];
  const annotations = {
    'deployment.kubernetes.io/revision': number,
    ...(cause === undefined ? {} : { 'kubernetes.io/change-cause': cause }),
  };
  put(cluster.store, {
    ...deployment,
    metadata: {
      ...deployment.metadata,
      annotations: { ...deployment.metadata.annotations, 'deployment.kubernetes.io/revision': number },
    },
  });
  if (existing !== undefined) {
    const metadata = {
      ...existing.metadata,
      annotations: { ...existing.metadata.annotations, ...annotations },
    };
    return put(cluster.store, { ...existing, metadata });
  }
  const template = structuredClone(deployment.spec?.template ?? {});
  const labels = { ...template.metadata?.labels, 'pod-template-hash': hash };
  template.metadata = { ...template.metadata, labels };
  const selector = deployment.spec?.selector as { matchLabels?: Record<string, string> };
  return put(cluster.store, {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      ...childMetadata(deployment, `${deployment.metadata.name}-${hash}`, { 'pod-template-hash': hash }),
      annotations,
      generation: 1,
    },
    spec: {
      replicas: 0,
      selector: { matchLabels: { ...selector.matchLabels, 'pod-template-hash': hash } },
      template,
    },
  });
}

function setReplicas(cluster: Cluster, set: KubeObject, replicas: number): void {
  if (set.spec?.replicas === replicas) return;
  put(cluster.store, { ...set, spec: { ...set.spec, replicas } });
}

function condition(type: string, ok: boolean, reason: string, old: KubeObject): object {
  const before = old.status?.conditions?.find((c) => c.type === type);
  const status = ok ? 'True' : 'False';
  const since = before?.status === status ? before.lastTransitionTime : stamp();
  return { type, status, reason, lastTransitionTime: since };
}

/** Rolls each deployment to its template: the new set up, then the old ones down. */
export function tendDeployments(cluster: Cluster): void {
  const { store } = cluster;
  for (const name of store.all('Deployment').map((d) => d)) {
    const sets = store.all('ReplicaSet').filter((set) => owns(name, set));
    const known = sets.some((set) => set.metadata.labels?.['pod-template-hash'] === templateHash(name));
    if (name.spec?.paused && !known) continue;
    const current = currentSet(cluster, name, sets);
    const deployment = store.all('Deployment').find((d) => d.metadata.uid === name.metadata.uid) ?? name;
    const wanted = deployment.spec?.replicas ?? 1;
    setReplicas(cluster, current, wanted);
    const ready = current.status?.readyReplicas ?? 0;
    const old = sets.filter((set) => set.metadata.uid !== current.metadata.uid);
    if (ready >= wanted) for (const set of old) setReplicas(cluster, set, 0);
    const oldCount = old.reduce((sum, set) => sum + (set.spec?.replicas ?? 0), 0);
    const oldReady = old.reduce(
      (sum, set) => sum + Math.min(set.status?.readyReplicas ?? 0, set.spec?.replicas ?? 0),
      0,
    );
    const available = Math.min(ready, wanted) + oldReady;
    setStatus(store, deployment, {
      observedGeneration: deployment.metadata.generation ?? 1,
      replicas: wanted + oldCount,
      updatedReplicas: wanted,
      readyReplicas: available,
      availableReplicas: available,
      unavailableReplicas: Math.max(0, wanted - ready),
      conditions: [
        condition(
          'Available',
          available >= wanted,
          available >= wanted ? 'MinimumReplicasAvailable' : 'MinimumReplicasUnavailable',
          deployment,
        ),
        condition(
          'Progressing',
          true,
          ready >= wanted ? 'NewReplicaSetAvailable' : 'ReplicaSetUpdated',
          deployment,
        ),
      ],
    });
  }
}
