import { createInterface } from 'node:readline';
import type { Snapshot } from '../api/store.ts';
import { Exit, messageOf } from '../host/exit.ts';
import { parseFlags, type FlagSpec } from '../host/flags.ts';
import { emptyDir, exists, read, remove } from '../host/files.ts';
import { ADMIN_CONF, KUBELET_DIR, KUBELET_PODS, MANIFESTS_DIR } from '../host/paths.ts';
import { services } from '../host/services.ts';
import { connect, type Client } from '../kube/client.ts';
import { accessFrom } from '../kube/kubeconfig.ts';
import { probeRuntime } from '../runtime/sockets.ts';
import { readYaml } from '../host/yaml.ts';
import { clientFrom } from './cluster.ts';
import { kindOf as documentOf, readDocuments } from './config-read.ts';
import { CONF_FILES } from './kubeconfigs.ts';
import { say, warn } from './output.ts';
import { root, runChecks } from './preflight.ts';
import { chooseSocket } from './socket.ts';
import { runPhases } from './workflow.ts';

const FLAGS: FlagSpec = {
  'cert-dir': 'text',
  'cleanup-tmp-dir': 'bool',
  config: 'text',
  'cri-socket': 'text',
  'dry-run': 'bool',
  force: 'bool',
  'ignore-preflight-errors': 'list',
  kubeconfig: 'text',
  'skip-phases': 'list',
  v: 'text',
};

interface Options {
  readonly certsDir: string;
  readonly socket: string | undefined;
  readonly cleanTmp: boolean;
  readonly force: boolean;
  readonly ignore: readonly string[];
  /** The phase that takes the member away is skipped. */
  readonly keepsEtcd: boolean;
}

/** Asks on the terminal or a pipe; anything but y or Y, or an end, is no. */
async function confirm(): Promise<void> {
  warn("[reset] WARNING: Changes made to this host by 'kubeadm init' or 'kubeadm join' will be reverted.");
  process.stdout.write('[reset] Are you sure you want to proceed? [y/N]: ');
  const lines = createInterface({ input: process.stdin });
  let answer = '';
  for await (const line of lines) {
    answer = line.trim().toLowerCase();
    break;
  }
  lines.close();
  if (answer === '') process.stdout.write('\n');
  if (answer !== 'y') throw new Exit('aborted reset operation');
}

/** Takes this member out of etcd; where it holds the state, another member gets it. */
async function leave(client: Client, self: string): Promise<void> {
  const snapshot = await client.call<Snapshot>('POST', '/slipway-lab/etcd', {});
  const own = snapshot.members.find(
    (member) =>
      `https://${member.address}:6443` === self || client.access.server.includes(`//${member.address}:`),
  );
  const rest = snapshot.members.filter((member) => member.name !== own?.name);
  await client.call('POST', '/slipway-lab/members', { remove: own?.name ?? '' });
  const heir = rest[0];
  if (heir === undefined || own === undefined) return;
  const state = await client.call<Snapshot>('POST', '/slipway-lab/etcd', {});
  for (const member of rest) {
    const peer = connect({ ...client.access, server: `https://${member.address}:6443` });
    const first = member.name === heir.name;
    await peer.call(
      'POST',
      first ? '/slipway-lab/snapshot' : '/slipway-lab/leader',
      first ? state : { address: heir.address },
    );
    peer.close();
  }
}

