import { createServer, type Server } from 'node:https';
import { startApi, type ApiServer } from '../api/server.ts';
import { leaderFile } from '../api/store.ts';
import { messageOf } from '../host/exit.ts';
import { ownAddress } from '../host/address.ts';
import { exists, read, write } from '../host/files.ts';
import { klog } from '../host/text.ts';
import { ensureImage } from '../runtime/images.ts';
import type { StaticPod } from './static-pods.ts';

/** A TLS listener that answers `ok`: what etcd, the controller manager and the scheduler show of themselves. */
export async function listen(
  port: number,
  host: string,
  tls: { cert: string; key: string },
): Promise<Server> {
  const server = createServer(tls, (_, response) => response.end('ok'));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  server.unref();
  return server;
}

interface Part {
  readonly text: string;
  close(): void;
}

export interface ControlPlane {
  /** Starts what has a manifest, stops what has none any more. */
  reconcile(pods: ReadonlyMap<string, StaticPod>): Promise<void>;
  close(): void;
}

const closeAll = (servers: readonly Server[]): void => {
  for (const server of servers) {
    server.close();
    server.closeAllConnections();
  }
};

/** The members as etcd.yaml names them; the first one is this host where it began the cluster. */
function firstMember(flags: ReadonlyMap<string, string>): string | undefined {
  return /=https:\/\/([^,]+):2380/.exec(flags.get('initial-cluster') ?? '')?.[1];
}

function selfAddress(flags: ReadonlyMap<string, string>): string {
  return /https:\/\/([^,:]+):/.exec(flags.get('advertise-client-urls') ?? '')?.[1] ?? '127.0.0.1';
}

function tlsOf(flags: ReadonlyMap<string, string>, cert: string, key: string): { cert: string; key: string } {
  const file = (name: string): string => {
    const path = flags.get(name) ?? '';
    const text = read(path);
    if (text === undefined) throw new Error(`open ${path}: no such file or directory`);
    return text;
  };
  return { cert: file(cert), key: file(key) };
}

async function startEtcd({ flags }: StaticPod): Promise<Server[]> {
  const host = selfAddress(flags);
  const dataDir = flags.get('data-dir') ?? '/var/lib/etcd';
  const first = firstMember(flags);
  const fresh = !exists(`${dataDir}/member`);
  if (fresh && first !== undefined && first !== host) write(leaderFile(dataDir), `${first}\n`);
  const tls = tlsOf(flags, 'cert-file', 'key-file');
  return [await listen(2379, host, tls), await listen(2380, host, tls)];
}

async function startApiServer(
  api: StaticPod,
  etcd: StaticPod,
  pods: () => ReadonlyMap<string, StaticPod>,
  kubelet: string,
): Promise<ApiServer> {
  const { flags } = api;
  const need = (name: string): string => flags.get(name) ?? '';
  const file = (path: string): string => read(path) ?? '';
  const address = need('advertise-address');
  const pki = need('client-ca-file').replace(/\/[^/]*$/, '');
  const image = api.pod.spec?.containers?.[0]?.image ?? '';
  return startApi({
    address: ownAddress() ?? '0.0.0.0',
    port: Number(need('secure-port') || 6443),
    version: /:v(\d+\.\d+\.\d+)/.exec(image)?.[1] ?? kubelet,
    self: { name: etcd.flags.get('name') ?? '', address },
    dataDir: etcd.flags.get('data-dir') ?? '/var/lib/etcd',
    ...tlsOf(flags, 'tls-cert-file', 'tls-private-key-file'),
    ca: file(need('client-ca-file')),
    caKey: file(`${pki}/ca.key`),
    client: tlsOf(flags, 'kubelet-client-certificate', 'kubelet-client-key'),
    serviceRange: need('service-cluster-ip-range') || '10.96.0.0/12',
    podSubnet: () => pods().get('kube-controller-manager')?.flags.get('cluster-cidr'),
    running: () => ({
      controllerManager: pods().has('kube-controller-manager'),
      scheduler: pods().has('kube-scheduler'),
    }),
  });
}

/** Runs the control plane's four programs inside this process, by the manifests that kubeadm wrote. */
export function controlPlane(version: string, socket: string): ControlPlane {
  const parts = new Map<string, Part>();
  let current: ReadonlyMap<string, StaticPod> = new Map();
  const failed = new Map<string, string>();
  const stop = (name: string): void => {
    parts.get(name)?.close();
    parts.delete(name);
  };
  const start = async (name: string, pod: StaticPod): Promise<Part> => {
    const problem = ensureImage(socket, pod.pod.spec?.containers?.[0]?.image ?? '');
    if (problem !== undefined) throw new Error(problem);
    if (name === 'kube-apiserver') {
      const etcd = current.get('etcd');
      if (etcd === undefined || !parts.has('etcd'))
        throw new Error('connection error: dial tcp 127.0.0.1:2379: connect: connection refused');
      const api = await startApiServer(pod, etcd, () => current, version);
      return { text: pod.text, close: () => api.close() };
    }
    const tls = (): { cert: string; key: string } =>
      tlsOf(current.get('kube-apiserver')?.flags ?? pod.flags, 'tls-cert-file', 'tls-private-key-file');
    const host = ownAddress() ?? '127.0.0.1';
    const servers =
      name === 'etcd'
        ? await startEtcd(pod)
        : [await listen(name === 'kube-scheduler' ? 10259 : 10257, host, tls())];
    return { text: pod.text, close: () => closeAll(servers) };
  };
  return {
    async reconcile(pods) {
      current = pods;
      for (const [name, part] of parts) if (pods.get(name)?.text !== part.text) stop(name);
      for (const name of ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler']) {
        const pod = pods.get(name);
        if (pod === undefined || parts.has(name)) continue;
        try {
          parts.set(name, await start(name, pod));
          failed.delete(name);
        } catch (error) {
          const message = messageOf(error);
          if (failed.get(name) !== message)
            process.stderr.write(
              klog(
                'E',
                'pod_workers.go:1324',
                `"Error syncing pod" pod="kube-system/${name}" err="${message}"`,
              ),
            );
          failed.set(name, message);
        }
      }
    },
    close() {
      for (const name of parts.keys()) stop(name);
    },
  };
}
