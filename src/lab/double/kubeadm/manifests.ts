import { makeDir, write } from '../host/files.ts';
import { KUBERNETES_DIR, MANIFESTS_DIR } from '../host/paths.ts';
import { writeYaml } from '../host/yaml.ts';
import type { Argument, ClusterSettings, NodeSettings } from './config-types.ts';
import { say } from './output.ts';
import { imageOf } from './versions.ts';

type Flags = Record<string, string>;

/** A member of etcd as `--initial-cluster` lists it. */
export interface PeerName {
  readonly name: string;
  readonly address: string;
}

interface Shape {
  readonly flags: Flags;
  readonly extra: readonly Argument[];
  /** Directories and files of the host that the program sees. */
  readonly mounts: readonly string[];
  readonly annotations?: Record<string, string>;
}

function manifest(name: string, image: string, shape: Shape): string {
  const flags = {
    ...shape.flags,
    ...Object.fromEntries(shape.extra.map(({ name: key, value }) => [key, value])),
  };
  const command = [name, ...Object.entries(flags).map(([key, value]) => `--${key}=${value}`)];
  const volumes = shape.mounts.map((path, i) => ({
    name: `v${i}`,
    hostPath: { path, type: path.endsWith('.conf') ? 'FileOrCreate' : 'DirectoryOrCreate' },
  }));
  return writeYaml({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: 'kube-system',
      labels: { component: name, tier: 'control-plane' },
      ...(shape.annotations === undefined ? {} : { annotations: shape.annotations }),
    },
    spec: {
      containers: [
        {
          name,
          image,
          imagePullPolicy: 'IfNotPresent',
          command,
          volumeMounts: volumes.map((v) => ({ name: v.name, mountPath: v.hostPath.path })),
        },
      ],
      hostNetwork: true,
      priorityClassName: 'system-node-critical',
      volumes,
    },
  });
}

function apiServer(cluster: ClusterSettings, node: NodeSettings): Shape {
  const pki = cluster.certificatesDir;
  const address = node.advertiseAddress;
  return {
    flags: {
      'advertise-address': address,
      'allow-privileged': 'true',
      'authorization-mode': 'Node,RBAC',
      'client-ca-file': `${pki}/ca.crt`,
      'enable-admission-plugins': 'NodeRestriction',
      'enable-bootstrap-token-auth': 'true',
      'etcd-cafile': `${pki}/etcd/ca.crt`,
      'etcd-certfile': `${pki}/apiserver-etcd-client.crt`,
      'etcd-keyfile': `${pki}/apiserver-etcd-client.key`,
      'etcd-servers': 'https://127.0.0.1:2379',
      'kubelet-client-certificate': `${pki}/apiserver-kubelet-client.crt`,
      'kubelet-client-key': `${pki}/apiserver-kubelet-client.key`,
      'secure-port': String(node.bindPort),
      'service-account-issuer': `https://kubernetes.default.svc.${cluster.dnsDomain}`,
      'service-account-key-file': `${pki}/sa.pub`,
      'service-account-signing-key-file': `${pki}/sa.key`,
      'service-cluster-ip-range': cluster.serviceSubnet,
      'tls-cert-file': `${pki}/apiserver.crt`,
      'tls-private-key-file': `${pki}/apiserver.key`,
    },
    extra: cluster.apiServerArgs,
    mounts: [pki],
    annotations: {
      'kubeadm.kubernetes.io/kube-apiserver.advertise-address.endpoint': `${address}:${node.bindPort}`,
    },
  };
}

