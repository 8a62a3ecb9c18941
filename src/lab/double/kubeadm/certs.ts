import { createPublicKey, type KeyObject } from 'node:crypto';
import { Exit } from '../host/exit.ts';
import { exists, read, write } from '../host/files.ts';
import { nthAddress } from '../host/range.ts';
import { keyPem, newKey, readKey } from '../pki/keys.ts';
import { createCertificate, subjectOf, type Subject } from '../pki/x509.ts';
import type { ClusterSettings, NodeSettings } from './config-types.ts';
import { say } from './output.ts';

interface CertificateSpec {
  /** As in the path below the certificates directory and in the messages: `etcd/server`. */
  readonly name: string;
  /** The authority that signs; undefined for an authority. */
  readonly by?: 'ca' | 'front-proxy-ca' | 'etcd/ca';
  readonly subject: (node: NodeSettings) => Subject;
  readonly usages?: readonly ('client' | 'server')[];
  readonly names?: (cluster: ClusterSettings, node: NodeSettings) => string[];
}

function apiNames(cluster: ClusterSettings, node: NodeSettings): string[] {
  const endpoint = cluster.controlPlaneEndpoint?.replace(/:\d+$/, '');
  const names = [
    'kubernetes',
    'kubernetes.default',
    'kubernetes.default.svc',
    `kubernetes.default.svc.${cluster.dnsDomain}`,
    node.name,
    nthAddress(cluster.serviceSubnet, 1),
    node.advertiseAddress,
    ...(endpoint === undefined ? [] : [endpoint]),
    ...cluster.certSANs,
  ];
  return [...new Set(names)];
}

const etcdNames = (_: ClusterSettings, node: NodeSettings): string[] => [
  'localhost',
  node.name,
  node.advertiseAddress,
  '127.0.0.1',
  '::1',
];

const SPECS: readonly CertificateSpec[] = [
  { name: 'ca', subject: () => ({ commonName: 'kubernetes' }) },
  {
    name: 'apiserver',
    by: 'ca',
    subject: () => ({ commonName: 'kube-apiserver' }),
    usages: ['server'],
    names: apiNames,
  },
  {
    name: 'apiserver-kubelet-client',
    by: 'ca',
    subject: () => ({
      commonName: 'kube-apiserver-kubelet-client',
      organizations: ['kubeadm:cluster-admins'],
    }),
    usages: ['client'],
  },
  { name: 'front-proxy-ca', subject: () => ({ commonName: 'front-proxy-ca' }) },
  {
    name: 'front-proxy-client',
    by: 'front-proxy-ca',
    subject: () => ({ commonName: 'front-proxy-client' }),
    usages: ['client'],
  },
  { name: 'etcd/ca', subject: () => ({ commonName: 'etcd-ca' }) },
  {
    name: 'etcd/server',
    by: 'etcd/ca',
    subject: (n) => ({ commonName: n.name }),
    usages: ['server', 'client'],
    names: etcdNames,
  },
  {
    name: 'etcd/peer',
    by: 'etcd/ca',
    subject: (n) => ({ commonName: n.name }),
    usages: ['server', 'client'],
    names: etcdNames,
  },
  {
    name: 'etcd/healthcheck-client',
    by: 'etcd/ca',
    subject: () => ({ commonName: 'kube-etcd-healthcheck-client' }),
    usages: ['client'],
  },
  {
    name: 'apiserver-etcd-client',
    by: 'etcd/ca',
    subject: () => ({ commonName: 'kube-apiserver-etcd-client' }),
    usages: ['client'],
  },
];

export interface Authority {
  readonly cert: string;
  readonly key: KeyObject;
}

