import { createHash } from 'node:crypto';
import { list, write } from '../host/files.ts';
import { CNI_DIR, KUBELET_PODS } from '../host/paths.ts';
import { nthAddress } from '../host/range.ts';
import { stamp } from '../host/text.ts';
import { simulate } from '../api/simulate.ts';
import type { Client } from '../kube/client.ts';
import type { Container, ContainerStatus, KubeObject } from '../kube/types.ts';
import { canonical, ensureImage } from '../runtime/images.ts';
import { networkReady } from './node.ts';

export interface PodContext {
  readonly client: Client;
  readonly node: KubeObject;
  readonly address: string;
  readonly socket: string;
  /** When each pod was first seen, by uid. */
  readonly seen: Map<string, number>;
}

/** How long a container of the lab takes to start, and a job to finish. */
const START = 300;
const JOB = 600;

export const idOf = (...parts: string[]): string =>
  createHash('sha256').update(parts.join('/')).digest('hex');

function containerStatus(
  pod: KubeObject,
  container: Container,
  state: ContainerStatus['state'],
  ready: boolean,
): ContainerStatus {
  const id = idOf(pod.metadata.uid ?? '', container.name);
  const image = canonical(container.image ?? '');
  return {
    name: container.name,
    ready,
    started: ready,
    restartCount: 0,
    image,
    imageID: '',
    containerID: `containerd://${id}`,
    state,
  };
}

/** The first free address of the node's range that no pod has. */
function freeAddress(range: string, pods: readonly KubeObject[]): string {
  const used = new Set(
    pods.flatMap((pod) => ((pod.status?.['podIPs'] ?? []) as { ip: string }[]).map(({ ip }) => ip)),
  );
  for (let i = 2; i < 254; i++) if (!used.has(nthAddress(range, i))) return nthAddress(range, i);
  return nthAddress(range, 254);
}

/** A pod of a network plugin is one that mounts the directory where plugins put their configuration. */
function isNetworkPlugin(pod: KubeObject): boolean {
  return (pod.spec?.volumes ?? []).some((v) => v.hostPath?.path.replace(/\/$/, '') === CNI_DIR);
}

async function installNetwork(context: PodContext, pod: KubeObject): Promise<string | undefined> {
  if (context.node.spec?.podCIDR === undefined) {
    return `Error registering network: failed to acquire lease: node "${context.node.metadata.name}" pod cidr not assigned`;
  }
  if (list(CNI_DIR).length > 0) return undefined;
  let conf = JSON.stringify({
    name: 'cbr0',
    cniVersion: '0.3.1',
    plugins: [{ type: 'flannel', delegate: { isDefaultGateway: true } }],
  });
  for (const volume of pod.spec?.volumes ?? []) {
    if (volume.configMap === undefined) continue;
    const map = await context.client.find(
      `/api/v1/namespaces/${pod.metadata.namespace}/configmaps/${volume.configMap.name}`,
    );
    conf = map?.data?.['cni-conf.json'] ?? conf;
  }
  const plugin = /flannel/.test(pod.metadata.name) ? 'flannel' : pod.metadata.name.replace(/-[a-z0-9]+$/, '');
  write(`${CNI_DIR}/10-${plugin}.conflist`, conf);
  if (plugin === 'flannel') {
    const subnets = (context.node.spec.podCIDRs ?? [context.node.spec.podCIDR]).map((cidr) => {
      const name = cidr.includes(':') ? 'FLANNEL_IPV6_SUBNET' : 'FLANNEL_SUBNET';
      return `${name}=${nthAddress(cidr, 1)}/${cidr.split('/')[1]}\n`;
    });
    write(
      '/run/flannel/subnet.env',
      `FLANNEL_NETWORK=\n${subnets.join('')}FLANNEL_MTU=1450\nFLANNEL_IPMASQ=true\n`,
    );
  }
  return undefined;
}

function waiting(pod: KubeObject, reason: string, message?: string): object {
  const state = { waiting: { reason, ...(message === undefined ? {} : { message }) } };
  return {
    phase: 'Pending',
    conditions: conditions(pod, false),
    containerStatuses: (pod.spec?.containers ?? []).map((c) => containerStatus(pod, c, state, false)),
  };
}

function conditions(pod: KubeObject, ready: boolean): object[] {
  const status = ready ? 'True' : 'False';
  const made = (type: string, value: string): object => {
    const old = pod.status?.conditions?.find((c) => c.type === type);
    return {
      type,
      status: value,
      lastTransitionTime: old?.status === value ? old.lastTransitionTime : stamp(),
    };
  };
  return [
    made('PodScheduled', 'True'),
    made('Initialized', 'True'),
    made('ContainersReady', status),
    made('Ready', status),
  ];
}

const isJob = (pod: KubeObject): boolean =>
  (pod.metadata.ownerReferences ?? []).some((ref) => ref.kind === 'Job');

