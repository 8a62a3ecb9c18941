import type { NodeFacts } from './node-probe.ts';

/** What a host is, judged by all that an init leaves and not by one file. */
export type Membership =
  | { readonly is: 'absent' }
  /** `phase` is the first that did not finish; `remaining` are those still to be done, in kubeadm's order. */
  | {
      readonly is: 'partial';
      readonly phase: string;
      readonly remaining: readonly Phase[];
      /** Whether its API server answers. */
      readonly api: boolean;
      /** Nothing of it runs and no data are there: kubeadm init itself takes up such a state. */
      readonly fresh: boolean;
    }
  | { readonly is: 'complete' }
  /** A node that joined some cluster as a worker. */
  | { readonly is: 'worker' }
  /** It was a finished control plane, but its API server does not answer now. */
  | { readonly is: 'silent'; readonly why: string };

export interface Phase {
  /** As in kubeadm's messages and `--skip-phases`. */
  readonly name: string;
  /** Words after `kubeadm init phase`. */
  readonly command: readonly string[];
  readonly done: (facts: NodeFacts) => boolean;
}

const file =
  (...names: string[]) =>
  (facts: NodeFacts) =>
    names.every((name) => facts.files.has(name));
const object = (facts: NodeFacts, ...names: string[]) =>
  facts.objects.some((found) => names.includes(`${found.kind}/${found.metadata.name}`));

/** Phases that leave something on the host, then those that leave something in the API. */
export const PHASES: readonly Phase[] = [
  { name: 'certs', command: ['certs', 'all'], done: file('pki/ca.crt', 'pki/apiserver.crt', 'pki/sa.key') },
  {
    name: 'kubeconfig',
    command: ['kubeconfig', 'all'],
    done: file('admin.conf', 'kubelet.conf', 'controller-manager.conf', 'scheduler.conf'),
  },
  {
    name: 'etcd',
    command: ['etcd', 'local'],
    done: (facts) => facts.externalEtcd || facts.files.has('manifests/etcd.yaml'),
  },
  {
    name: 'control-plane',
    command: ['control-plane', 'all'],
    done: file(
      'manifests/kube-apiserver.yaml',
      'manifests/kube-controller-manager.yaml',
      'manifests/kube-scheduler.yaml',
    ),
  },
  { name: 'kubelet-start', command: ['kubelet-start'], done: file('kubelet-config') },
  { name: 'wait-control-plane', command: ['wait-control-plane'], done: (facts) => facts.api === 'ok' },
  {
    name: 'upload-config',
    command: ['upload-config', 'all'],
    done: (facts) => object(facts, 'ConfigMap/kubeadm-config') && object(facts, 'ConfigMap/kubelet-config'),
  },
  {
    name: 'mark-control-plane',
    command: ['mark-control-plane'],
    done: (facts) =>
      facts.nodeObject?.metadata.labels?.['node-role.kubernetes.io/control-plane'] !== undefined,
  },
  {
    name: 'bootstrap-token',
    command: ['bootstrap-token'],
    done: (facts) => object(facts, 'ConfigMap/cluster-info'),
  },
  { name: 'kubelet-finalize', command: ['kubelet-finalize', 'all'], done: file('rotated') },
  // The roles stay when somebody later puts another DNS or proxy in place of kubeadm's on purpose.
  {
    name: 'addon/coredns',
    command: ['addon', 'coredns'],
    done: (facts) => object(facts, 'Deployment/coredns', 'ClusterRole/system:coredns'),
  },
  {
    name: 'addon/kube-proxy',
    command: ['addon', 'kube-proxy'],
    done: (facts) => object(facts, 'DaemonSet/kube-proxy', 'ClusterRoleBinding/kubeadm:node-proxier'),
  },
];

function skipped(name: string, skip: readonly string[]): boolean {
  return skip.some((phase) => name === phase || name.startsWith(`${phase}/`));
}

/** What a host is, from what was found there. `skip` are the phases that were left out on purpose. */
export function classify(facts: NodeFacts, skip: readonly string[] = []): Membership {
  const { files } = facts;
  const running = [...files].some((name) => name.startsWith('manifests/')) || files.has('etcd-data');
  const configured = [...files].some((name) => name.endsWith('.conf') || name === 'pki/apiserver.crt');
  // A CA alone is one that the user brings along.
  if (!running && !configured) return { is: 'absent' };
  const admin = files.has('admin.conf') || files.has('super-admin.conf');
  if (!running && !admin && (files.has('kubelet.conf') || files.has('bootstrap-kubelet.conf')))
    return { is: 'worker' };

  const remaining = PHASES.filter((phase) => !skipped(phase.name, skip) && !phase.done(facts));
  const api = facts.api === 'ok';
  const [first] = remaining;
  if (first === undefined) return { is: 'complete' };
  const local = PHASES.slice(0, 5).every((phase) => skipped(phase.name, skip) || phase.done(facts));
  if (local && files.has('rotated') && !api)
    return { is: 'silent', why: facts.api ?? 'kubectl is not installed' };
  return { is: 'partial', phase: first.name, remaining, api, fresh: !running };
}

/** For messages: "partial (upload-config)". */
export function describe(membership: Membership): string {
  return membership.is === 'partial' ? `partial (${membership.phase})` : membership.is;
}

/** Fields of the cluster's own record of how it was made. */
export function clusterConfig(facts: NodeFacts): {
  readonly cluster_name?: string;
  readonly kubernetes_version?: string;
  readonly control_plane_endpoint?: string;
  readonly pod_cidr?: string;
  readonly service_cidr?: string;
} {
  const config = facts.objects.find((found) => found.metadata.name === 'kubeadm-config');
  const text = config?.data?.['ClusterConfiguration'] ?? '';
  const field = (name: string) => new RegExp(`^ *${name}:\\s*"?([^\\s"]+)"?\\s*$`, 'm').exec(text)?.[1];
  const name = field('clusterName');
  const version = field('kubernetesVersion');
  const endpoint = field('controlPlaneEndpoint');
  const pods = field('podSubnet');
  const services = field('serviceSubnet');
  return {
    ...(name === undefined ? {} : { cluster_name: name }),
    ...(version === undefined ? {} : { kubernetes_version: version }),
    ...(endpoint === undefined ? {} : { control_plane_endpoint: endpoint }),
    ...(pods === undefined ? {} : { pod_cidr: pods }),
    ...(services === undefined ? {} : { service_cidr: services }),
  };
}
