import { Exit } from '../host/exit.ts';
import type { FlagSpec, Parsed } from '../host/flags.ts';
import { goDuration } from '../host/text.ts';
import { checkInit } from './config-check.ts';
import { readDocuments, readInit } from './config-read.ts';
import type { InitSettings } from './config-types.ts';
import { warn } from './output.ts';

/** Flags that set what a configuration file sets too: not both. */
const SETTING = {
  'apiserver-advertise-address': 'text',
  'apiserver-bind-port': 'text',
  'apiserver-cert-extra-sans': 'list',
  'cert-dir': 'text',
  'control-plane-endpoint': 'text',
  'cri-socket': 'text',
  'feature-gates': 'text',
  'image-repository': 'text',
  'kubernetes-version': 'text',
  'node-name': 'text',
  'pod-network-cidr': 'text',
  'service-cidr': 'text',
  'service-dns-domain': 'text',
  token: 'text',
  'token-ttl': 'text',
} as const satisfies FlagSpec;

export const INIT_FLAGS: FlagSpec = {
  ...SETTING,
  config: 'text',
  'certificate-key': 'text',
  'dry-run': 'bool',
  'ignore-preflight-errors': 'list',
  kubeconfig: 'text',
  patches: 'text',
  'skip-certificate-key-print': 'bool',
  'skip-phases': 'list',
  'skip-token-print': 'bool',
  'upload-certs': 'bool',
  v: 'text',
  rootfs: 'text',
  help: 'bool',
};

/** cri-socket may stand beside a configuration file. */
export function refuseMixed(flags: Parsed, setting: FlagSpec): void {
  if (flags.text('config') === undefined) return;
  const mixed = [...flags.given].filter(
    (name) => name in setting && name !== 'cri-socket' && name !== 'node-name',
  );
  if (mixed.length > 0) throw new Exit(`can not mix '--config' with arguments [${mixed.join(' ')}]`);
}

function versionFallback(): void {
  warn(
    'could not fetch a Kubernetes version from the internet: unable to get URL "https://dl.k8s.io/release/stable-1.txt": Get "https://dl.k8s.io/release/stable-1.txt": dial tcp: lookup dl.k8s.io: no such host',
  );
  warn('falling back to the local client version');
}

/** The settings of `init` and of its phases: the file, or the flags, over the defaults. */
export function initSettings(flags: Parsed, checked = true): InitSettings {
  refuseMixed(flags, SETTING);
  const path = flags.text('config');
  const documents = path === undefined ? [] : readDocuments(path);
  const settings = readInit(documents);
  const { cluster, node } = settings;
  const named = documents.some(
    (d) => d.kind === 'ClusterConfiguration' && typeof d['kubernetesVersion'] === 'string',
  );
  if (checked && !named && flags.text('kubernetes-version') === undefined) versionFallback();
  const version = flags.text('kubernetes-version');
  if (version !== undefined) cluster.kubernetesVersion = `v${version.replace(/^v/, '')}`;
  cluster.podSubnet = flags.text('pod-network-cidr') ?? cluster.podSubnet;
  cluster.serviceSubnet = flags.text('service-cidr') ?? cluster.serviceSubnet;
  cluster.dnsDomain = flags.text('service-dns-domain') ?? cluster.dnsDomain;
  cluster.controlPlaneEndpoint = flags.text('control-plane-endpoint') ?? cluster.controlPlaneEndpoint;
  cluster.imageRepository = flags.text('image-repository') ?? cluster.imageRepository;
  cluster.certificatesDir = flags.text('cert-dir') ?? cluster.certificatesDir;
  cluster.certSANs = [...cluster.certSANs, ...flags.list('apiserver-cert-extra-sans')];
  node.name = flags.text('node-name') ?? node.name;
  node.criSocket = flags.text('cri-socket') ?? node.criSocket;
  node.advertiseAddress = flags.text('apiserver-advertise-address') ?? node.advertiseAddress;
  node.bindPort = Number(flags.text('apiserver-bind-port') ?? node.bindPort);
  settings.certificateKey = flags.text('certificate-key') ?? settings.certificateKey;
  const [first] = settings.tokens;
  const token = flags.text('token');
  const ttl = goDuration(flags.text('token-ttl') ?? '');
  if (first !== undefined && (token !== undefined || ttl !== undefined)) {
    settings.tokens = [{ ...first, token: token ?? first.token, ttl: ttl ?? first.ttl }];
  }
  checkInit(settings);
  return settings;
}
