import { freePart } from '../../host/range.ts';
import { stamp } from '../../host/text.ts';
import type { Condition, KubeObject, Taint } from '../../kube/types.ts';
import { drop, put, type Cluster } from './context.ts';

const GRACE = 40_000;

/** A free part of each of the pod subnets; undefined when one is used up. */
function freeRanges(subnets: string, used: ReadonlySet<string>): string[] | undefined {
  const free = subnets.split(',').map((subnet) => freePart(subnet, used));
  return free.every((part) => part !== undefined) ? free : undefined;
}

function unknown(conditions: readonly Condition[]): Condition[] {
  const message = 'Kubelet stopped posting node status.';
  return conditions.map((c) =>
    c.status === 'Unknown'
      ? c
      : { ...c, status: 'Unknown', reason: 'NodeStatusUnknown', message, lastTransitionTime: stamp() },
  );
}

function taintsFor(node: KubeObject, ready: string | undefined): Taint[] {
  const rest = (node.spec?.taints ?? []).filter(
    (t) => !/^node\.kubernetes\.io\/(not-ready|unreachable|unschedulable)$/.test(t.key),
  );
  if (node.spec?.unschedulable) rest.push({ key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' });
  if (ready === 'True') return rest;
  const key = ready === 'Unknown' ? 'node.kubernetes.io/unreachable' : 'node.kubernetes.io/not-ready';
  return [...rest, { key, effect: 'NoSchedule' }];
}

/** Gives nodes their pod range, marks silent ones as Unknown, keeps the condition taints, removes pods of gone nodes. */
export function tendNodes({ store, podSubnet }: Cluster): void {
  const nodes = store.all('Node');
  const used = new Set(nodes.flatMap((n) => n.spec?.podCIDRs ?? []));
  for (const node of nodes) {
    const next = structuredClone(node);
    const spec = (next.spec ??= {});
    const free =
      podSubnet === undefined || spec.podCIDR !== undefined ? undefined : freeRanges(podSubnet, used);
    if (free !== undefined) {
      spec.podCIDR = free[0]!;
      spec.podCIDRs = free;
      for (const part of free) used.add(part);
    }
    const lease = store.all('Lease').find((l) => l.metadata.name === node.metadata.name);
    const beat = Date.parse(String(lease?.spec?.['renewTime'] ?? node.metadata.creationTimestamp));
    if (Date.now() - beat > GRACE)
      next.status = { ...next.status, conditions: unknown(next.status?.conditions ?? []) };
    const ready = next.status?.conditions?.find((c) => c.type === 'Ready')?.status;
    const taints = taintsFor(next, ready);
    if (taints.length > 0) spec.taints = taints;
    else delete spec.taints;
    if (JSON.stringify(next) !== JSON.stringify(node)) put(store, next);
  }
  const names = new Set(nodes.map((n) => n.metadata.name));
  for (const pod of store.all('Pod')) {
    if (pod.spec?.nodeName !== undefined && !names.has(pod.spec.nodeName)) drop(store, pod);
  }
}
