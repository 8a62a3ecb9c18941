import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { Exit } from '../host/exit.ts';
import { identity, minorOf } from '../host/identity.ts';
import { exists, read, write } from '../host/files.ts';
import { writeYaml } from '../host/yaml.ts';
import type { Client } from '../kube/client.ts';
import { SHARED_FILES } from './certs.ts';
import { clientFrom, configMap, upsert } from './cluster.ts';
import { apiVersions, randomToken } from './config-read.ts';
import type { Argument, ClusterSettings, InitSettings } from './config-types.ts';
import { say } from './output.ts';
import { tokenSecret } from './tokens.ts';

/** ClusterConfiguration as the ConfigMap holds it. */
export function clusterConfiguration(cluster: ClusterSettings): Record<string, unknown> {
  const version = apiVersions(minorOf(identity().version))[0] ?? 'v1beta4';
  const args = (list: readonly Argument[]): unknown =>
    list.length === 0
      ? undefined
      : version === 'v1beta3'
        ? Object.fromEntries(list.map((a) => [a.name, a.value]))
        : list;
  return {
    apiVersion: `kubeadm.k8s.io/${version}`,
    kind: 'ClusterConfiguration',
    apiServer: {
      certSANs: cluster.certSANs.length === 0 ? undefined : cluster.certSANs,
      extraArgs: args(cluster.apiServerArgs),
    },
    certificatesDir: cluster.certificatesDir,
    clusterName: cluster.clusterName,
    controlPlaneEndpoint: cluster.controlPlaneEndpoint,
    controllerManager: { extraArgs: args(cluster.controllerManagerArgs) },
    dns: {},
    etcd: { local: { dataDir: cluster.etcdDataDir, extraArgs: args(cluster.etcdArgs) } },
    imageRepository: cluster.imageRepository,
    kubernetesVersion: cluster.kubernetesVersion,
    networking: {
      dnsDomain: cluster.dnsDomain,
      podSubnet: cluster.podSubnet,
      serviceSubnet: cluster.serviceSubnet,
    },
    proxy: {},
    scheduler: { extraArgs: args(cluster.schedulerArgs) },
  };
}

export async function uploadConfig(
  client: Client,
  settings: InitSettings,
  kubelet: Record<string, unknown>,
  parts: readonly string[],
): Promise<void> {
  if (parts.includes('kubeadm')) {
    say(
      '[upload-config] Storing the configuration used in ConfigMap "kubeadm-config" in the "kube-system" Namespace',
    );
    const data = { ClusterConfiguration: writeYaml(clusterConfiguration(settings.cluster)) };
    await upsert(client, configMap('kubeadm-config', 'kube-system', data));
  }
  if (parts.includes('kubelet')) {
    say(
      '[kubelet] Creating a ConfigMap "kubelet-config" in namespace kube-system with the configuration for the kubelets in the cluster',
    );
    const { containerRuntimeEndpoint: _, ...shared } = kubelet;
    await upsert(
      client,
      configMap('kubelet-config', 'kube-system', {
        kubelet: writeYaml({ ...shared, containerRuntimeEndpoint: '' }),
      }),
    );
    await annotateSocket(client, settings.node.name, String(kubelet['containerRuntimeEndpoint']));
  }
}

/** Tells the cluster which runtime the node uses. */
export async function annotateSocket(client: Client, node: string, socket: string): Promise<void> {
  const metadata = { annotations: { 'kubeadm.alpha.kubernetes.io/cri-socket': socket } };
  await client.call('PATCH', `/api/v1/nodes/${node}`, { metadata }, 'application/merge-patch+json');
}

const secretKey = (file: string): string => file.replace('/', '-');

function encrypt(text: string, key: Buffer): string {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  return Buffer.concat([nonce, cipher.update(text), cipher.final(), cipher.getAuthTag()]).toString('base64');
}

function decrypt(data: string, key: Buffer): string {
  const bytes = Buffer.from(data, 'base64');
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12));
  decipher.setAuthTag(bytes.subarray(-16));
  return Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()]).toString();
}

/** Puts the shared certificates, encrypted, into a Secret that lives two hours. Returns the key in hex. */
export async function uploadCerts(cluster: ClusterSettings, key: string | undefined): Promise<string> {
  const hex = key ?? randomBytes(32).toString('hex');
  say('[upload-certs] Storing the certificates in Secret "kubeadm-certs" in the "kube-system" Namespace');
  const client = clientFrom();
  try {
    const lease = tokenSecret({
      token: randomToken(),
      ttl: 2 * 3_600_000,
      usages: [],
      groups: [],
      description: 'Proxy for managing TTL for the kubeadm-certs secret',
    });
    const owner = await upsert(client, lease);
    const data: Record<string, string> = {};
    for (const file of SHARED_FILES) {
      const text = read(`${cluster.certificatesDir}/${file}`);
      if (text === undefined)
        throw new Exit(
          `error uploading certs: open ${cluster.certificatesDir}/${file}: no such file or directory`,
        );
      data[secretKey(file)] = encrypt(text, Buffer.from(hex, 'hex'));
    }
    const ref = {
      apiVersion: 'v1',
      kind: 'Secret',
      name: owner.metadata.name,
      uid: owner.metadata.uid ?? '',
      controller: true,
    };
    const metadata = { name: 'kubeadm-certs', namespace: 'kube-system', ownerReferences: [ref] };
    await upsert(client, { apiVersion: 'v1', kind: 'Secret', type: 'Opaque', metadata, data });
  } finally {
    client.close();
  }
  return hex;
}

/** Fetches the shared certificates and writes those that are not there yet. */
export async function downloadCerts(client: Client, dir: string, key: string): Promise<void> {
  const where = 'Secret "kubeadm-certs" in the "kube-system" Namespace';
  say(`[download-certs] Downloading the certificates in ${where}`);
  const secret = await client.find('/api/v1/namespaces/kube-system/secrets/kubeadm-certs');
  if (secret === undefined) {
    throw new Exit(
      'error downloading certs: error downloading the secret: Secret "kubeadm-certs" was not found in the "kube-system" Namespace. This Secret might have expired. Please, run `kubeadm init phase upload-certs --upload-certs` on a control plane to generate a new one',
    );
  }
  for (const file of SHARED_FILES) {
    const data = secret.data?.[secretKey(file)] ?? '';
    let text: string;
    try {
      text = decrypt(data, Buffer.from(key, 'hex'));
    } catch {
      throw new Exit(
        'error downloading certs: error decoding secret data with provided key: cipher: message authentication failed',
      );
    }
    if (!exists(`${dir}/${file}`)) write(`${dir}/${file}`, text, file.endsWith('.key') ? 0o600 : 0o644);
  }
}