/** The certificate and key of an authority on disk; throws where they are not both there. */
export function authority(dir: string, name: string): Authority {
  const cert = read(`${dir}/${name}.crt`);
  const key = read(`${dir}/${name}.key`);
  if (cert === undefined)
    throw new Exit(
      `couldn't load the certificate file ${dir}/${name}.crt: open ${dir}/${name}.crt: no such file or directory`,
    );
  if (key === undefined)
    throw new Exit(
      `couldn't load the private key file ${dir}/${name}.key: open ${dir}/${name}.key: no such file or directory`,
    );
  return { cert, key: readKey(key) };
}

function announce(name: string, names: readonly string[]): void {
  const dns = names.filter((n) => !/^[\d.]+$|:/.test(n));
  const ips = names.filter((n) => /^[\d.]+$|:/.test(n));
  say(`[certs] ${name} serving cert is signed for DNS names [${dns.join(' ')}] and IPs [${ips.join(' ')}]`);
}

async function make(
  spec: CertificateSpec,
  cluster: ClusterSettings,
  node: NodeSettings,
  key: Promise<KeyObject>,
): Promise<void> {
  const dir = cluster.certificatesDir;
  const path = `${dir}/${spec.name}`;
  if (exists(`${path}.crt`) && exists(`${path}.key`)) {
    say(
      spec.by === undefined
        ? `[certs] Using existing ${spec.name} certificate authority`
        : `[certs] Using existing ${spec.name} certificate and key on disk`,
    );
    return;
  }
  say(`[certs] Generating "${spec.name}" certificate and key`);
  const privateKey = await key;
  const subject = spec.subject(node);
  const parent = spec.by === undefined ? undefined : authority(dir, spec.by);
  const issuer =
    parent === undefined
      ? { subject, key: privateKey }
      : { subject: subjectOf(parent.cert), key: parent.key };
  const names = spec.names?.(cluster, node) ?? [];
  const cert = createCertificate({
    subject,
    publicKey: createPublicKey(privateKey),
    issuer,
    days: parent === undefined ? 3650 : 365,
    authority: parent === undefined,
    ...(spec.usages === undefined ? {} : { usages: spec.usages }),
    names,
  });
  write(`${path}.crt`, cert, 0o644);
  write(`${path}.key`, keyPem(privateKey), 0o600);
  if (names.length > 0) announce(spec.name, names);
}

async function serviceAccountKey(dir: string): Promise<void> {
  if (exists(`${dir}/sa.key`)) return say('[certs] Using the existing "sa" key');
  say('[certs] Generating "sa" key and public key');
  const key = await newKey();
  write(`${dir}/sa.key`, keyPem(key), 0o600);
  write(`${dir}/sa.pub`, createPublicKey(key).export({ type: 'spki', format: 'pem' }) as string, 0o600);
}

/** The names that `kubeadm init phase certs` takes. */
export const CERTIFICATES: readonly string[] = [...SPECS.map((spec) => spec.name.replace('/', '-')), 'sa'];

/** Makes the certificates that are missing; keys are made side by side, files in kubeadm's order. */
export async function makeCertificates(
  cluster: ClusterSettings,
  node: NodeSettings,
  only?: string,
): Promise<void> {
  const dir = cluster.certificatesDir;
  if (only === undefined) say(`[certs] Using certificateDir folder "${dir}"`);
  const wanted = SPECS.filter((spec) => only === undefined || spec.name.replace('/', '-') === only);
  const missing = wanted.filter(
    (spec) => !exists(`${dir}/${spec.name}.crt`) || !exists(`${dir}/${spec.name}.key`),
  );
  const keys = new Map(missing.map((spec) => [spec.name, newKey()]));
  for (const spec of wanted) await make(spec, cluster, node, keys.get(spec.name) ?? newKey());
  if (only === undefined || only === 'sa') await serviceAccountKey(dir);
}

/** The files that one control plane hands to the next. */
export const SHARED_FILES = [
  'ca.crt',
  'ca.key',
  'sa.key',
  'sa.pub',
  'front-proxy-ca.crt',
  'front-proxy-ca.key',
  'etcd/ca.crt',
  'etcd/ca.key',
] as const;
