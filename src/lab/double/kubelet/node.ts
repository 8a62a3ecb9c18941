import { arch, availableParallelism, release, totalmem } from 'node:os';
import { isDeepStrictEqual } from 'node:util';
import { list, read } from '../host/files.ts';
import { CNI_DIR } from '../host/paths.ts';
import { stamp } from '../host/text.ts';
import { ApiError, type Client } from '../kube/client.ts';
import type { Condition, KubeObject, Taint } from '../kube/types.ts';
import { containerdState, dockerState } from '../runtime/sockets.ts';

export interface NodeFacts {
  readonly name: string;
  readonly address: string;
  /** Of the other family. */
  readonly others: readonly string[];
  readonly version: string;
  readonly socket: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly Taint[];
}

const machine = (): string => (arch() === 'x64' ? 'amd64' : arch());

/** True when a network plugin has put its configuration where the runtime looks. */
export function networkReady(): boolean {
  return list(CNI_DIR).some((name) => /\.(conf|conflist|json)$/.test(name));
}

function osImage(): string {
  return /^PRETTY_NAME="?([^"\n]*)"?$/m.exec(read('/etc/os-release') ?? '')?.[1] ?? 'Linux';
}

function runtimeVersion(socket: string): string {
  if (/docker/.test(socket)) return `docker://${dockerState()?.version ?? '28.2.2'}+slipway-lab`;
  const state = containerdState();
  return state === undefined ? 'containerd://1.7' : `containerd://${state.version}+slipway-lab`;
}

function conditions(runtimeProblem: string | undefined, old: readonly Condition[]): Condition[] {
  const now = stamp();
  const why =
    runtimeProblem !== undefined
      ? `[container runtime is down, runtime status check may not have completed yet]`
      : networkReady()
        ? undefined
        : 'container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:Network plugin returns error: cni plugin not initialized';
  const make = (type: string, status: string, reason: string, message: string): Condition => {
    const before = old.find((c) => c.type === type);
    const since = before?.status === status ? (before.lastTransitionTime ?? now) : now;
    return { type, status, reason, message, lastHeartbeatTime: now, lastTransitionTime: since };
  };
  return [
    make('MemoryPressure', 'False', 'KubeletHasSufficientMemory', 'kubelet has sufficient memory available'),
    make('DiskPressure', 'False', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'),
    make('PIDPressure', 'False', 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'),
    make(
      'Ready',
      why === undefined ? 'True' : 'False',
      why === undefined ? 'KubeletReady' : 'KubeletNotReady',
      why ?? 'kubelet is posting ready status',
    ),
  ];
}

function statusOf(facts: NodeFacts, runtimeProblem: string | undefined, old: KubeObject | undefined): object {
  const capacity = {
    cpu: String(availableParallelism()),
    memory: `${Math.floor(totalmem() / 1024)}Ki`,
    pods: '110',
  };
  return {
    ...old?.status,
    addresses: [
      ...[facts.address, ...facts.others].map((address) => ({ type: 'InternalIP', address })),
      { type: 'Hostname', address: facts.name },
    ],
    capacity,
    allocatable: capacity,
    conditions: conditions(runtimeProblem, old?.status?.conditions ?? []),
    nodeInfo: {
      architecture: machine(),
      operatingSystem: 'linux',
      kernelVersion: release(),
      osImage: osImage(),
      kubeletVersion: `v${facts.version}`,
      kubeProxyVersion: `v${facts.version}`,
      containerRuntimeVersion: runtimeVersion(facts.socket),
      machineID: read('/etc/machine-id')?.trim() ?? '',
      systemUUID: read('/sys/class/dmi/id/product_uuid')?.trim() ?? '',
      bootID: read('/proc/sys/kernel/random/boot_id')?.trim() ?? '',
    },
  };
}

/** Registers the node once, at the start, as the kubelet does: a node that is deleted later stays away. */
export async function register(
  client: Client,
  facts: NodeFacts,
  runtimeProblem: string | undefined,
): Promise<void> {
  const labels = {
    'beta.kubernetes.io/arch': machine(),
    'beta.kubernetes.io/os': 'linux',
    'kubernetes.io/arch': machine(),
    'kubernetes.io/hostname': facts.name,
    'kubernetes.io/os': 'linux',
    ...facts.labels,
  };
  const node = {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: facts.name, labels },
    spec: facts.taints.length === 0 ? {} : { taints: [...facts.taints] },
    status: statusOf(facts, runtimeProblem, undefined),
  };
  try {
    await client.call('POST', '/api/v1/nodes', node);
  } catch (error) {
    if (!(error instanceof ApiError && error.status.code === 409)) throw error;
  }
  const lease = {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name: facts.name },
    spec: { renewTime: stamp() },
  };
  try {
    await client.call('POST', '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases', lease);
  } catch (error) {
    if (!(error instanceof ApiError && error.status.code === 409)) throw error;
  }
}

/** A status without the times at which it was looked at, which alone are no reason to post it for five minutes. */
function lasting(status: unknown): unknown {
  const { conditions = [], ...rest } = (status ?? {}) as { conditions?: readonly Condition[] };
  const old = conditions.some(({ lastHeartbeatTime: at }) => Date.now() - Date.parse(at ?? '') > 300_000);
  return { rest, old, conditions: conditions.map((each) => ({ ...each, lastHeartbeatTime: '' })) };
}

/** Renews the lease, and posts the status where it is another; returns the node, undefined where it was deleted. */
export async function heartbeat(
  client: Client,
  facts: NodeFacts,
  runtimeProblem: string | undefined,
): Promise<KubeObject | undefined> {
  const node = await client.find(`/api/v1/nodes/${facts.name}`);
  if (node === undefined) return undefined;
  const lease = `/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/${facts.name}`;
  await client.call('PATCH', lease, { spec: { renewTime: stamp() } }, 'application/merge-patch+json');
  const { metadata } = node;
  const status = statusOf(facts, runtimeProblem, node);
  if (isDeepStrictEqual(lasting(status), lasting(node.status))) return node;
  return client.call('PUT', `/api/v1/nodes/${facts.name}/status`, {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: metadata.name },
    status,
  });
}
