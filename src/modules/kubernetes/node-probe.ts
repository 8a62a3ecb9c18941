import { lines, type Program, sh } from '../../module/program.ts';
import type { Output } from '../../transport/types.ts';
import { caCertHash, commonName, kubeconfigCaHash, kubeconfigServer } from './ca-hash.ts';
import { complaint } from './kubectl-call.ts';
import { section, sections, words } from './sections.ts';

/** A Kubernetes object, as far as we look into it. */
export interface KubeObject {
  readonly kind?: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly data?: Readonly<Record<string, string>>;
}

/** What a host knows of the cluster that it is, or was to be, part of. */
export interface NodeFacts {
  /** Only root sees enough to judge. */
  readonly root: boolean;
  /** As kubeadm names it: the host name in lower case, unless another was given. */
  readonly node: string;
  /** Which of kubeadm's files are there and not empty, below /etc/kubernetes; and words for what lies elsewhere. */
  readonly files: ReadonlySet<string>;
  readonly externalEtcd: boolean;
  readonly caHash: string | undefined;
  /** The server and CA that the kubelet talks to, once it has a kubeconfig. */
  readonly kubeletServer: string | undefined;
  readonly kubeletCaHash: string | undefined;
  readonly adminServer: string | undefined;
  /** The cluster's name in admin.conf. */
  readonly adminCluster: string | undefined;
  /** The node that the kubelet's certificate was issued to, once it has one. */
  readonly registeredAs: string | undefined;
  /** kubeadm's version, where it is installed: v1.34.1. */
  readonly kubeadm: string | undefined;
  /** `ok`, what the API server or kubectl said instead, or undefined where nobody could be asked. */
  readonly api: string | undefined;
  readonly objects: readonly KubeObject[];
  readonly nodeObject: KubeObject | undefined;
}

/** Files that kubeadm makes, below /etc/kubernetes. */
const FILES = [
  'pki/ca.crt',
  'pki/ca.key',
  'pki/sa.key',
  'pki/apiserver.crt',
  'admin.conf',
  'super-admin.conf',
  'kubelet.conf',
  'bootstrap-kubelet.conf',
  'controller-manager.conf',
  'scheduler.conf',
  'manifests/etcd.yaml',
  'manifests/kube-apiserver.yaml',
  'manifests/kube-controller-manager.yaml',
  'manifests/kube-scheduler.yaml',
];

/** What an init leaves in the API, phase by phase. */
const OBJECTS = [
  'configmap/kubeadm-config',
  'configmap/kubelet-config',
  'deployment/coredns',
  'daemonset/kube-proxy',
  'clusterrole/system:coredns',
  'clusterrolebinding/kubeadm:node-proxier',
];

/** The folder of everything that kubeadm writes. */
export const KUBERNETES = '/etc/kubernetes';

function localFiles(): Program {
  return sh`
    cd ${KUBERNETES} 2>/dev/null && for f in ${FILES}; do [ -s "$f" ] && echo "$f"; done
    [ -d /var/lib/etcd/member ] && echo etcd-data
    [ -s /var/lib/kubelet/config.yaml ] && echo kubelet-config
    grep -qs kubelet-client-current.pem ${`${KUBERNETES}/kubelet.conf`} && echo rotated
    grep -s -e --etcd-servers= ${`${KUBERNETES}/manifests/kube-apiserver.yaml`} | grep -qv 127.0.0.1 && echo external-etcd
  `;
}

/** Server, CA and cluster's name of a kubeconfig, and nothing of its keys. */
function publicPart(file: string): Program {
  return sh`grep -s -e certificate-authority-data: -e server: -e '^ *cluster: .' ${`${KUBERNETES}/${file}`}`;
}

/** Asks the API server with `conf` for what `what` names; short timeouts, since a dead cluster must not hang a run. */
function askApi(conf: string, objects: boolean): Program {
  return lines(
    section('api'),
    sh`
      if [ -s ${conf} ] && command -v kubectl >/dev/null; then
        kc() { timeout 20 kubectl --kubeconfig ${conf} --request-timeout=5s "$@"; }
        if kc get --raw=/readyz 2>&1; then
    `,
    objects && section('objects'),
    objects && sh`kc -n kube-system get ${OBJECTS} --ignore-not-found -o json 2>/dev/null`,
    objects && section('cluster-info'),
    objects && sh`kc -n kube-public get configmap cluster-info --ignore-not-found -o name 2>/dev/null`,
    section('node-object'),
    sh`
          kc get node "$node" --ignore-not-found -o json 2>&1
        fi
      fi
    `,
  );
}