function finished(pod: KubeObject): object | undefined {
  const endless = pod.spec?.restartPolicy === 'Always' || pod.spec?.restartPolicy === undefined;
  if (endless && !isJob(pod)) return undefined;
  let code = 0;
  for (const c of pod.spec?.containers ?? []) {
    const outcome = simulate(pod, [...(c.command ?? []), ...(c.args ?? [])]);
    if (outcome.code !== 126) code = Math.max(code, outcome.code);
  }
  const terminated = { exitCode: code, reason: code === 0 ? 'Completed' : 'Error', finishedAt: stamp() };
  const containerStatuses = (pod.spec?.containers ?? []).map((c) =>
    containerStatus(pod, c, { terminated }, false),
  );
  return {
    phase: code === 0 ? 'Succeeded' : 'Failed',
    conditions: conditions(pod, false),
    containerStatuses,
  };
}

/** What the status of a pod should be now; undefined where it is right already. */
async function nextStatus(
  context: PodContext,
  pod: KubeObject,
  pods: readonly KubeObject[],
): Promise<object | undefined> {
  const { phase } = pod.status ?? {};
  if (phase === 'Succeeded' || phase === 'Failed') return undefined;
  const since = Date.now() - (context.seen.get(pod.metadata.uid ?? '') ?? Date.now());
  if (phase === 'Running') return since > JOB ? finished(pod) : undefined;
  const host = pod.spec?.hostNetwork === true;
  if (!host && !networkReady()) return waiting(pod, 'ContainerCreating');
  for (const c of [...(pod.spec?.initContainers ?? []), ...(pod.spec?.containers ?? [])]) {
    const problem = ensureImage(context.socket, c.image ?? '');
    if (problem !== undefined) return waiting(pod, 'ImagePullBackOff', problem);
  }
  if (isNetworkPlugin(pod)) {
    const problem = await installNetwork(context, pod);
    if (problem !== undefined) return waiting(pod, 'CrashLoopBackOff', problem);
  }
  if (since < START) return phase === undefined ? waiting(pod, 'ContainerCreating') : undefined;
  const range = context.node.spec?.podCIDR ?? '10.88.0.0/24';
  const podIP = host ? context.address : freeAddress(range, pods);
  // Of the other family: the same place in the node's second range.
  const others = host
    ? []
    : (context.node.spec?.podCIDRs ?? []).slice(1).map((cidr) => freeAddress(cidr, pods));
  const startedAt = stamp();
  return {
    phase: 'Running',
    hostIP: context.address,
    podIP,
    podIPs: [podIP, ...others].map((ip) => ({ ip })),
    startTime: startedAt,
    conditions: conditions(pod, true),
    containerStatuses: (pod.spec?.containers ?? []).map((c) =>
      containerStatus(pod, c, { running: { startedAt } }, true),
    ),
  };
}

/** Brings the pods of this node one step on. True where something is still on its way. */
export async function tendPods(context: PodContext): Promise<boolean> {
  const name = context.node.metadata.name;
  const { items } = await context.client.list(
    `/api/v1/pods?fieldSelector=${encodeURIComponent(`spec.nodeName=${name}`)}`,
  );
  let moving = false;
  for (const pod of items) {
    if (pod.metadata.annotations?.['kubernetes.io/config.mirror'] !== undefined) continue;
    const uid = pod.metadata.uid ?? '';
    if (!context.seen.has(uid)) context.seen.set(uid, Date.now());
    const status = await nextStatus(context, pod, items);
    moving ||=
      pod.status?.phase === 'Pending' ||
      (pod.status?.phase === 'Running' && pod.spec?.restartPolicy !== 'Always');
    if (status === undefined || JSON.stringify({ ...pod.status, ...status }) === JSON.stringify(pod.status))
      continue;
    const path = `/api/v1/namespaces/${pod.metadata.namespace}/pods/${pod.metadata.name}/status`;
    const answer = await context.client.raw('PUT', path, { ...pod, status: { ...pod.status, ...status } });
    if (answer.code === 200) pod.status = { ...pod.status, ...status };
    moving = true;
  }
  record(items);
  return moving;
}

/** Leaves for crictl what runs here. */
export function record(pods: readonly KubeObject[]): void {
  const rows = pods
    .filter((pod) => pod.status?.phase === 'Running')
    .map((pod) => ({
      id: idOf(pod.metadata.uid ?? pod.metadata.name),
      name: pod.metadata.name,
      namespace: pod.metadata.namespace ?? 'default',
      uid: pod.metadata.uid ?? '',
      created: pod.status?.startTime ?? stamp(),
      containers: (pod.spec?.containers ?? []).map((c) => ({
        id: idOf(pod.metadata.uid ?? '', c.name),
        name: c.name,
        image: canonical(c.image ?? ''),
      })),
    }));
  write(KUBELET_PODS, JSON.stringify(rows));
}
