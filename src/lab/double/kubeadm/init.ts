import { writeFileSync } from 'node:fs';
import { parseFlags, type Parsed } from '../host/flags.ts';
import { exists } from '../host/files.ts';
import { ADMIN_CONF, at, KUBELET_DIR, MANIFESTS_DIR } from '../host/paths.ts';
import { Exit } from '../host/exit.ts';
import type { Client } from '../kube/client.ts';
import { accessFrom, writeKubeconfig } from '../kube/kubeconfig.ts';
import { publicKeyHash } from '../pki/x509.ts';
import { addDns, addProxy } from './addons.ts';
import { CERTIFICATES, makeCertificates } from './certs.ts';
import { clientFrom } from './cluster.ts';
import type { InitSettings } from './config-types.ts';
import { waitForApi, waitForNode } from './control-plane-wait.ts';
import { imageChecks, initChecks } from './init-checks.ts';
import { INIT_FLAGS, initSettings } from './init-settings.ts';
import { CONF_PHASES, makeKubeconfigs, serverOf } from './kubeconfigs.ts';
import { kubeletConfiguration, startKubelet, waitForKubelet } from './kubelet-start.ts';
import { COMPONENTS, makeControlPlane, makeEtcd } from './manifests.ts';
import { markControlPlane } from './mark.ts';
import { say } from './output.ts';
import { runChecks, start } from './preflight.ts';
import { chooseSocket } from './socket.ts';
import { fileText, joinCommand, setUpTokens } from './tokens.ts';
import { uploadCerts, uploadConfig } from './upload.ts';
import { runPhases, type Phase } from './workflow.ts';

interface Job {
  readonly flags: Parsed;
  readonly settings: InitSettings;
  readonly socket: string;
  /** One part of a phase, where `init phase` named it. */
  readonly part: string | undefined;
  client(): Client;
  certificateKey: string | undefined;
}

/** The parts of a phase that are asked for; throws on one that it does not have. */
function parts(job: Job, all: readonly string[]): readonly string[] {
  if (job.part === undefined || job.part === 'all') return all;
  if (!all.includes(job.part)) throw new Exit(`invalid subcommand "${job.part}"`);
  return [job.part];
}

const fileFor = (settings: InitSettings): string => `${settings.cluster.certificatesDir}/ca.crt`;

async function preflight({ settings, flags, socket }: Job): Promise<void> {
  start();
  const ignore = [...flags.list('ignore-preflight-errors'), ...settings.node.ignorePreflightErrors];
  await runChecks(initChecks(settings.cluster, settings.node, socket), ignore);
  if (settings.node.imagePullPolicy !== 'Never')
    await runChecks(imageChecks(settings.cluster, socket), ignore);
}

/** kubelet.conf has the certificate inside until the kubelet keeps its own. */
function finalizeKubelet({ settings }: Job): void {
  const path = '/etc/kubernetes/kubelet.conf';
  const current = `${KUBELET_DIR}/pki/kubelet-client-current.pem`;
  say(`[kubelet-finalize] Updating "${path}" to point to a rotatable kubelet client certificate and key`);
  const access = accessFrom(path);
  if (access === undefined || !exists(current)) throw new Exit(`could not find ${current}`);
  const { server, ca = '' } = access;
  writeFileSync(
    at(path),
    writeKubeconfig({ server, ca }, `system:node:${settings.node.name}`, { cert: current, key: current }),
  );
}

async function certificates(job: Job): Promise<void> {
  const { cluster, node } = job.settings;
  if (job.part === undefined || job.part === 'all') return makeCertificates(cluster, node);
  for (const name of parts(job, CERTIFICATES)) await makeCertificates(cluster, node, name);
}

async function certsUp(job: Job): Promise<void> {
  if (!job.flags.bool('upload-certs')) return say('[upload-certs] Skipping phase. Please see --upload-certs');
  const key = await uploadCerts(job.settings.cluster, job.settings.certificateKey);
  job.certificateKey = key;
  if (!job.flags.bool('skip-certificate-key-print')) say(`[upload-certs] Using certificate key:\n${key}`);
}

/** What is done on this host alone. */
function hostPhases(job: Job): Phase[] {
  const { settings, socket } = job;
  const { cluster, node, timeouts } = settings;
  const kubelet = kubeletConfiguration(cluster, settings.kubelet, socket);
  return [
    { name: 'preflight', run: () => preflight(job) },
    { name: 'certs', run: () => certificates(job) },
    {
      name: 'kubeconfig',
      run: () => {
        if (job.part === undefined) say('[kubeconfig] Using kubeconfig folder "/etc/kubernetes"');
        return makeKubeconfigs(cluster, node, parts(job, CONF_PHASES));
      },
    },
    {
      name: 'etcd',
      run: () => {
        say(`[etcd] Creating static Pod manifest for local etcd in "${MANIFESTS_DIR}"`);
        makeEtcd(cluster, node);
      },
    },
    { name: 'control-plane', run: () => makeControlPlane(cluster, node, parts(job, COMPONENTS)) },
    { name: 'kubelet-start', run: () => startKubelet(node, kubelet) },
    {
      name: 'wait-control-plane',
      run: async () => {
        say(
          `[wait-control-plane] Waiting for the kubelet to boot up the control plane as static Pods from directory "${MANIFESTS_DIR}"`,
        );
        await waitForKubelet(timeouts.kubeletHealth);
        await waitForApi(job.client(), timeouts.controlPlane, node);
      },
    },
  ];
}

