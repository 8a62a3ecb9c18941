import { readFile, rmdir } from 'node:fs/promises';
import path from 'node:path';
import { SlipwayError } from '../base/errors.ts';
import { freeBlock, hostAddress, MAX_NODES, repositoryAddress } from './addresses.ts';
import { armoredPublicKey, fingerprint, generateSigningKey } from './apt/openpgp.ts';
import { ask } from './control-client.ts';
import { dockerNodesDown, dockerNodesUp, dockerUsable } from './docker/driver.ts';
import { isRunning, labFolder, type LabFolder, makeLabFolder, readState, writePrivate } from './folder.ts';
import { greets } from './greets.ts';
import { inventoryText } from './inventory.ts';
import { knownHostsLine, newKeyPair } from './keys.ts';
import { launchSupervisor } from './launch.ts';
import { removeLab } from './leftovers.ts';
import { findMode, type ModeFound } from './namespaces/modes.ts';
import type {
  HostConfig,
  LabDriver,
  LabNode,
  LabOptions,
  LabRepository,
  LabState,
  SupervisorConfig,
} from './types.ts';

export const DEFAULT_KUBERNETES = '1.34.1';

/** What `slipway lab status` shows. */
export interface LabStatus {
  readonly state: LabState;
  readonly running: boolean;
  /** Names of the hosts that can be reached now. */
  readonly up: readonly string[];
}

/**
 * Starts a lab, or adds to the one that is there. With the same number of nodes it changes nothing; what is left of a
 * crashed one is cleaned up first.
 * @throws {SlipwayError} usage, lab.unsupported, lab.failed
 */
export async function labUp(options: LabOptions): Promise<LabState> {
  if (!Number.isInteger(options.nodes) || options.nodes < 1 || options.nodes > MAX_NODES)
    throw new SlipwayError('usage', `a lab has 1 to ${MAX_NODES} nodes, not ${options.nodes}`);
  const lab = labFolder(options.folder);
  const progress = options.onProgress ?? (() => undefined);
  const state = await readState(lab);
  if (state && isRunning(state.supervisor)) return grow(lab, state, options, progress);
  if (state) {
    progress('cleaning up a lab that ended without being taken down');
    await down(lab, state);
  }
  const chosen = await chooseDriver(options);
  return startAgain(lab, options, chosen, progress, 3);
}

/** Starts a lab, on other addresses when a lab that starts at the same moment took those that were free. */
async function startAgain(
  lab: LabFolder,
  options: LabOptions,
  chosen: Chosen,
  progress: (text: string) => void,
  attempts: number,
): Promise<LabState> {
  await makeLabFolder(lab);
  try {
    return await start(lab, options, chosen, progress);
  } catch (error) {
    // The log says why it failed and would go with the folder, so its end goes into the error.
    const log = await readFile(lab.log, 'utf8').catch(() => '');
    await down(lab, undefined);
    if (attempts > 1 && /EADDRINUSE|address already in use/.test(String(error)))
      return startAgain(lab, options, chosen, progress, attempts - 1);
    if (!(error instanceof SlipwayError)) throw error;
    throw new SlipwayError(error.code, error.message, {
      hint: error.code === 'lab.unsupported' ? error.hint : undefined,
      data: { ...error.data, log: log.slice(-4000) },
      cause: error,
    });
  }
}

/** Takes a lab down: its hosts, their processes and all files. Nothing there is fine too. */
export async function labDown(options: { readonly folder: string }): Promise<boolean> {
  const lab = labFolder(options.folder);
  const state = await readState(lab).catch(() => undefined);
  await down(lab, state);
  return state !== undefined;
}

/** undefined when there is no lab in this folder. */
export async function labStatus(options: { readonly folder: string }): Promise<LabStatus | undefined> {
  const lab = labFolder(options.folder);
  const state = await readState(lab);
  if (!state) return undefined;
  const running = (await ask(lab, { ask: 'status' }))?.ok === true;
  const answer = await Promise.all(state.nodes.map((node) => greets(node.address, node.port)));
  const up = state.nodes.filter((_, at) => answer[at]).map((node) => node.name);
  return { state, running, up };
}

async function down(lab: LabFolder, state: LabState | undefined): Promise<void> {
  if (state?.driver !== 'namespaces') await dockerNodesDown(lab.root).catch(() => undefined);
  await removeLab(lab, state);
  // `.slipway` stays when a run's journal is in it.
  await rmdir(path.dirname(lab.root)).catch(() => undefined);
}

interface Chosen {
  readonly driver: LabDriver;
  readonly found?: ModeFound;
}

async function chooseDriver(options: LabOptions): Promise<Chosen> {
  if (options.driver === 'docker') return { driver: 'docker' };
  try {
    return { driver: 'namespaces', found: await findMode(options.mode) };
  } catch (error) {
    if (options.driver === 'auto' && (await dockerUsable())) return { driver: 'docker' };
    throw error;
  }
}

