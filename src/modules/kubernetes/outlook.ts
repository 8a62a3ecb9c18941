import { type Effect, type Outlook, type Subject, Unclear } from '../../module/outlook.ts';
import { becomes, NOTHING, pathSubject } from '../files/expected.ts';
import type { NodeFacts } from './node-probe.ts';

/** What a dry run expects a host to be: `member` of a cluster that an earlier task makes or joins, or `out` of one. */
export type Membership = 'member' | 'out';

/** The whole of what is in the cluster that a host can reach; `new` where nothing is in it yet. */
export const API: Subject = 'api:cluster';
export const CLUSTER: Subject = 'cluster:';

/** What kubeadm writes when a host becomes a node. */
const WRITTEN = [
  '/etc/kubernetes/admin.conf',
  '/etc/kubernetes/super-admin.conf',
  '/etc/kubernetes/kubelet.conf',
  '/etc/kubernetes/bootstrap-kubelet.conf',
  '/etc/kubernetes/controller-manager.conf',
  '/etc/kubernetes/scheduler.conf',
  '/etc/kubernetes/manifests',
  '/etc/kubernetes/pki',
  '/var/lib/kubelet',
  '/var/lib/etcd',
];

export const nodeTouches = (): Subject[] => [CLUSTER, API, ...WRITTEN.map(pathSubject)];

/** What a host knows of its cluster, after the tasks before. */
export function foreseeNode(facts: NodeFacts, outlook: Outlook): NodeFacts | Unclear {
  const then = outlook.of(CLUSTER);
  if (!then) return facts;
  if (then.state !== ('out' satisfies Membership)) return new Unclear(then.by);
  return {
    root: facts.root,
    node: facts.node,
    kubeadm: facts.kubeadm,
    externalEtcd: false,
    files: new Set(),
    objects: [],
    caHash: undefined,
    kubeletServer: undefined,
    kubeletCaHash: undefined,
    adminServer: undefined,
    adminCluster: undefined,
    registeredAs: undefined,
    api: undefined,
    nodeObject: undefined,
  };
}

/** A host becomes a node; `fresh`: of a cluster that is made. */
export function becomesMember(fresh: boolean): Effect[] {
  return [
    { subject: CLUSTER, state: 'member' satisfies Membership },
    { subject: API, ...(fresh && { state: 'new' }) },
    ...WRITTEN.map((path) => ({ subject: pathSubject(path) })),
  ];
}

/** A host leaves its cluster, and nothing of it is left at these paths. */
export function leavesCluster(paths: readonly string[]): Effect[] {
  return [
    { subject: CLUSTER, state: 'out' satisfies Membership },
    { subject: API },
    ...paths.map((path) => becomes(path, NOTHING)),
  ];
}
