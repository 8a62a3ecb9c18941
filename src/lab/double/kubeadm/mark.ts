import type { Client } from '../kube/client.ts';
import type { KubeObject } from '../kube/types.ts';
import type { NodeSettings } from './config-types.ts';
import { say } from './output.ts';

const ROLE = 'node-role.kubernetes.io/control-plane';
const LABELS = [ROLE, 'node.kubernetes.io/exclude-from-external-load-balancers'];

/** Labels and taints a control plane node. */
export async function markControlPlane(client: Client, node: NodeSettings): Promise<void> {
  say(
    `[mark-control-plane] Marking the node ${node.name} as control-plane by adding the labels: [${LABELS.join(' ')}]`,
  );
  const taints = node.taints ?? [{ key: ROLE, effect: 'NoSchedule' }];
  if (taints.length > 0) {
    const shown = taints.map((t) => `${t.key}:${t.effect}`).join(' ');
    say(
      `[mark-control-plane] Marking the node ${node.name} as control-plane by adding the taints [${shown}]`,
    );
  }
  const path = `/api/v1/nodes/${node.name}`;
  const live: KubeObject = await client.get(path);
  const kept = (live.spec?.taints ?? []).filter(
    (t) => !taints.some((n) => n.key === t.key && n.effect === t.effect),
  );
  const patch = {
    metadata: { labels: Object.fromEntries(LABELS.map((label) => [label, ''])) },
    spec: { taints: [...kept, ...taints] },
  };
  await client.call('PATCH', path, patch, 'application/merge-patch+json');
}
