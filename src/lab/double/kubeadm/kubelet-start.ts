import { get } from 'node:http';
import { ownAddress } from '../host/address.ts';
import { Exit, messageOf } from '../host/exit.ts';
import { write } from '../host/files.ts';
import { patience, poll } from '../host/pace.ts';
import { KUBELET_DIR, MANIFESTS_DIR } from '../host/paths.ts';
import { nthAddress } from '../host/range.ts';
import { services } from '../host/services.ts';
import { writeYaml } from '../host/yaml.ts';
import type { ClusterSettings, NodeSettings } from './config-types.ts';
import { say, warn } from './output.ts';

/** The kubelet's configuration as kubeadm fills it in, over what the user gave. */
export function kubeletConfiguration(
  cluster: ClusterSettings,
  given: Record<string, unknown>,
  socket: string,
): Record<string, unknown> {
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    authentication: {
      anonymous: { enabled: false },
      webhook: { cacheTTL: '0s', enabled: true },
      x509: { clientCAFile: `${cluster.certificatesDir}/ca.crt` },
    },
    authorization: { mode: 'Webhook', webhook: { cacheAuthorizedTTL: '0s', cacheUnauthorizedTTL: '0s' } },
    cgroupDriver: 'systemd',
    clusterDNS: [nthAddress(cluster.serviceSubnet, 10)],
    clusterDomain: cluster.dnsDomain,
    containerRuntimeEndpoint: socket,
    healthzBindAddress: '127.0.0.1',
    healthzPort: 10_248,
    rotateCertificates: true,
    staticPodPath: MANIFESTS_DIR,
    ...given,
  };
}

/** Writes the kubelet's two files and starts it. */
export function startKubelet(node: NodeSettings, configuration: Record<string, unknown>): void {
  const init = services();
  if (init.known) {
    try {
      init.stop('kubelet');
    } catch (error) {
      warn(`the kubelet service could not be stopped: ${messageOf(error)}`);
    }
  }
  say(
    `[kubelet-start] Writing kubelet environment file with flags to file "${KUBELET_DIR}/kubeadm-flags.env"`,
  );
  const taints = (node.taints ?? []).map((t) => `${t.key}=${t.value ?? ''}:${t.effect}`).join(',');
  const args = [
    ...(taints === '' ? [] : [`--register-with-taints=${taints}`]),
    ...node.kubeletExtraArgs.map(({ name, value }) => `--${name}=${value}`),
    `--hostname-override=${node.name}`,
  ];
  write(`${KUBELET_DIR}/kubeadm-flags.env`, `KUBELET_KUBEADM_ARGS="${args.join(' ')}"\n`);
  say(`[kubelet-start] Writing kubelet configuration to file "${KUBELET_DIR}/config.yaml"`);
  write(`${KUBELET_DIR}/config.yaml`, writeYaml(configuration));
  say('[kubelet-start] Starting the kubelet');
  if (!init.known) return warn('The kubelet service could not be started: no supported init system detected');
  try {
    init.restart('kubelet');
  } catch (error) {
    warn(`[kubelet-start] WARNING: unable to start the kubelet service: [${messageOf(error)}]`);
    warn('[kubelet-start] Please ensure kubelet is reloaded and running manually.');
  }
}

async function healthy(host: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const request = get({ host, port: 10_248, path: '/healthz', timeout: 2000 }, (response) => {
      response.resume();
      resolve(response.statusCode === 200 ? undefined : `status ${response.statusCode}`);
    });
    request.on('timeout', () => request.destroy(new Error('context deadline exceeded')));
    request.on('error', () => resolve(`dial tcp ${host}:10248: connect: connection refused`));
  });
}

const TROUBLE = `
Unfortunately, an error has occurred, likely caused by:
	- The kubelet is not running
	- The kubelet is unhealthy due to a misconfiguration of the node in some way (required cgroups disabled)

If you are on a systemd-powered system, you can try to troubleshoot the error with the following commands:
	- 'systemctl status kubelet'
	- 'journalctl -xeu kubelet'
`;

const minutes = (ms: number): string => `${Math.floor(ms / 60_000)}m${(ms % 60_000) / 1000}s`;

/** Waits for the kubelet's health; the message of its failure is the real one's. */
export async function waitForKubelet(timeout: number): Promise<void> {
  const host = ownAddress() ?? '127.0.0.1';
  const url = `http://${host}:10248/healthz`;
  say(`[kubelet-check] Waiting for a healthy kubelet at ${url}. This can take up to ${minutes(timeout)}`);
  const from = Date.now();
  let last = '';
  const ready = await poll(patience(timeout), async () => {
    const problem = await healthy(host);
    last = problem ?? '';
    return problem === undefined ? true : undefined;
  });
  if (ready) return say(`[kubelet-check] The kubelet is healthy after ${Date.now() - from}ms`);
  say(`[kubelet-check] The kubelet is not healthy after ${minutes(timeout)}`);
  say(TROUBLE);
  throw new Exit(
    `failed while waiting for the kubelet to start: The HTTP call equal to 'curl -sSL ${url}' returned error: Get "${url}": ${last}`,
  );
}
