import { humanDuration } from '../host/text.ts';
import type { KubeObject, Selector } from '../kube/types.ts';

/** How one kind is shown: the columns, and more of them with `-o wide`. */
export interface Columns {
  readonly head: readonly string[];
  readonly wide?: readonly string[];
  row(object: KubeObject): string[];
  wideRow?(object: KubeObject): string[];
}

const none = (text: string | undefined): string => (text === undefined || text === '' ? '<none>' : text);
export const ageOf = (object: KubeObject): string =>
  humanDuration(Date.now() - Date.parse(object.metadata.creationTimestamp ?? ''));
const count = (n: unknown): string => String(typeof n === 'number' ? n : 0);

export function labelText(labels: Record<string, string> | undefined): string {
  return none(
    Object.entries(labels ?? {})
      .map(([k, v]) => `${k}=${v}`)
      .join(','),
  );
}

function selectorText(selector: unknown): string {
  const given = selector as Selector | undefined;
  return labelText(given?.matchLabels);
}

const containers = (o: KubeObject): string[] => {
  const list = o.spec?.template?.spec?.containers ?? [];
  return [list.map((c) => c.name).join(','), list.map((c) => c.image).join(',')];
};

/** Ready, NotReady, with SchedulingDisabled where it is cordoned. */
export function nodeStatus(node: KubeObject): string {
  const ready = node.status?.conditions?.find((c) => c.type === 'Ready');
  const state = ready === undefined ? 'Unknown' : ready.status === 'True' ? 'Ready' : 'NotReady';
  return node.spec?.unschedulable ? `${state},SchedulingDisabled` : state;
}

function roles(node: KubeObject): string {
  const prefix = 'node-role.kubernetes.io/';
  return none(
    Object.keys(node.metadata.labels ?? {})
      .filter((l) => l.startsWith(prefix))
      .map((l) => l.slice(prefix.length))
      .join(','),
  );
}

const node: Columns = {
  head: ['NAME', 'STATUS', 'ROLES', 'AGE', 'VERSION'],
  wide: ['INTERNAL-IP', 'EXTERNAL-IP', 'OS-IMAGE', 'KERNEL-VERSION', 'CONTAINER-RUNTIME'],
  row: (o) => [
    o.metadata.name,
    nodeStatus(o),
    roles(o),
    ageOf(o),
    o.status?.nodeInfo?.['kubeletVersion'] ?? '',
  ],
  wideRow: (o) => {
    const info = o.status?.nodeInfo ?? {};
    const address = o.status?.addresses?.find((a) => a.type === 'InternalIP')?.address;
    return [
      none(address),
      '<none>',
      info['osImage'] ?? '',
      info['kernelVersion'] ?? '',
      info['containerRuntimeVersion'] ?? '',
    ];
  },
};

/** Running, Completed, ContainerCreating, or what a container waits for. */
export function podStatus(pod: KubeObject): string {
  for (const { state } of pod.status?.containerStatuses ?? []) {
    const reason = state['waiting']?.['reason'] ?? state['terminated']?.['reason'];
    if (typeof reason === 'string') return reason;
  }
  return pod.status?.phase ?? 'Pending';
}

const pod: Columns = {
  head: ['NAME', 'READY', 'STATUS', 'RESTARTS', 'AGE'],
  wide: ['IP', 'NODE', 'NOMINATED NODE', 'READINESS GATES'],
  row: (o) => {
    const states = o.status?.containerStatuses ?? [];
    const total = o.spec?.containers?.length ?? 0;
    return [o.metadata.name, `${states.filter((s) => s.ready).length}/${total}`, podStatus(o), '0', ageOf(o)];
  },
  wideRow: (o) => [none(o.status?.podIP), none(o.spec?.nodeName), '<none>', '<none>'],
};

const deployment: Columns = {
  head: ['NAME', 'READY', 'UP-TO-DATE', 'AVAILABLE', 'AGE'],
  wide: ['CONTAINERS', 'IMAGES', 'SELECTOR'],
  row: (o) => {
    const s = o.status ?? {};
    const ready = `${count(s.readyReplicas)}/${count(o.spec?.replicas)}`;
    return [o.metadata.name, ready, count(s.updatedReplicas), count(s.availableReplicas), ageOf(o)];
  },
  wideRow: (o) => [...containers(o), selectorText(o.spec?.selector)],
};

