import { detachedSignature } from '../api/controllers/tokens.ts';
import { Exit, messageOf } from '../host/exit.ts';
import { patience, poll } from '../host/pace.ts';
import { read } from '../host/files.ts';
import { ApiError, connect } from '../kube/client.ts';
import { accessOf, parseKubeconfig, type Access } from '../kube/kubeconfig.ts';
import type { KubeObject } from '../kube/types.ts';
import { publicKeyHash } from '../pki/x509.ts';
import type { JoinSettings } from './config-types.ts';

const PATH = '/api/v1/namespaces/kube-public/configmaps/cluster-info';

/** Asks for cluster-info until it carries a signature for the token, or the time is over. */
async function clusterInfo(access: Access, id: string, timeout: number): Promise<KubeObject> {
  const client = connect(access);
  let last = '';
  const found = await poll(
    patience(timeout),
    async () => {
      try {
        const map = await client.get(`${PATH}?timeout=10s`);
        if (map.data?.[`jws-kubeconfig-${id}`] !== undefined) return map;
        last = `could not find a JWS signature in the cluster-info ConfigMap for token ID "${id}"`;
      } catch (error) {
        const message = error instanceof ApiError ? error.status.message : messageOf(error);
        last = `failed to request the cluster-info ConfigMap: ${message}`;
      }
      return undefined;
    },
    500,
  );
  client.close();
  if (found === undefined) throw new Error(last);
  return found;
}

function pinned(ca: string, hashes: readonly string[]): void {
  const hash = publicKeyHash(ca);
  if (hashes.length === 0 || hashes.some((h) => h.toLowerCase() === hash)) return;
  throw new Error(
    `cluster CA found in cluster-info ConfigMap is invalid: none of the public keys "${hash}" are pinned`,
  );
}

async function byToken(settings: JoinSettings): Promise<Access> {
  const server = `https://${settings.endpoint}`;
  const [id = '', secret = ''] = (settings.discoveryToken ?? '').split('.');
  const timeout = settings.timeouts.discovery;
  const insecure = await clusterInfo({ server, insecure: true }, id, timeout);
  const kubeconfig = insecure.data?.['kubeconfig'] ?? '';
  if (insecure.data?.[`jws-kubeconfig-${id}`] !== detachedSignature(kubeconfig, id, secret)) {
    throw new Error(
      "failed to verify JWS signature of received cluster info object, can't trust this API Server",
    );
  }
  const config = parseKubeconfig(kubeconfig);
  const access = config === undefined ? undefined : accessOf({ ...config, 'current-context': '' });
  if (access?.ca === undefined) throw new Error('malformed kubeconfig in the cluster-info ConfigMap');
  pinned(access.ca, settings.hashes);
  if (settings.hashes.length === 0) return access;
  const secure = await clusterInfo({ server, ca: access.ca }, id, timeout);
  if (secure.data?.['kubeconfig'] !== kubeconfig) {
    throw new Error(
      'the second kubeconfig from the cluster-info ConfigMap (using validated TLS) was different from the first',
    );
  }
  return access;
}

/** Finds the cluster and makes sure that it is the right one: its address and its CA. */
export async function discover(settings: JoinSettings): Promise<Access> {
  try {
    const file = settings.discoveryFile;
    if (file === undefined) return await byToken(settings);
    const text = read(file);
    if (text === undefined) throw new Error(`open ${file}: no such file or directory`);
    const config = parseKubeconfig(text);
    const access = config === undefined ? undefined : accessOf(config);
    if (access?.ca === undefined) throw new Error(`malformed kubeconfig in "${file}"`);
    return access;
  } catch (error) {
    throw new Exit(`couldn't validate the identity of the API Server: ${messageOf(error)}`);
  }
}
