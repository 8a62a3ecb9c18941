import type { Member } from '../api/store.ts';
import { parseFlags, type Parsed } from '../host/flags.ts';
import { exists, makeDir, remove, write } from '../host/files.ts';
import { Exit, messageOf } from '../host/exit.ts';
import { patience, poll } from '../host/pace.ts';
import { ADMIN_CONF, MANIFESTS_DIR } from '../host/paths.ts';
import { readYaml } from '../host/yaml.ts';
import { ApiError, connect, type Client } from '../kube/client.ts';
import { accessFrom, writeKubeconfig, type Access } from '../kube/kubeconfig.ts';
import type { KubeObject } from '../kube/types.ts';
import { makeCertificates } from './certs.ts';
import { readCluster } from './config-read.ts';
import type { ClusterSettings, Document, JoinSettings } from './config-types.ts';
import { waitForApi } from './control-plane-wait.ts';
import { discover } from './discovery.ts';
import { controlPlaneChecks, imageChecks, joinChecks } from './init-checks.ts';
import { JOIN_FLAGS, joinSettings } from './join-settings.ts';
import { makeKubeconfigs } from './kubeconfigs.ts';
import { startKubelet, waitForKubelet } from './kubelet-start.ts';
import { makeControlPlane, makeEtcd } from './manifests.ts';
import { markControlPlane } from './mark.ts';
import { say } from './output.ts';
import { runChecks, start } from './preflight.ts';
import { chooseSocket } from './socket.ts';
import { annotateSocket, downloadCerts } from './upload.ts';
import { runPhases, type Phase } from './workflow.ts';

const BOOTSTRAP = '/etc/kubernetes/bootstrap-kubelet.conf';
const KUBELET = '/etc/kubernetes/kubelet.conf';

interface Job {
  readonly flags: Parsed;
  readonly settings: JoinSettings;
  readonly socket: string;
  /** Known after discovery. */
  access: Access;
  cluster: ClusterSettings;
}

/** A client with the bootstrap token. */
function tokenClient({ access, settings }: Job): Client {
  return connect({ ...access, ...(settings.tlsToken === undefined ? {} : { token: settings.tlsToken }) });
}

async function readMap(client: Client, name: string): Promise<KubeObject> {
  try {
    return await client.get(`/api/v1/namespaces/kube-system/configmaps/${name}`);
  } catch (error) {
    const why = error instanceof ApiError ? error.status.message : messageOf(error);
    throw new Exit(`unable to fetch the ${name} ConfigMap: failed to get config map: ${why}`);
  }
}

function hostingProblem(job: Job): string | undefined {
  const dir = job.cluster.certificatesDir;
  if (job.cluster.controlPlaneEndpoint === undefined) {
    return "unable to add a new control plane instance to a cluster that doesn't have a stable controlPlaneEndpoint address";
  }
  if (job.settings.certificateKey !== undefined || exists(`${dir}/ca.key`)) return undefined;
  return `failure loading certificate for CA: couldn't load the certificate file ${dir}/ca.crt: open ${dir}/ca.crt: no such file or directory`;
}

async function preflight(job: Job): Promise<void> {
  const { settings, flags, socket } = job;
  start();
  const ignore = [...flags.list('ignore-preflight-errors'), ...settings.node.ignorePreflightErrors];
  await runChecks(joinChecks(socket, settings.controlPlane), ignore);
  job.access = await discover(settings);
  const client = tokenClient(job);
  say('[preflight] Reading configuration from the "kubeadm-config" ConfigMap in namespace "kube-system"...');
  say(
    "[preflight] Use 'kubeadm init phase upload-config kubeadm --config your-config-file' to re-upload it.",
  );
  const map = await readMap(client, 'kubeadm-config');
  client.close();
  job.cluster = readCluster(readYaml(map.data?.['ClusterConfiguration'] ?? '') as Document[]);
  if (!settings.controlPlane) return;
  const problem = hostingProblem(job);
  if (problem !== undefined) {
    throw new Exit(
      `\nOne or more conditions for hosting a new control plane instance is not satisfied.\n\n${problem}\n\nPlease ensure that:\n* The cluster has a stable controlPlaneEndpoint address.\n* The certificates that must be shared among control plane instances are provided.\n\n`,
    );
  }
  say('[preflight] Running pre-flight checks before initializing the new control plane instance');
  await runChecks(controlPlaneChecks(job.cluster, settings.node), ignore);
  await runChecks(imageChecks(job.cluster, socket), ignore);
}

async function prepare(job: Job): Promise<void> {
  const { settings, cluster } = job;
  const key = settings.certificateKey;
  if (key !== undefined) {
    const client = tokenClient(job);
    await downloadCerts(client, cluster.certificatesDir, key);
    client.close();
  }
  await makeCertificates(cluster, settings.node);
  say('[kubeconfig] Generating kubeconfig files');
  say('[kubeconfig] Using kubeconfig folder "/etc/kubernetes"');
  await makeKubeconfigs(cluster, settings.node, ['admin', 'controller-manager', 'scheduler']);
  makeControlPlane(cluster, settings.node);
}