/** What is told to the API. */
function clusterPhases(job: Job): Phase[] {
  const { settings, socket } = job;
  const { cluster, node } = settings;
  const kubelet = kubeletConfiguration(cluster, settings.kubelet, socket);
  const server = serverOf(cluster, node);
  return [
    {
      name: 'upload-config',
      run: async () => {
        await waitForNode(job.client(), node.name, 60_000);
        await uploadConfig(job.client(), settings, kubelet, parts(job, ['kubeadm', 'kubelet']));
      },
    },
    { name: 'upload-certs', run: () => certsUp(job) },
    { name: 'mark-control-plane', run: () => markControlPlane(job.client(), node) },
    {
      name: 'bootstrap-token',
      run: () => {
        const ca = fileText(fileFor(settings));
        return setUpTokens(job.client(), settings.tokens, [ca, server], !job.flags.bool('skip-token-print'));
      },
    },
    { name: 'kubelet-finalize', run: () => finalizeKubelet(job) },
    {
      name: 'addon',
      run: async () => {
        const wanted = parts(job, ['coredns', 'kube-proxy']).filter(
          (p) =>
            !job.flags.list('skip-phases').includes(`addon/${p}`) &&
            !settings.skipPhases.includes(`addon/${p}`),
        );
        if (wanted.includes('coredns')) await addDns(job.client(), cluster);
        if (wanted.includes('kube-proxy')) await addProxy(job.client(), cluster, server);
      },
    },
    { name: 'show-join-command', run: () => farewell(job) },
  ];
}

const phases = (job: Job): Phase[] => [...hostPhases(job), ...clusterPhases(job)];

function farewell({ settings, certificateKey, flags }: Job): void {
  const endpoint = serverOf(settings.cluster, settings.node).replace(/^https:\/\//, '');
  const token = flags.bool('skip-token-print') ? '<value withheld>' : (settings.tokens[0]?.token ?? '');
  const join = { endpoint, token, hash: publicKeyHash(fileText(fileFor(settings))) };
  say(`
Your Kubernetes control-plane has initialized successfully!

To start using your cluster, you need to run the following as a regular user:

  mkdir -p $HOME/.kube
  sudo cp -i ${ADMIN_CONF} $HOME/.kube/config
  sudo chown $(id -u):$(id -g) $HOME/.kube/config

Alternatively, if you are the root user, you can run:

  export KUBECONFIG=${ADMIN_CONF}

You should now deploy a pod network to the cluster.
Run "kubectl apply -f [podnetwork].yaml" with one of the options listed at:
  https://kubernetes.io/docs/concepts/cluster-administration/addons/
`);
  if (settings.cluster.controlPlaneEndpoint !== undefined) {
    const key = flags.bool('skip-certificate-key-print') ? '<value withheld>' : certificateKey;
    say(
      'You can now join any number of control-plane nodes running the following command on each as root:\n',
    );
    say(
      `  ${joinCommand({ ...join, controlPlane: true, ...(key === undefined ? {} : { certificateKey: key }) })}\n`,
    );
  }
  say('Then you can join any number of worker nodes by running the following on each as root:\n');
  say(joinCommand(join));
}

function makeJob(flags: Parsed, part: string | undefined, checked: boolean): Job {
  const settings = initSettings(flags, checked);
  let client: Client | undefined;
  return {
    flags,
    settings,
    socket: chooseSocket(settings.node.criSocket),
    part,
    client: () => (client ??= clientFrom(flags.text('kubeconfig') ?? ADMIN_CONF)),
    certificateKey: settings.certificateKey,
  };
}

/** `kubeadm init`, or one of its phases. */
export async function init(argv: readonly string[]): Promise<void> {
  const flags = parseFlags(argv, INIT_FLAGS);
  const [word, name, part] = flags.args;
  if (word === undefined) {
    const job = makeJob(flags, undefined, true);
    say(`[init] Using Kubernetes version: ${job.settings.cluster.kubernetesVersion}`);
    return runPhases('init', phases(job), [...flags.list('skip-phases'), ...job.settings.skipPhases]);
  }
  if (word !== 'phase') throw new Exit(`unknown command "${word}" for "kubeadm init"`);
  if (name === undefined)
    return say(
      phases(makeJob(flags, undefined, false))
        .map((phase) => phase.name)
        .join('\n'),
    );
  if (
    ['certs', 'kubeconfig', 'control-plane', 'upload-config', 'addon'].includes(name) &&
    part === undefined
  ) {
    throw new Exit(`missing subcommand; "${name}" is not meant to be run on its own`);
  }
  const job = makeJob(flags, part, false);
  const phase = phases(job).find((p) => p.name === name);
  if (phase === undefined) throw new Exit(`invalid subcommand "${name}"`);
  await runPhases('init', [phase]);
}
