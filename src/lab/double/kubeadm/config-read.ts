import { randomBytes } from 'node:crypto';
import { isIP } from 'node:net';
import { defaultAddress, nodeName } from '../host/address.ts';
import { Exit, messageOf } from '../host/exit.ts';
import { read } from '../host/files.ts';
import { identity, minorOf } from '../host/identity.ts';
import { goDuration, klog } from '../host/text.ts';
import { readYaml } from '../host/yaml.ts';
import type { Taint } from '../kube/types.ts';
import { unknownFields } from './config-schema.ts';
import type {
  Argument,
  ClusterSettings,
  Document,
  InitSettings,
  JoinSettings,
  NodeSettings,
  Timeouts,
  TokenSpec,
} from './config-types.ts';

type Tree = Record<string, unknown>;

const tree = (value: unknown): Tree =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Tree) : {};
const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : typeof value === 'number' ? String(value) : undefined;
const texts = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : []);

/** v1beta4 has a list of names and values, v1beta3 a mapping. */
function argumentsOf(value: unknown): Argument[] {
  if (Array.isArray(value))
    return value.map((item) => ({
      name: String(tree(item)['name']),
      value: String(tree(item)['value'] ?? ''),
    }));
  return Object.entries(tree(value)).map(([name, v]) => ({ name, value: String(v) }));
}

/** The versions of kubeadm.k8s.io that this kubeadm reads, newest first. */
export function apiVersions(minor: number): string[] {
  return minor >= 31 ? ['v1beta4', 'v1beta3'] : ['v1beta3'];
}

function checkVersion(document: Document, minor: number): void {
  const [group, version = ''] = document.apiVersion.split('/');
  if (group !== 'kubeadm.k8s.io') return;
  const [newest, ...older] = apiVersions(minor);
  const name = `"${document.apiVersion}" (kind: "${document.kind}")`;
  const migrate = `'kubeadm config migrate --old-config old-config-file --new-config new-config-file', which will write the new, similar spec using a newer API version.`;
  if (older.includes(version)) {
    process.stderr.write(
      klog(
        'W',
        'common.go:101',
        `your configuration file uses a deprecated API spec: ${name}. Please use ${migrate}`,
      ),
    );
    return;
  }
  if (version === newest) return;
  if (/^v1(alpha|beta[12]$)/.test(version)) {
    throw new Exit(
      `your configuration file uses an old API spec: ${name}. Please use kubeadm v1.22 instead and run ${migrate}`,
    );
  }
  throw new Exit(
    `no kind "${document.kind}" is registered for version "${document.apiVersion}" in scheme "k8s.io/kubernetes/cmd/kubeadm/app/apis/kubeadm/scheme/scheme.go:31"`,
  );
}

/** Reads a configuration file; checks API versions and, as far as the schema here knows, fields. */
export function readDocuments(path: string, strict = false): Document[] {
  const content = path === '-' ? undefined : read(path);
  if (content === undefined)
    throw new Exit(`unable to read config from "${path}" : open ${path}: no such file or directory`);
  let documents: unknown[];
  try {
    documents = readYaml(content);
  } catch (error) {
    throw new Exit(
      `error unmarshaling configuration: error converting YAML to JSON: yaml: ${messageOf(error)}`,
    );
  }
  const typed = documents as Document[];
  for (const document of typed) {
    if (typeof document.apiVersion !== 'string' || typeof document.kind !== 'string') {
      throw new Exit(
        'invalid configuration: kind and apiVersion is mandatory information that must be specified',
      );
    }
    checkVersion(document, minorOf(identity().version));
    const unknown = unknownFields(document, document.kind).map((field) => `unknown field "${field}"`);
    if (unknown.length === 0) continue;
    const [group, version] = document.apiVersion.split('/');
    const message = `error unmarshaling configuration schema.GroupVersionKind{Group:"${group}", Version:"${version}", Kind:"${document.kind}"}: strict decoding error: ${unknown.join(', ')}`;
    if (strict) throw new Exit(message);
    process.stderr.write(klog('W', 'initconfiguration.go:362', message));
  }
  return typed;
}

export const kindOf = (documents: readonly Document[], kind: string): Tree =>
  tree(documents.find((d) => d.kind === kind));

const DEFAULT_TIMEOUTS: Timeouts = {
  controlPlane: 240_000,
  kubeletHealth: 240_000,
  discovery: 300_000,
  tlsBootstrap: 300_000,
};

function timeouts(value: unknown): Timeouts {
  const given = tree(value);
  const pick = (name: string, fallback: number): number => goDuration(text(given[name]) ?? '') ?? fallback;
  return {
    controlPlane: pick('controlPlaneComponentHealthCheck', DEFAULT_TIMEOUTS.controlPlane),
    kubeletHealth: pick('kubeletHealthCheck', DEFAULT_TIMEOUTS.kubeletHealth),
    discovery: pick('discovery', DEFAULT_TIMEOUTS.discovery),
    tlsBootstrap: pick('tlsBootstrap', DEFAULT_TIMEOUTS.tlsBootstrap),
  };
}

