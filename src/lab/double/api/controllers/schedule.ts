import { stamp } from '../../host/text.ts';
import type { KubeObject, Spec, Taint } from '../../kube/types.ts';
import { put, setStatus, type Cluster } from './context.ts';

export function tolerated(taint: Taint, spec: Spec): boolean {
  return (spec.tolerations ?? []).some(
    (t) =>
      (t.effect === undefined || t.effect === '' || t.effect === taint.effect) &&
      (t.key === undefined || t.key === '' || t.key === taint.key) &&
      (t.operator === 'Exists' || (t.value ?? '') === (taint.value ?? '')),
  );
}

/** Why a pod cannot run on a node, in the scheduler's words; undefined where it can. */
export function obstacle(node: KubeObject, spec: Spec): string | undefined {
  const labels = node.metadata.labels ?? {};
  const selected = Object.entries(spec.nodeSelector ?? {}).every(([key, value]) => labels[key] === value);
  if (!selected) return "node(s) didn't match Pod's node affinity/selector";
  const hard = (node.spec?.taints ?? []).filter(
    (t) => t.effect !== 'PreferNoSchedule' && !tolerated(t, spec),
  );
  const first = hard[0];
  if (first === undefined) return undefined;
  if (first.key === 'node.kubernetes.io/unschedulable') return 'node(s) were unschedulable';
  return `node(s) had untolerated taint {${first.key}: ${first.value ?? ''}}`;
}

/** Puts waiting pods on nodes that take them, the emptiest first. */
export function schedule({ store }: Cluster): void {
  const waiting = store.all('Pod').filter((pod) => pod.spec?.nodeName === undefined);
  if (waiting.length === 0) return;
  const nodes = store.all('Node');
  const load = new Map<string, number>();
  for (const pod of store.all('Pod')) {
    const name = pod.spec?.nodeName;
    if (name !== undefined) load.set(name, (load.get(name) ?? 0) + 1);
  }
  for (const pod of waiting) {
    const reasons = nodes.map((node) => obstacle(node, pod.spec ?? {}));
    const open = nodes.filter((_, i) => reasons[i] === undefined).map((node) => node.metadata.name);
    const best = open.toSorted((a, b) => (load.get(a) ?? 0) - (load.get(b) ?? 0))[0];
    if (best !== undefined) {
      load.set(best, (load.get(best) ?? 0) + 1);
      put(store, { ...pod, spec: { ...pod.spec, nodeName: best } });
      continue;
    }
    const counts = new Map<string, number>();
    for (const reason of reasons) if (reason !== undefined) counts.set(reason, (counts.get(reason) ?? 0) + 1);
    const list = [...counts].map(([reason, n]) => `${n} ${reason}`).join(', ');
    const message = `0/${nodes.length} nodes are available: ${list}.`;
    const old = pod.status?.conditions?.find((c) => c.type === 'PodScheduled');
    if (old?.message === message) continue;
    const condition = {
      type: 'PodScheduled',
      status: 'False',
      reason: 'Unschedulable',
      message,
      lastTransitionTime: stamp(),
    };
    setStatus(store, pod, { phase: 'Pending', conditions: [condition] });
  }
}