async function kubeletStart(job: Job): Promise<void> {
  const { settings, access, cluster } = job;
  const client = tokenClient(job);
  const existing = await client.find(`/api/v1/nodes/${settings.node.name}`);
  const ready = existing?.status?.conditions?.find((c) => c.type === 'Ready')?.status === 'True';
  if (ready) {
    throw new Exit(
      `a Node with name "${settings.node.name}" and status "Ready" already exists in the cluster. You must delete the existing Node or change the name of this new joining Node`,
    );
  }
  const map = await readMap(client, 'kubelet-config');
  client.close();
  const token = settings.tlsToken ?? '';
  write(BOOTSTRAP, writeKubeconfig({ ...access, token }, 'tls-bootstrap-token-user'), 0o600);
  if (!exists(`${cluster.certificatesDir}/ca.crt`))
    write(`${cluster.certificatesDir}/ca.crt`, access.ca ?? '');
  // The real kubelet makes the directory of static pods on workers too.
  makeDir(MANIFESTS_DIR, 0o700);
  const configuration = (readYaml(map.data?.['kubelet'] ?? '')[0] ?? {}) as Record<string, unknown>;
  startKubelet(settings.node, { ...configuration, containerRuntimeEndpoint: job.socket });
}

async function waitBootstrap(job: Job): Promise<void> {
  const { settings } = job;
  await waitForKubelet(settings.timeouts.kubeletHealth);
  say('[kubelet-start] Waiting for the kubelet to perform the TLS Bootstrap');
  const made = await poll(patience(settings.timeouts.tlsBootstrap), () =>
    exists(KUBELET) ? accessFrom(KUBELET) : undefined,
  );
  if (made?.cert === undefined) throw new Exit('timed out waiting for the condition');
  remove(BOOTSTRAP);
  const client = connect({ ...made, cert: made.cert, key: made.cert });
  const node = await poll(patience(60_000), () => client.find(`/api/v1/nodes/${settings.node.name}`));
  if (node === undefined)
    throw new Exit(`error uploading crisocket: nodes "${settings.node.name}" not found`);
  await annotateSocket(client, settings.node.name, job.socket);
  client.close();
}

function adminClient(job: Job): Client {
  const access = accessFrom(ADMIN_CONF);
  if (access === undefined) throw new Exit(`open ${ADMIN_CONF}: no such file or directory`);
  return connect({ ...access, server: job.access.server });
}

async function joinEtcd(job: Job): Promise<void> {
  const { cluster, settings } = job;
  const { name, advertiseAddress: address } = settings.node;
  const client = adminClient(job);
  const before = await client.call<Member[]>('POST', '/slipway-lab/members', { add: { name, address } });
  client.close();
  say(`[etcd] Announced new etcd member joining to the existing etcd cluster`);
  say(`[etcd] Creating static Pod manifest for "etcd"`);
  makeEtcd(
    cluster,
    settings.node,
    before.filter((member) => member.name !== name),
  );
  say(`[etcd] Waiting for the new etcd member to join the cluster. This can take up to 40s`);
}

async function mark(job: Job): Promise<void> {
  const client = adminClient(job);
  await markControlPlane(client, job.settings.node);
  client.close();
}

function phases(job: Job): Phase[] {
  const { settings } = job;
  const only = (name: string, run: () => Promise<void>): Phase[] =>
    settings.controlPlane ? [{ name, run }] : [];
  return [
    { name: 'preflight', run: () => preflight(job) },
    ...only('control-plane-prepare', () => prepare(job)),
    { name: 'kubelet-start', run: () => kubeletStart(job) },
    ...only('etcd-join', () => joinEtcd(job)),
    { name: 'kubelet-wait-bootstrap', run: () => waitBootstrap(job) },
    ...only('control-plane-join', () => mark(job)),
    ...only('wait-control-plane', async () => {
      const client = adminClient(job);
      await waitForApi(client, settings.timeouts.controlPlane, settings.node);
      client.close();
    }),
  ];
}

const WORKER_DONE = `
This node has joined the cluster:
* Certificate signing request was sent to apiserver and a response was received.
* The Kubelet was informed of the new secure connection details.

Run 'kubectl get nodes' on the control-plane to see this node join the cluster.
`;

const CONTROL_PLANE_DONE = `
This node has joined the cluster and a new control plane instance was created:

* Certificate signing request was sent to apiserver and approval was received.
* The Kubelet was informed of the new secure connection details.
* Control plane label and taint were applied to the new node.
* The Kubernetes control plane instances scaled up.
* A new etcd member was added to the local/stacked etcd cluster.

To start administering your cluster from this node, you need to run the following as a regular user:

	mkdir -p $HOME/.kube
	sudo cp -i ${ADMIN_CONF} $HOME/.kube/config
	sudo chown $(id -u):$(id -g) $HOME/.kube/config

Run 'kubectl get nodes' to see this node join the cluster.
`;

/** `kubeadm join`. */
export async function join(argv: readonly string[]): Promise<void> {
  const flags = parseFlags(argv, JOIN_FLAGS);
  const settings = joinSettings(flags);
  const socket = chooseSocket(settings.node.criSocket);
  const job: Job = { flags, settings, socket, access: { server: '' }, cluster: readCluster([]) };
  await runPhases('join', phases(job), [...flags.list('skip-phases'), ...settings.skipPhases]);
  say(settings.controlPlane ? CONTROL_PLANE_DONE : WORKER_DONE);
}
