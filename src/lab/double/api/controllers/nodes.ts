import { stamp } from '../../host/text.ts';
import type { Condition, KubeObject, Taint } from '../../kube/types.ts';
import { drop, put, type Cluster } from './context.ts';

const GRACE = 40_000;

function toNumber(address: string): number {
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}

function toAddress(value: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');
}

/** The first free /24 of the pod subnet; undefined when it is used up. */
function freeRange(subnet: string, used: ReadonlySet<string>): string | undefined {
  const [base = '', bits = '16'] = (subnet.split(',')[0] ?? '').split('/');
  const mask = Math.max(24, Number(bits));
  for (let i = 0; i < 2 ** (mask - Number(bits)); i++) {
    const range = `${toAddress(toNumber(base) + i * 2 ** (32 - mask))}/${mask}`;
    if (!used.has(range)) return range;
  }
  return undefined;
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
  const used = new Set(nodes.map((n) => n.spec?.podCIDR ?? ''));
  for (const node of nodes) {
    const next = structuredClone(node);
    const spec = (next.spec ??= {});
    const free =
      podSubnet === undefined || spec.podCIDR !== undefined ? undefined : freeRange(podSubnet, used);
    if (free !== undefined) {
      spec.podCIDR = free;
      spec.podCIDRs = [free];
      used.add(free);
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
