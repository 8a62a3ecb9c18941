import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type Docker from 'dockerode';
import { SlipwayError } from '../../base/errors.ts';
import { hostAddress } from '../addresses.ts';
import { greets } from '../greets.ts';
import { newKeyPair } from '../keys.ts';
import type { AddressBlock, LabNode } from '../types.ts';
import { createNode, LABEL, putFiles, removeLabelled } from './containers.ts';
import { nodeImage } from './image.ts';

const SWAPS = 'swaps';

export async function connectDocker(): Promise<Docker> {
  const { default: Client } = await import('dockerode');
  return new Client();
}

export async function dockerUsable(): Promise<boolean> {
  return (await connectDocker()).ping().then(
    () => true,
    () => false,
  );
}

export interface DockerNodesOptions {
  /** The lab's folder; labels everything. */
  readonly lab: string;
  readonly count: number;
  readonly block: AddressBlock;
  /** `ssh-ed25519 AAAA...` that may log in as root. */
  readonly publicKey: string;
  readonly base: string | undefined;
  readonly progress: (text: string) => void;
}

export interface DockerNodes {
  readonly nodes: LabNode[];
  /** Where the apt repository must listen to be reached from the nodes. */
  readonly repository: { readonly host: string; readonly port: number };
}

/**
 * Starts systemd + OpenSSH nodes in containers.
 * @throws {SlipwayError} lab.unsupported, lab.failed
 */
export async function dockerNodesUp(options: DockerNodesOptions): Promise<DockerNodes> {
  const docker = await connectDocker();
  await docker.ping().catch((cause: Error) => {
    throw new SlipwayError('lab.unsupported', `no Docker engine answers: ${cause.message}`, {
      hint: 'Start Docker, or use `slipway lab up --driver namespaces`.',
      cause,
    });
  });
  await writeFile(path.join(options.lab, SWAPS), 'Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n');
  const image = await nodeImage(docker, options.base, options.progress);
  const network = await createNetwork(docker, options);
  let up = 0;
  const nodes = await Promise.all(
    Array.from({ length: options.count }, async (_, at) => {
      const node = await startNode(docker, image, network, options, at + 1);
      up += 1;
      options.progress(`${node.name} is up (${up} of ${options.count})`);
      return node;
    }),
  );
  return { nodes, repository: { host: `${network.prefix}.1`, port: 8077 } };
}

interface Network {
  readonly name: string;
  /** `10.77.5`: the first three numbers of its addresses. */
  readonly prefix: string;
}

async function createNetwork(docker: Docker, options: DockerNodesOptions): Promise<Network> {
  const start = Number(options.block.prefix?.split('.')[2] ?? 77);
  let last: Error | undefined;
  for (let tried = 0; tried < 40; tried++) {
    const prefix = `10.77.${(start + tried) % 256}`;
    const name = `slipway-lab-${prefix.replaceAll('.', '-')}`;
    try {
      await docker.createNetwork({
        Name: name,
        Driver: 'bridge',
        CheckDuplicate: true,
        Labels: { [LABEL]: options.lab },
        IPAM: { Driver: 'default', Config: [{ Subnet: `${prefix}.0/24`, Gateway: `${prefix}.1` }] },
      });
      return { name, prefix };
    } catch (error) {
      // Taken, or overlapping with another network.
      last = error as Error;
    }
  }
  throw new SlipwayError('lab.failed', `no Docker network could be made: ${last?.message}`, { cause: last });
}

async function startNode(
  docker: Docker,
  image: string,
  network: Network,
  options: DockerNodesOptions,
  index: number,
): Promise<LabNode> {
  const name = `n${index}`;
  const where = hostAddress(options.block, index);
  const nodeIp = `${network.prefix}.${index + 10}`;
  const container = await createNode(docker, {
    image,
    name: `${network.name}-${name}`,
    hostname: name,
    lab: options.lab,
    network: { name: network.name, address: nodeIp },
    publish: where,
    // Swap is the machine's: a node that saw it would be told to turn it off, and would.
    binds: [`${options.lab}/${SWAPS}:/proc/swaps`],
  });
  const pair = await newKeyPair(name);
  await putFiles(container, [
    { path: '/etc/ssh/ssh_host_ed25519_key', mode: 0o600, content: pair.privateKey },
    { path: '/etc/ssh/ssh_host_ed25519_key.pub', mode: 0o644, content: `${pair.publicKey} ${name}\n` },
    { path: '/root/.ssh/authorized_keys', mode: 0o600, content: `${options.publicKey} slipway-lab\n` },
  ]);
  await container.start();
  await answers(where.address, where.port, `${name} did not come up`);
  return { name, index, ...where, nodeIp, hostKey: pair.publicKey };
}

/** Waits until an SSH server greets. */
export async function answers(
  address: string,
  port: number,
  failure: string,
  patience = 60_000,
): Promise<void> {
  for (const until = Date.now() + patience; Date.now() < until; await sleep(100)) {
    if (await greets(address, port)) return;
  }
  throw new SlipwayError('lab.failed', `${failure}: no SSH server answers at ${address}:${port}`);
}

/** Removes the nodes and the network of a lab. */
export async function dockerNodesDown(lab: string): Promise<void> {
  await removeLabelled(await connectDocker(), lab);
}