export function readCluster(documents: readonly Document[]): ClusterSettings {
  const cluster = kindOf(documents, 'ClusterConfiguration');
  const networking = tree(cluster['networking']);
  const etcd = tree(tree(cluster['etcd'])['local']);
  const version = text(cluster['kubernetesVersion']);
  const plain =
    version === undefined || /^(?:stable|latest)/.test(version)
      ? identity().version
      : version.replace(/^v/, '');
  return {
    kubernetesVersion: `v${plain}`,
    clusterName: text(cluster['clusterName']) ?? 'kubernetes',
    controlPlaneEndpoint: text(cluster['controlPlaneEndpoint']),
    imageRepository: text(cluster['imageRepository']) ?? 'registry.k8s.io',
    certificatesDir: text(cluster['certificatesDir']) ?? '/etc/kubernetes/pki',
    podSubnet: text(networking['podSubnet']),
    serviceSubnet: text(networking['serviceSubnet']) ?? '10.96.0.0/12',
    dnsDomain: text(networking['dnsDomain']) ?? 'cluster.local',
    certSANs: texts(tree(cluster['apiServer'])['certSANs']),
    etcdDataDir: text(etcd['dataDir']) ?? '/var/lib/etcd',
    apiServerArgs: argumentsOf(tree(cluster['apiServer'])['extraArgs']),
    controllerManagerArgs: argumentsOf(tree(cluster['controllerManager'])['extraArgs']),
    schedulerArgs: argumentsOf(tree(cluster['scheduler'])['extraArgs']),
    etcdArgs: argumentsOf(etcd['extraArgs']),
  };
}

function readNode(holder: Tree, endpoint: Tree): NodeSettings {
  const node = tree(holder['nodeRegistration']);
  return {
    name: (text(node['name']) ?? nodeName()).toLowerCase(),
    criSocket: text(node['criSocket']),
    taints: Array.isArray(node['taints']) ? (node['taints'] as Taint[]) : undefined,
    kubeletExtraArgs: argumentsOf(node['kubeletExtraArgs']),
    advertiseAddress: text(endpoint['advertiseAddress']) ?? defaultAddress(),
    bindPort: Number(endpoint['bindPort'] ?? 6443),
    ignorePreflightErrors: texts(node['ignorePreflightErrors']),
    imagePullPolicy: text(node['imagePullPolicy']) ?? 'IfNotPresent',
  };
}

export const DEFAULT_GROUPS = ['system:bootstrappers:kubeadm:default-node-token'] as const;
export const DEFAULT_USAGES = ['signing', 'authentication'] as const;

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz0123456789';

export function randomToken(): string {
  const part = (n: number): string => Array.from(randomBytes(n), (b) => ALPHABET[b % 36]).join('');
  return `${part(6)}.${part(16)}`;
}

function readTokens(value: unknown): TokenSpec[] {
  const list = Array.isArray(value) && value.length > 0 ? value : [{}];
  return list.map((item) => {
    const given = tree(item);
    return {
      token: text(given['token']) ?? randomToken(),
      ttl: goDuration(text(given['ttl']) ?? '24h0m0s') ?? 86_400_000,
      usages: given['usages'] === undefined ? DEFAULT_USAGES : texts(given['usages']),
      groups: given['groups'] === undefined ? DEFAULT_GROUPS : texts(given['groups']),
      description: text(given['description']) ?? '',
    };
  });
}

export function readInit(documents: readonly Document[]): InitSettings {
  const init = kindOf(documents, 'InitConfiguration');
  return {
    cluster: readCluster(documents),
    node: readNode(init, tree(init['localAPIEndpoint'])),
    tokens: readTokens(init['bootstrapTokens']),
    certificateKey: text(init['certificateKey']),
    skipPhases: texts(init['skipPhases']),
    timeouts: timeouts(init['timeouts']),
    kubelet: kindOf(documents, 'KubeletConfiguration'),
    kubeProxy: kindOf(documents, 'KubeProxyConfiguration'),
  };
}

export function readJoin(documents: readonly Document[]): JoinSettings {
  const join = kindOf(documents, 'JoinConfiguration');
  const discovery = tree(join['discovery']);
  const token = tree(discovery['bootstrapToken']);
  const control = join['controlPlane'] === undefined ? undefined : tree(join['controlPlane']);
  const discoveryToken = text(token['token']);
  return {
    node: readNode(join, tree(control?.['localAPIEndpoint'])),
    endpoint: text(token['apiServerEndpoint']),
    discoveryToken,
    tlsToken: text(discovery['tlsBootstrapToken']) ?? discoveryToken,
    hashes: texts(token['caCertHashes']),
    skipVerification: token['unsafeSkipCAVerification'] === true,
    discoveryFile: text(tree(discovery['file'])['kubeConfigPath']),
    controlPlane: control !== undefined,
    certificateKey: text(control?.['certificateKey']),
    skipPhases: texts(join['skipPhases']),
    timeouts: timeouts(join['timeouts']),
  };
}

export const TOKEN = /^[a-z0-9]{6}\.[a-z0-9]{16}$/;

export function isRange(value: string): boolean {
  const [address = '', bits] = value.split('/');
  return isIP(address) !== 0 && /^\d+$/.test(bits ?? '') && Number(bits) <= (isIP(address) === 4 ? 32 : 128);
}
