/** The parts of Kubernetes objects that the double reads or writes; what else an object holds is kept as it is. */
export interface OwnerReference {
  apiVersion: string;
  kind: string;
  name: string;
  uid: string;
  controller?: boolean;
}

export interface Metadata {
  name: string;
  namespace?: string;
  generateName?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  uid?: string;
  resourceVersion?: string;
  generation?: number;
  creationTimestamp?: string;
  deletionTimestamp?: string;
  ownerReferences?: OwnerReference[];
  [field: string]: unknown;
}

export interface Container {
  name: string;
  image?: string;
  command?: string[];
  args?: string[];
  ports?: {
    name?: string;
    containerPort?: number;
    port?: number;
    targetPort?: number | string;
    protocol?: string;
    nodePort?: number;
  }[];
  [field: string]: unknown;
}

export interface Taint {
  key: string;
  value?: string;
  effect: string;
  timeAdded?: string;
}

export interface Toleration {
  key?: string;
  operator?: string;
  value?: string;
  effect?: string;
}

export interface Selector {
  matchLabels?: Record<string, string>;
  matchExpressions?: { key: string; operator: string; values?: string[] }[];
}

export interface Condition {
  type: string;
  status: string;
  reason?: string;
  message?: string;
  lastHeartbeatTime?: string;
  lastTransitionTime?: string;
  [field: string]: unknown;
}

export interface Volume {
  name: string;
  hostPath?: { path: string; type?: string };
  configMap?: { name: string };
  emptyDir?: object;
  [field: string]: unknown;
}

export interface Spec {
  nodeName?: string;
  hostNetwork?: boolean;
  containers?: Container[];
  initContainers?: Container[];
  volumes?: Volume[];
  tolerations?: Toleration[];
  nodeSelector?: Record<string, string>;
  restartPolicy?: string;
  replicas?: number;
  selector?: unknown;
  template?: { metadata?: Partial<Metadata>; spec?: Spec };
  taints?: Taint[];
  unschedulable?: boolean;
  podCIDR?: string;
  podCIDRs?: string[];
  clusterIP?: string;
  clusterIPs?: string[];
  type?: string;
  ports?: NonNullable<Container['ports']>;
  completions?: number;
  parallelism?: number;
  backoffLimit?: number;
  paused?: boolean;
  request?: string;
  signerName?: string;
  username?: string;
  groups?: string[];
  [field: string]: unknown;
}

export interface Status {
  phase?: string;
  podIP?: string;
  hostIP?: string;
  conditions?: Condition[];
  containerStatuses?: ContainerStatus[];
  addresses?: { type: string; address: string }[];
  nodeInfo?: Record<string, string>;
  replicas?: number;
  readyReplicas?: number;
  updatedReplicas?: number;
  availableReplicas?: number;
  unavailableReplicas?: number;
  observedGeneration?: number;
  succeeded?: number;
  failed?: number;
  active?: number;
  certificate?: string;
  startTime?: string;
  completionTime?: string;
  reason?: string;
  [field: string]: unknown;
}

export interface ContainerStatus {
  name: string;
  ready: boolean;
  restartCount: number;
  image: string;
  started?: boolean;
  state: Record<string, Record<string, unknown>>;
  [field: string]: unknown;
}

export interface KubeObject {
  apiVersion: string;
  kind: string;
  metadata: Metadata;
  spec?: Spec;
  status?: Status;
  data?: Record<string, string>;
  stringData?: Record<string, string>;
  type?: string;
  [field: string]: unknown;
}

export interface KubeList {
  apiVersion: string;
  kind: string;
  metadata: { resourceVersion: string };
  items: KubeObject[];
}

/** The body of every refusal of the API. */
export interface StatusObject {
  kind: 'Status';
  apiVersion: 'v1';
  metadata: object;
  status: 'Failure' | 'Success';
  message: string;
  reason: string;
  code: number;
  details?: object;
}