async function start(
  lab: LabFolder,
  options: LabOptions,
  { driver, found }: Chosen,
  progress: (text: string) => void,
): Promise<LabState> {
  const block = await freeBlock();
  const name = options.name ?? 'lab';
  const kubernetesVersion = options.kubernetesVersion ?? DEFAULT_KUBERNETES;
  const user = await newKeyPair('slipway-lab');
  await writePrivate(lab.key, user.privateKey);
  await writePrivate(`${lab.key}.pub`, `${user.publicKey} slipway-lab\n`);
  const signingKey = await generateSigningKey('Slipway lab <lab@slipway.invalid>');
  const docker =
    driver === 'docker'
      ? await dockerNodesUp({
          lab: lab.root,
          count: options.nodes,
          block,
          publicKey: user.publicKey,
          base: options.base,
          progress,
        })
      : undefined;
  const hosts = docker ? [] : await newHosts(block, 1, options.nodes);
  const nodes: readonly LabNode[] = docker?.nodes ?? hosts.map(publicPart);
  const repository = docker?.repository ?? repositoryAddress(block);
  const config: SupervisorConfig = {
    name,
    driver,
    mode: found?.mode,
    unshareFlags: found?.unshareFlags ?? [],
    block,
    kubernetes: options.kubernetes && path.resolve(options.kubernetes),
    kubernetesVersion,
    repository,
    authorizedKey: user.publicKey,
    signingKey,
    hosts,
  };
  await writePrivate(lab.config, JSON.stringify(config));
  const launched = await launchSupervisor(lab, path.resolve(options.folder), progress);
  const real = options.kubernetes !== undefined;
  const state: LabState = {
    name,
    driver,
    mode: found?.mode,
    kubernetes: real ? 'real' : 'simulated',
    kubernetesVersion: real ? versionOf(launched.packages) : kubernetesVersion,
    nodes,
    repository: repositoryOf(config, launched.packages),
    block,
    supervisor: launched.process,
  };
  await writePrivate(path.join(lab.root, 'key.asc'), armoredPublicKey(signingKey));
  await writeResults(lab, state);
  return state;
}

function repositoryOf(
  { repository, signingKey }: SupervisorConfig,
  packages: readonly string[],
): LabRepository {
  const base = `http://${repository.host}:${repository.port}`;
  return { url: `${base}/deb/`, keyUrl: `${base}/key.asc`, fingerprint: fingerprint(signingKey), packages };
}

/** Adds the nodes that are missing; with as many as there are already, nothing is done. */
async function grow(
  lab: LabFolder,
  state: LabState,
  options: LabOptions,
  progress: (text: string) => void,
): Promise<LabState> {
  if (options.driver !== 'auto' && options.driver !== state.driver)
    throw new SlipwayError('usage', `a lab with the ${state.driver} driver is up here`, {
      hint: 'Run `slipway lab down` first.',
    });
  const have = state.nodes.length;
  if (options.nodes === have) return state;
  if (options.nodes < have || state.driver === 'docker')
    throw new SlipwayError('usage', `a lab with ${have} nodes is up here, not ${options.nodes}`, {
      hint: 'Run `slipway lab down` first.',
    });
  const hosts = await newHosts(state.block, have + 1, options.nodes);
  progress(`adding ${hosts.length} more`);
  const reply = await ask(lab, { ask: 'add', hosts });
  if (!reply?.ok)
    throw new SlipwayError('lab.failed', `the lab did not take more nodes: ${reply?.message ?? 'no answer'}`);
  const config = JSON.parse(await readFile(lab.config, 'utf8')) as SupervisorConfig;
  await writePrivate(lab.config, JSON.stringify({ ...config, hosts: [...config.hosts, ...hosts] }));
  const grown = { ...state, nodes: [...state.nodes, ...hosts.map(publicPart)] };
  await writeResults(lab, grown);
  return grown;
}

async function newHosts(block: LabState['block'], from: number, to: number): Promise<HostConfig[]> {
  const hosts: HostConfig[] = [];
  for (let index = from; index <= to; index++) {
    const pair = await newKeyPair(`n${index}`);
    const { address, port } = hostAddress(block, index);
    const nodeIp = block.prefix === undefined ? '127.0.0.1' : address;
    hosts.push({
      name: `n${index}`,
      index,
      address,
      port,
      nodeIp,
      hostKey: pair.publicKey,
      hostKeyPrivate: pair.privateKey,
    });
  }
  return hosts;
}

function publicPart(host: HostConfig): LabNode {
  const { name, index, address, port, nodeIp, hostKey } = host;
  return { name, index, address, port, nodeIp, hostKey };
}

async function writeResults(lab: LabFolder, state: LabState): Promise<void> {
  await writePrivate(lab.knownHosts, state.nodes.map(knownHostsLine).join(''));
  await writePrivate(lab.inventory, inventoryText(lab, state));
  await writePrivate(lab.state, `${JSON.stringify(state, undefined, 2)}\n`);
}

/** `1.34.2` of `kubeadm 1.34.2-1.1`. */
function versionOf(packages: readonly string[]): string {
  const kubeadm = packages.find((one) => one.startsWith('kubeadm '));
  return kubeadm?.split(' ')[1]?.replace(/-.*$/, '') ?? DEFAULT_KUBERNETES;
}
