import { randomBytes } from 'node:crypto';
import { stamp } from '../../host/text.ts';
import type { KubeObject, Spec } from '../../kube/types.ts';
import { drop, isReady, owns, put, setStatus, type Cluster } from './context.ts';
import { newPod, templateHash } from './replicas.ts';
import { obstacle } from './schedule.ts';

const HASH = 'controller-revision-hash';
const suffix = (): string => randomBytes(4).toString('hex').slice(0, 5);

/** Pods of a daemon set stand nodes that are not ready, as the real controller adds. */
const STOICAL = [
  'not-ready',
  'unreachable',
  'unschedulable',
  'disk-pressure',
  'memory-pressure',
  'pid-pressure',
].map((name) => ({ key: `node.kubernetes.io/${name}`, operator: 'Exists' }));

export function tendDaemonSets({ store }: Cluster): void {
  for (const set of store.all('DaemonSet')) {
    const template = set.spec?.template?.spec ?? {};
    const spec: Spec = { ...template, tolerations: [...(template.tolerations ?? []), ...STOICAL] };
    const nodes = store.all('Node').filter((node) => obstacle(node, spec) === undefined);
    const hash = templateHash(set);
    const pods = store.all('Pod').filter((pod) => owns(set, pod));
    const names = new Set(nodes.map((n) => n.metadata.name));
    for (const pod of pods) {
      if (!names.has(pod.spec?.nodeName ?? '') || pod.metadata.labels?.[HASH] !== hash) drop(store, pod);
    }
    const kept = pods.filter(
      (pod) => names.has(pod.spec?.nodeName ?? '') && pod.metadata.labels?.[HASH] === hash,
    );
    for (const node of nodes) {
      if (kept.some((pod) => pod.spec?.nodeName === node.metadata.name)) continue;
      const pod = newPod(set, `${set.metadata.name}-${suffix()}`, { [HASH]: hash }, node.metadata.name);
      put(store, { ...pod, spec: { ...pod.spec, tolerations: spec.tolerations ?? [] } });
    }
    const ready = kept.filter(isReady).length;
    setStatus(store, set, {
      observedGeneration: set.metadata.generation ?? 1,
      desiredNumberScheduled: nodes.length,
      currentNumberScheduled: kept.length,
      updatedNumberScheduled: kept.length,
      numberReady: ready,
      numberAvailable: ready,
      numberUnavailable: nodes.length - ready,
      numberMisscheduled: 0,
    });
  }
}

export function tendStatefulSets({ store }: Cluster): void {
  for (const set of store.all('StatefulSet')) {
    const wanted = set.spec?.replicas ?? 1;
    const hash = templateHash(set);
    const pods = store.all('Pod').filter((pod) => owns(set, pod));
    const at = (i: number): KubeObject | undefined =>
      pods.find((pod) => pod.metadata.name === `${set.metadata.name}-${i}`);
    for (const pod of pods) {
      const index = Number(pod.metadata.name.slice(set.metadata.name.length + 1));
      if (index >= wanted || pod.metadata.labels?.[HASH] !== hash) drop(store, pod);
    }
    for (let i = 0; i < wanted; i++) {
      const pod = at(i);
      if (pod !== undefined && isReady(pod)) continue;
      const name = `${set.metadata.name}-${i}`;
      const labels = {
        [HASH]: hash,
        'statefulset.kubernetes.io/pod-name': name,
        'apps.kubernetes.io/pod-index': String(i),
      };
      if (pod === undefined) put(store, newPod(set, name, labels));
      break;
    }
    const ready = pods.filter((pod) => isReady(pod) && pod.metadata.labels?.[HASH] === hash).length;
    const generation = set.metadata.generation ?? 1;
    setStatus(store, set, {
      observedGeneration: generation,
      replicas: pods.length,
      readyReplicas: ready,
      currentReplicas: ready,
      updatedReplicas: ready,
      availableReplicas: ready,
      currentRevision: `${set.metadata.name}-${hash}`,
      updateRevision: `${set.metadata.name}-${hash}`,
    });
  }
}

export function tendJobs({ store }: Cluster): void {
  for (const job of store.all('Job')) {
    if (job.status?.completionTime !== undefined) continue;
    const wanted = job.spec?.completions ?? 1;
    const pods = store.all('Pod').filter((pod) => owns(job, pod));
    const succeeded = pods.filter((pod) => pod.status?.phase === 'Succeeded').length;
    const failed = pods.filter((pod) => pod.status?.phase === 'Failed').length;
    const active = pods.length - succeeded - failed;
    const room = Math.min(job.spec?.parallelism ?? 1, wanted - succeeded) - active;
    for (let i = 0; i < room; i++) put(store, newPod(job, `${job.metadata.name}-${suffix()}`, {}));
    const done = succeeded >= wanted;
    const now = stamp();
    setStatus(store, job, {
      startTime: job.status?.startTime ?? now,
      active: done ? 0 : active,
      succeeded,
      failed,
      ...(done
        ? {
            completionTime: now,
            conditions: [
              { type: 'Complete', status: 'True', reason: 'CompletionsReached', lastTransitionTime: now },
            ],
          }
        : {}),
    });
  }
}