const daemonSet: Columns = {
  head: ['NAME', 'DESIRED', 'CURRENT', 'READY', 'UP-TO-DATE', 'AVAILABLE', 'NODE SELECTOR', 'AGE'],
  wide: ['CONTAINERS', 'IMAGES', 'SELECTOR'],
  row: (o) => {
    const s = o.status ?? {};
    const numbers = [
      'desiredNumberScheduled',
      'currentNumberScheduled',
      'numberReady',
      'updatedNumberScheduled',
      'numberAvailable',
    ];
    return [
      o.metadata.name,
      ...numbers.map((n) => count(s[n])),
      labelText(o.spec?.template?.spec?.nodeSelector),
      ageOf(o),
    ];
  },
  wideRow: (o) => [...containers(o), selectorText(o.spec?.selector)],
};

function servicePorts(o: KubeObject): string {
  const ports = (o.spec?.ports ?? []).map(
    (p) => `${p.port}${p.nodePort === undefined ? '' : `:${p.nodePort}`}/${p.protocol ?? 'TCP'}`,
  );
  return none(ports.join(','));
}

const service: Columns = {
  head: ['NAME', 'TYPE', 'CLUSTER-IP', 'EXTERNAL-IP', 'PORT(S)', 'AGE'],
  wide: ['SELECTOR'],
  row: (o) => {
    const external = o.spec?.type === 'LoadBalancer' ? '<pending>' : '<none>';
    return [
      o.metadata.name,
      o.spec?.type ?? '',
      none(o.spec?.clusterIP),
      external,
      servicePorts(o),
      ageOf(o),
    ];
  },
  wideRow: (o) => [labelText(o.spec?.selector as Record<string, string> | undefined)],
};

const job: Columns = {
  head: ['NAME', 'STATUS', 'COMPLETIONS', 'DURATION', 'AGE'],
  wide: ['CONTAINERS', 'IMAGES', 'SELECTOR'],
  row: (o) => {
    const s = o.status ?? {};
    const end = s.completionTime === undefined ? Date.now() : Date.parse(s.completionTime);
    const state = s.completionTime === undefined ? 'Running' : 'Complete';
    const duration = s.startTime === undefined ? '' : humanDuration(end - Date.parse(s.startTime));
    return [
      o.metadata.name,
      state,
      `${count(s.succeeded)}/${count(o.spec?.completions)}`,
      duration,
      ageOf(o),
    ];
  },
  wideRow: (o) => [...containers(o), selectorText(o.spec?.selector)],
};

const data: Columns['row'] = (o) => [o.metadata.name, String(Object.keys(o.data ?? {}).length), ageOf(o)];

const KINDS: Readonly<Record<string, Columns>> = {
  Node: node,
  Pod: pod,
  Deployment: deployment,
  DaemonSet: daemonSet,
  Service: service,
  Job: job,
  ReplicaSet: {
    head: ['NAME', 'DESIRED', 'CURRENT', 'READY', 'AGE'],
    wide: ['CONTAINERS', 'IMAGES', 'SELECTOR'],
    row: (o) => [
      o.metadata.name,
      count(o.spec?.replicas),
      count(o.status?.replicas),
      count(o.status?.readyReplicas),
      ageOf(o),
    ],
    wideRow: (o) => [...containers(o), selectorText(o.spec?.selector)],
  },
  StatefulSet: {
    head: ['NAME', 'READY', 'AGE'],
    wide: ['CONTAINERS', 'IMAGES'],
    row: (o) => [o.metadata.name, `${count(o.status?.readyReplicas)}/${count(o.spec?.replicas)}`, ageOf(o)],
    wideRow: containers,
  },
  ConfigMap: { head: ['NAME', 'DATA', 'AGE'], row: data },
  Secret: {
    head: ['NAME', 'TYPE', 'DATA', 'AGE'],
    row: (o) => [o.metadata.name, o.type ?? '', String(Object.keys(o.data ?? {}).length), ageOf(o)],
  },
  Namespace: {
    head: ['NAME', 'STATUS', 'AGE'],
    row: (o) => [o.metadata.name, o.status?.phase ?? 'Active', ageOf(o)],
  },
  ServiceAccount: { head: ['NAME', 'SECRETS', 'AGE'], row: (o) => [o.metadata.name, '0', ageOf(o)] },
  CertificateSigningRequest: {
    head: ['NAME', 'AGE', 'SIGNERNAME', 'REQUESTOR', 'REQUESTEDDURATION', 'CONDITION'],
    row: (o) => [
      o.metadata.name,
      ageOf(o),
      o.spec?.signerName ?? '',
      o.spec?.username ?? '',
      '<none>',
      o.status?.certificate === undefined ? 'Pending' : 'Approved,Issued',
    ],
  },
};

const OTHER: Columns = {
  head: ['NAME', 'CREATED AT'],
  row: (o) => [o.metadata.name, o.metadata.creationTimestamp ?? ''],
};

export function columnsOf(kind: string): Columns {
  return KINDS[kind] ?? { ...OTHER, head: ['NAME', 'AGE'], row: (o) => [o.metadata.name, ageOf(o)] };
}
