import { createServer } from 'node:http';
import { Exit, messageOf } from '../host/exit.ts';
import { defaultAddress, nodeName, ownAddress } from '../host/address.ts';
import { read, remove, write } from '../host/files.ts';
import { identity, NOTICE } from '../host/identity.ts';
import { KUBELET_DIR, KUBELET_PODS } from '../host/paths.ts';
import { sleep } from '../host/run.ts';
import { klog } from '../host/text.ts';
import { connect, type Client } from '../kube/client.ts';
import type { KubeObject, Taint } from '../kube/types.ts';
import { keyPem, newKey } from '../pki/keys.ts';
import { createCertificate } from '../pki/x509.ts';
import { foundSockets, probeRuntime } from '../runtime/sockets.ts';
import { createPublicKey } from 'node:crypto';
import { nodeAccess } from './bootstrap.ts';
import { controlPlane, listen, type ControlPlane } from './control-plane.ts';
import { heartbeat, networkReady, register, type NodeFacts } from './node.ts';
import { record, tendPods, type PodContext } from './pods.ts';
import { readConfiguration, readSettings, type KubeletConfiguration, type Settings } from './settings.ts';
import { mirror, readStaticPods } from './static-pods.ts';

const log = (level: 'I' | 'E', message: string): void =>
  void process.stderr.write(klog(level, 'server.go:1', message));

/** What stops a kubelet at its start. Throws with the words of the real one. */
async function check(settings: Settings): Promise<{ config: KubeletConfiguration; socket: string }> {
  const config = readConfiguration(settings.config);
  if (config === undefined) {
    const why = `open ${settings.config}: no such file or directory`;
    throw new Exit(
      `failed to load kubelet config file, path: ${settings.config}, error: failed to load Kubelet config file ${settings.config}, error failed to read kubelet config file "${settings.config}", error: ${why}`,
    );
  }
  const swaps = (read('/proc/swaps') ?? '').split('\n').filter((line) => line.trim() !== '');
  const strict = settings.failSwapOn ?? config.failSwapOn ?? true;
  if (strict && swaps.length > 1) {
    throw new Exit(
      `failed to run Kubelet: running with swap on is not supported, please disable swap or set --fail-swap-on flag to false. /proc/swaps contained: [${swaps.join(' ')}]`,
    );
  }
  const socket =
    settings.socket ??
    config.containerRuntimeEndpoint ??
    foundSockets()[0] ??
    'unix:///run/containerd/containerd.sock';
  const problem = await probeRuntime(socket);
  if (problem !== undefined) {
    throw new Exit(
      `failed to run Kubelet: validate service connection: validate CRI v1 runtime API for endpoint "${socket}": ${problem}`,
    );
  }
  return { config, socket };
}

function taintsOf(settings: Settings, config: KubeletConfiguration): Taint[] {
  const flag = (settings.registerTaints ?? '').split(',').filter((t) => t !== '');
  const parsed = flag.map((text) => {
    const [, key = '', value, effect = 'NoSchedule'] = /^([^=:]+)(?:=([^:]*))?:(.+)$/.exec(text) ?? [];
    return { key, effect, ...(value === undefined ? {} : { value }) };
  });
  return [...parsed, ...(config.registerWithTaints ?? [])];
}

async function openPorts(name: string, address: string): Promise<void> {
  const host = ownAddress() ?? '127.0.0.1';
  const health = createServer((_, response) => response.end('ok'));
  await new Promise<void>((resolve, reject) => {
    health.once('error', (error) => reject(new Exit(`failed to start healthz server: ${messageOf(error)}`)));
    health.listen(10_248, host, resolve);
  });
  let cert = read(`${KUBELET_DIR}/pki/kubelet.crt`);
  let key = read(`${KUBELET_DIR}/pki/kubelet.key`);
  if (cert === undefined || key === undefined) {
    const made = await newKey();
    const subject = { commonName: `${name}@${Math.floor(Date.now() / 1000)}` };
    cert = createCertificate({
      subject,
      publicKey: createPublicKey(made),
      issuer: { subject, key: made },
      days: 365,
      usages: ['server'],
      names: [name, address],
    });
    key = keyPem(made);
    write(`${KUBELET_DIR}/pki/kubelet.crt`, cert);
    write(`${KUBELET_DIR}/pki/kubelet.key`, key, 0o600);
  }
  await listen(10_250, ownAddress() ?? '0.0.0.0', { cert, key });
}