/**
 * Read-only sh that finds out what this host is to its cluster.
 *
 * @param ask `admin` looks for all that an init leaves; `kubelet` asks, as the kubelet itself, for the node alone.
 */
export function probeNode(options: {
  readonly node?: string | undefined;
  readonly ask: 'admin' | 'kubelet';
}): Program {
  const conf = `${KUBERNETES}/${options.ask === 'admin' ? 'admin' : 'kubelet'}.conf`;
  return lines(
    section('id'),
    options.node === undefined
      ? sh`node=$(tr 'A-Z' 'a-z' < /proc/sys/kernel/hostname)`
      : sh`node=${options.node}`,
    sh`echo "$(id -u) $node"`,
    section('files'),
    localFiles(),
    section('ca'),
    sh`cat ${`${KUBERNETES}/pki/ca.crt`} 2>/dev/null`,
    section('kubelet'),
    publicPart('kubelet.conf'),
    section('admin'),
    publicPart('admin.conf'),
    section('certificate'),
    sh`sed -n '/BEGIN CERTIFICATE/,/END CERTIFICATE/p' /var/lib/kubelet/pki/kubelet-client-current.pem 2>/dev/null`,
    section('kubeadm'),
    sh`kubeadm version -o short 2>/dev/null`,
    askApi(conf, options.ask === 'admin'),
    sh`:`,
  );
}

/** A list of objects, one object, or nothing at all (`--ignore-not-found`). */
function objectsOf(text: string | undefined): KubeObject[] {
  if (!text?.startsWith('{')) return [];
  try {
    const parsed = JSON.parse(text) as KubeObject & { items?: KubeObject[] };
    return parsed.items ?? [parsed];
  } catch {
    // kubectl was cut off by its timeout: as if it had said nothing.
    return [];
  }
}

export function readNode(output: Output): NodeFacts {
  const parts = sections(output.stdout);
  const [uid, node] = words(parts.get('id'));
  const files = new Set(words(parts.get('files')));
  const api = parts.get('api');
  const nodeText = parts.get('node-object') ?? '';
  const info = words(parts.get('cluster-info')).length > 0;
  const clusterInfo: KubeObject = { kind: 'ConfigMap', metadata: { name: 'cluster-info' } };
  return {
    root: uid === '0',
    node: node ?? '',
    files,
    externalEtcd: files.has('external-etcd'),
    caHash: caCertHash(parts.get('ca') ?? ''),
    kubeletServer: kubeconfigServer(parts.get('kubelet') ?? ''),
    kubeletCaHash: kubeconfigCaHash(parts.get('kubelet') ?? ''),
    adminServer: kubeconfigServer(parts.get('admin') ?? ''),
    adminCluster: /^\s*cluster:\s+"?([^\s"]+)/m.exec(parts.get('admin') ?? '')?.[1],
    registeredAs: nodeOfCertificate(parts.get('certificate') ?? ''),
    kubeadm: parts.get('kubeadm') || undefined,
    api: api === undefined || api === '' ? undefined : complaint(denied(nodeText) ?? api),
    objects: [...objectsOf(parts.get('objects')), ...(info ? [clusterInfo] : [])],
    nodeObject: objectsOf(nodeText)[0],
  };
}

function nodeOfCertificate(pem: string): string | undefined {
  return commonName(pem)?.replace(/^system:node:/, '');
}

/**
 * `/readyz` answers to anybody; whether our certificate still counts shows in the next question. Forbidden is no
 * such answer: an admin.conf gets its rights only when the init goes on.
 */
function denied(text: string): string | undefined {
  if (text.startsWith('{')) return undefined;
  return /Unauthorized|must be logged in|x509|tls:/i.test(text) ? text : undefined;
}
