import type { Taint } from '../kube/types.ts';

export interface Argument {
  readonly name: string;
  readonly value: string;
}

export interface TokenSpec {
  readonly token: string;
  /** Milliseconds; 0 is for ever. */
  readonly ttl: number;
  readonly usages: readonly string[];
  readonly groups: readonly string[];
  readonly description: string;
}

/** What ClusterConfiguration says: the same on every control plane. */
export interface ClusterSettings {
  kubernetesVersion: string;
  clusterName: string;
  controlPlaneEndpoint: string | undefined;
  imageRepository: string;
  certificatesDir: string;
  podSubnet: string | undefined;
  serviceSubnet: string;
  dnsDomain: string;
  certSANs: readonly string[];
  etcdDataDir: string;
  apiServerArgs: readonly Argument[];
  controllerManagerArgs: readonly Argument[];
  schedulerArgs: readonly Argument[];
  etcdArgs: readonly Argument[];
}

/** What nodeRegistration and localAPIEndpoint say: of this host. */
export interface NodeSettings {
  name: string;
  /** Undefined: kubeadm looks for it. */
  criSocket: string | undefined;
  /** Undefined: the default taint of a control plane. */
  taints: readonly Taint[] | undefined;
  kubeletExtraArgs: readonly Argument[];
  advertiseAddress: string;
  bindPort: number;
  ignorePreflightErrors: readonly string[];
  imagePullPolicy: string;
}

export interface Timeouts {
  controlPlane: number;
  kubeletHealth: number;
  discovery: number;
  tlsBootstrap: number;
}

export interface InitSettings {
  cluster: ClusterSettings;
  node: NodeSettings;
  tokens: readonly TokenSpec[];
  certificateKey: string | undefined;
  skipPhases: readonly string[];
  timeouts: Timeouts;
  /** The KubeletConfiguration and KubeProxyConfiguration documents, as they came. */
  kubelet: Record<string, unknown>;
  kubeProxy: Record<string, unknown>;
}

export interface JoinSettings {
  node: NodeSettings;
  /** `host:port` of the API server. */
  endpoint: string | undefined;
  discoveryToken: string | undefined;
  tlsToken: string | undefined;
  hashes: readonly string[];
  skipVerification: boolean;
  discoveryFile: string | undefined;
  controlPlane: boolean;
  certificateKey: string | undefined;
  skipPhases: readonly string[];
  timeouts: Timeouts;
}

/** One document of a configuration file. */
export type Document = Record<string, unknown> & { apiVersion: string; kind: string };