function controllerManager(cluster: ClusterSettings): Shape {
  const pki = cluster.certificatesDir;
  const conf = `${KUBERNETES_DIR}/controller-manager.conf`;
  const pods: Flags =
    cluster.podSubnet === undefined
      ? {}
      : { 'allocate-node-cidrs': 'true', 'cluster-cidr': cluster.podSubnet };
  return {
    flags: {
      ...pods,
      'authentication-kubeconfig': conf,
      'authorization-kubeconfig': conf,
      'bind-address': '127.0.0.1',
      'client-ca-file': `${pki}/ca.crt`,
      'cluster-name': cluster.clusterName,
      'cluster-signing-cert-file': `${pki}/ca.crt`,
      'cluster-signing-key-file': `${pki}/ca.key`,
      controllers: '*,bootstrapsigner,tokencleaner',
      kubeconfig: conf,
      'leader-elect': 'true',
      'root-ca-file': `${pki}/ca.crt`,
      'service-account-private-key-file': `${pki}/sa.key`,
      'service-cluster-ip-range': cluster.serviceSubnet,
      'use-service-account-credentials': 'true',
    },
    extra: cluster.controllerManagerArgs,
    mounts: [pki, conf],
  };
}

function scheduler(cluster: ClusterSettings): Shape {
  const conf = `${KUBERNETES_DIR}/scheduler.conf`;
  const flags = {
    'authentication-kubeconfig': conf,
    'authorization-kubeconfig': conf,
    'bind-address': '127.0.0.1',
    kubeconfig: conf,
    'leader-elect': 'true',
  };
  return { flags, extra: cluster.schedulerArgs, mounts: [conf] };
}

function put(cluster: ClusterSettings, name: string, shape: Shape): void {
  write(`${MANIFESTS_DIR}/${name}.yaml`, manifest(name, imageOf(cluster, name), shape), 0o600);
}

export const COMPONENTS = ['apiserver', 'controller-manager', 'scheduler'] as const;

export function makeControlPlane(
  cluster: ClusterSettings,
  node: NodeSettings,
  parts: readonly string[] = COMPONENTS,
): void {
  if (parts.length > 1) say(`[control-plane] Using manifest folder "${MANIFESTS_DIR}"`);
  const shapes = {
    apiserver: () => apiServer(cluster, node),
    'controller-manager': () => controllerManager(cluster),
    scheduler: () => scheduler(cluster),
  };
  for (const part of COMPONENTS.filter((p) => parts.includes(p))) {
    say(`[control-plane] Creating static Pod manifest for "kube-${part}"`);
    put(cluster, `kube-${part}`, shapes[part]());
  }
}

/** etcd's manifest; `before` are the members that were there first. */
export function makeEtcd(
  cluster: ClusterSettings,
  node: NodeSettings,
  before: readonly PeerName[] = [],
): void {
  const pki = `${cluster.certificatesDir}/etcd`;
  const address = node.advertiseAddress;
  makeDir(cluster.etcdDataDir, 0o700);
  const members = [...before.filter((m) => m.name !== node.name), { name: node.name, address }];
  put(cluster, 'etcd', {
    flags: {
      'advertise-client-urls': `https://${address}:2379`,
      'cert-file': `${pki}/server.crt`,
      'client-cert-auth': 'true',
      'data-dir': cluster.etcdDataDir,
      'initial-advertise-peer-urls': `https://${address}:2380`,
      'initial-cluster': members.map((m) => `${m.name}=https://${m.address}:2380`).join(','),
      ...(before.length > 0 ? { 'initial-cluster-state': 'existing' } : {}),
      'key-file': `${pki}/server.key`,
      'listen-client-urls': `https://127.0.0.1:2379,https://${address}:2379`,
      'listen-peer-urls': `https://${address}:2380`,
      name: node.name,
      'peer-cert-file': `${pki}/peer.crt`,
      'peer-client-cert-auth': 'true',
      'peer-key-file': `${pki}/peer.key`,
      'peer-trusted-ca-file': `${pki}/ca.crt`,
      'snapshot-count': '10000',
      'trusted-ca-file': `${pki}/ca.crt`,
    },
    extra: cluster.etcdArgs,
    mounts: [pki, cluster.etcdDataDir],
    annotations: { 'kubeadm.kubernetes.io/etcd.advertise-client-urls': `https://${address}:2379` },
  });
}
