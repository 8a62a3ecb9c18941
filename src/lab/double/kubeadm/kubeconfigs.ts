import { createPublicKey } from 'node:crypto';
import { Exit } from '../host/exit.ts';
import { read, write } from '../host/files.ts';
import { KUBERNETES_DIR } from '../host/paths.ts';
import { accessOf, parseKubeconfig, writeKubeconfig } from '../kube/kubeconfig.ts';
import { keyPem, newKey } from '../pki/keys.ts';
import { createCertificate, subjectOf, type Subject } from '../pki/x509.ts';
import { authority } from './certs.ts';
import type { ClusterSettings, NodeSettings } from './config-types.ts';
import { say } from './output.ts';

interface ConfSpec {
  readonly file: string;
  /** The name of the sub-phase. */
  readonly phase: string;
  readonly user: (node: NodeSettings) => string;
  readonly subject: (node: NodeSettings) => Subject;
  /** Talks to this host's API server and not to the shared endpoint. */
  readonly local?: boolean;
}

const plain = (phase: string, commonName: string, organizations: string[], local = false): ConfSpec => ({
  file: `${phase}.conf`,
  phase,
  user: () => commonName,
  subject: () => ({ commonName, organizations }),
  local,
});

const SPECS: readonly ConfSpec[] = [
  plain('admin', 'kubernetes-admin', ['kubeadm:cluster-admins']),
  plain('super-admin', 'kubernetes-super-admin', ['system:masters']),
  {
    file: 'kubelet.conf',
    phase: 'kubelet',
    user: (node) => `system:node:${node.name}`,
    subject: (node) => ({ commonName: `system:node:${node.name}`, organizations: ['system:nodes'] }),
  },
  plain('controller-manager', 'system:kube-controller-manager', [], true),
  plain('scheduler', 'system:kube-scheduler', [], true),
];

export const CONF_PHASES: readonly string[] = SPECS.map((spec) => spec.phase);
/** Every file that reset deletes. */
export const CONF_FILES: readonly string[] = [
  'admin.conf',
  'super-admin.conf',
  'kubelet.conf',
  'bootstrap-kubelet.conf',
  'controller-manager.conf',
  'scheduler.conf',
].map((name) => `${KUBERNETES_DIR}/${name}`);

export function localServer(node: NodeSettings): string {
  return `https://${node.advertiseAddress}:${node.bindPort}`;
}

/** The shared endpoint where there is one, else this host's own. */
export function serverOf(cluster: ClusterSettings, node: NodeSettings): string {
  const endpoint = cluster.controlPlaneEndpoint;
  if (endpoint === undefined) return localServer(node);
  return /:\d+$/.test(endpoint) ? `https://${endpoint}` : `https://${endpoint}:${node.bindPort}`;
}

function checkExisting(path: string, text: string, ca: string, server: string): void {
  const config = parseKubeconfig(text);
  const access = config === undefined ? undefined : accessOf(config);
  if (access?.ca?.trim() !== ca.trim()) {
    throw new Exit(`a kubeconfig file "${path}" exists already but has got the wrong CA cert`);
  }
  if (access.server !== server) {
    throw new Exit(
      `a kubeconfig file "${path}" exists already but has an unexpected API Server URL: expected: ${server}, got: ${access.server}`,
    );
  }
  say(`[kubeconfig] Using existing kubeconfig file: "${path}"`);
}

/** Writes the kubeconfigs that are missing and checks those that are there. */
export async function makeKubeconfigs(
  cluster: ClusterSettings,
  node: NodeSettings,
  phases: readonly string[],
): Promise<void> {
  const ca = authority(cluster.certificatesDir, 'ca');
  const wanted = SPECS.filter((spec) => phases.includes(spec.phase));
  const missing = wanted.filter((spec) => read(`${KUBERNETES_DIR}/${spec.file}`) === undefined);
  const keys = new Map(missing.map((spec) => [spec.file, newKey()]));
  for (const spec of wanted) {
    const path = `${KUBERNETES_DIR}/${spec.file}`;
    const server = spec.local ? localServer(node) : serverOf(cluster, node);
    const existing = read(path);
    const pending = keys.get(spec.file);
    if (existing !== undefined || pending === undefined) {
      checkExisting(path, existing ?? '', ca.cert, server);
      continue;
    }
    say(`[kubeconfig] Writing "${spec.file}" kubeconfig file`);
    const key = await pending;
    const subject = spec.subject(node);
    const issuer = { subject: subjectOf(ca.cert), key: ca.key };
    const cert = createCertificate({
      subject,
      publicKey: createPublicKey(key),
      issuer,
      days: 365,
      usages: ['client'],
    });
    write(path, writeKubeconfig({ server, ca: ca.cert, cert, key: keyPem(key) }, spec.user(node)), 0o600);
  }
}