async function removeMember(dataDir: string): Promise<void> {
  if (!exists(`${MANIFESTS_DIR}/etcd.yaml`)) {
    warn('[reset] No kubeadm config, using etcd pod spec to get data directory');
    say('[reset] No etcd config found. Assuming external etcd');
    return say('[reset] Please, manually reset etcd to prevent further issues');
  }
  const manifest = read(`${MANIFESTS_DIR}/etcd.yaml`) ?? '';
  const address = /advertise-client-urls=https:\/\/([^:,\s"]+):/.exec(manifest)?.[1] ?? '';
  const access = accessFrom(ADMIN_CONF);
  try {
    if (access === undefined) throw new Error(`open ${ADMIN_CONF}: no such file or directory`);
    const client = connect({ ...access, server: `https://${address}:6443` });
    await leave(client, `https://${address}:6443`);
    client.close();
  } catch (error) {
    warn(
      `[reset] Failed to remove etcd member: ${messageOf(error)}, please manually remove this etcd member using etcdctl`,
    );
  }
  say(`[reset] Deleted contents of the etcd data directory: ${dataDir}`);
  emptyDir(dataDir);
}

function etcdDataDir(): string {
  const text = read(`${MANIFESTS_DIR}/etcd.yaml`);
  return /--data-dir=([^\s"]+)/.exec(text ?? '')?.[1] ?? '/var/lib/etcd';
}

async function cleanup(options: Options): Promise<void> {
  say('[reset] Stopping the kubelet service');
  try {
    services().stop('kubelet');
  } catch (error) {
    warn(`[reset] The kubelet service could not be stopped by kubeadm: [${messageOf(error)}]`);
    warn('[reset] Please ensure kubelet is stopped manually');
  }
  // What stands in for etcd may have written once more before it ended.
  if (!options.keepsEtcd && exists(`${MANIFESTS_DIR}/etcd.yaml`)) emptyDir(etcdDataDir());
  say(`[reset] Unmounting mounted directories in "${KUBELET_DIR}"`);
  const socket = chooseSocketQuietly(options.socket);
  const problem =
    socket === undefined ? 'found multiple CRI endpoints on the host' : await probeRuntime(socket);
  if (problem !== undefined) warn(`[reset] Failed to remove containers: ${problem}`);
  remove(KUBELET_PODS);
  const dirs = [
    MANIFESTS_DIR,
    KUBELET_DIR,
    options.certsDir,
    ...(options.cleanTmp ? ['/etc/kubernetes/tmp'] : []),
  ];
  if (options.certsDir !== '/etc/kubernetes/pki') {
    warn(`[reset] WARNING: Cleaning a non-default certificates directory: "${options.certsDir}"`);
  }
  say(`[reset] Deleting contents of directories: [${dirs.join(' ')}]`);
  for (const dir of dirs) emptyDir(dir);
  say(`[reset] Deleting files: [${CONF_FILES.join(' ')}]`);
  for (const file of CONF_FILES) remove(file);
}

function chooseSocketQuietly(given: string | undefined): string | undefined {
  try {
    return chooseSocket(given);
  } catch {
    return undefined;
  }
}

const LEFT = `
The reset process does not perform cleanup of CNI plugin configuration,
network filtering rules and kubeconfig files.

For information on how to perform this cleanup manually, please see:
    https://k8s.io/docs/reference/setup-tools/kubeadm/kubeadm-reset/
`;

async function preflight(options: Options): Promise<void> {
  say('[preflight] Running pre-flight checks');
  if (!options.force) await confirm();
  await runChecks([root], options.ignore);
}

/** The configuration in the cluster, where it can still be read: only said, as the real one says it. */
async function greet(kubeconfig: string): Promise<void> {
  if (!exists(kubeconfig)) return;
  say('[reset] Reading configuration from the "kubeadm-config" ConfigMap in namespace "kube-system"...');
  say("[reset] Use 'kubeadm init phase upload-config kubeadm --config your-config-file' to re-upload it.");
  try {
    const client = clientFrom(kubeconfig);
    const map = await client.get('/api/v1/namespaces/kube-system/configmaps/kubeadm-config');
    client.close();
    readYaml(map.data?.['ClusterConfiguration'] ?? '');
  } catch (error) {
    warn(
      `[reset] Unable to fetch the kubeadm-config ConfigMap from cluster: failed to get config map: ${messageOf(error)}`,
    );
  }
}

/** `kubeadm reset`. Exits 0 even where containers could not be removed: it only warns. */
export async function reset(argv: readonly string[]): Promise<void> {
  const flags = parseFlags(argv, FLAGS, { f: 'force' });
  const path = flags.text('config');
  const given = path === undefined ? {} : documentOf(readDocuments(path), 'ResetConfiguration');
  const options: Options = {
    certsDir:
      flags.text('cert-dir') ?? (given['certificatesDir'] as string | undefined) ?? '/etc/kubernetes/pki',
    socket: flags.text('cri-socket') ?? (given['criSocket'] as string | undefined),
    cleanTmp: flags.bool('cleanup-tmp-dir') || given['cleanupTmpDir'] === true,
    force: flags.bool('force') || given['force'] === true,
    ignore: flags.list('ignore-preflight-errors'),
    keepsEtcd: flags.list('skip-phases').includes('remove-etcd-member'),
  };
  await greet(flags.text('kubeconfig') ?? ADMIN_CONF);
  const phases = [
    { name: 'preflight', run: () => preflight(options) },
    { name: 'remove-etcd-member', run: () => removeMember(etcdDataDir()) },
    { name: 'cleanup-node', run: () => cleanup(options) },
  ];
  await runPhases('reset', phases, flags.list('skip-phases'));
  say(LEFT);
}