interface Loop {
  readonly facts: NodeFacts;
  readonly client: Client;
  readonly seen: Map<string, number>;
  registered: boolean;
  node: KubeObject | undefined;
  lastBeat: number;
  beatState: string;
  complaint: string;
}

/** One round: the node's status when it changed or is due, its static pods, its pods. True: come back soon. */
async function round(loop: Loop): Promise<boolean> {
  const { client, facts } = loop;
  const problem = await probeRuntime(facts.socket);
  if (!loop.registered) {
    await register(client, facts, problem);
    loop.registered = true;
  }
  const state = `${problem ?? ''}|${networkReady()}`;
  if (
    loop.node?.spec?.podCIDR === undefined ||
    state !== loop.beatState ||
    Date.now() - loop.lastBeat > 8000
  ) {
    loop.node = await heartbeat(client, facts, problem);
    loop.beatState = state;
    loop.lastBeat = Date.now();
  }
  if (loop.node === undefined) throw new Error(`nodes "${facts.name}" not found`);
  const statics = await mirror(client, loop.node, [...readStaticPods().values()], facts.address);
  const context: PodContext = {
    client,
    node: loop.node,
    address: facts.address,
    socket: facts.socket,
    seen: loop.seen,
  };
  const moving = problem === undefined && (await tendPods(context));
  if (statics.length > 0 && problem !== undefined) record([]);
  return moving || loop.node.spec?.podCIDR === undefined;
}

async function live(loop: Loop, plane: ControlPlane): Promise<never> {
  let quiet = 0;
  for (;;) {
    await plane.reconcile(readStaticPods());
    try {
      quiet = (await round(loop)) ? 0 : quiet + 1;
      loop.complaint = '';
    } catch (error) {
      quiet = 0;
      const message = messageOf(error);
      if (message !== loop.complaint)
        log('E', `"Unable to update the node" node="${loop.facts.name}" err="${message}"`);
      loop.complaint = message;
    }
    await sleep(quiet > 40 ? 1000 : 250);
  }
}

/** The kubelet: runs the static pods, joins the cluster, keeps its node and its pods. Ends by a signal or an error. */
export async function main(argv: readonly string[]): Promise<number> {
  const { version } = identity();
  if (argv.includes('--version')) {
    process.stdout.write(`Kubernetes v${version}\n`);
    process.stderr.write(`${NOTICE}\n`);
    return 0;
  }
  process.title = 'kubelet';
  const settings = readSettings(argv);
  try {
    const { config, socket } = await check(settings);
    const name = settings.hostnameOverride ?? nodeName();
    const [address = defaultAddress(), ...others] = settings.nodeIp?.split(',') ?? [];
    log('I', `"Kubelet version" kubeletVersion="v${version}" (${NOTICE})`);
    await openPorts(name, address);
    const plane = controlPlane(version, socket);
    const leave = (): void => {
      plane.close();
      remove(KUBELET_PODS);
      process.exit(0);
    };
    process.on('SIGTERM', leave);
    process.on('SIGINT', leave);
    await plane.reconcile(readStaticPods());
    const access = await nodeAccess(name, settings.kubeconfig, settings.bootstrapKubeconfig);
    const facts = {
      name,
      address,
      others,
      version,
      socket,
      labels: settings.nodeLabels,
      taints: taintsOf(settings, config),
    };
    const loop = {
      facts,
      client: connect(access),
      seen: new Map(),
      registered: false,
      node: undefined,
      lastBeat: 0,
      beatState: '',
      complaint: '',
    };
    return await live(loop, plane);
  } catch (error) {
    if (!(error instanceof Exit)) throw error;
    process.stderr.write(klog('E', 'run.go:72', `"command failed" err="${error.message}"`));
    return 1;
  }
}
