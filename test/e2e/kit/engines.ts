import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { engineImage, type Release } from './engine-image.ts';
import { FREE_USER, startNodes, type TestNode, type TestNodes } from './nodes.ts';
import { playbook, slipway, type SlipwayRun } from './slipway.ts';

export { engines, enginesOf } from './engine-image.ts';

/** May become root with sudo, and may not open the engine's socket. */
export const SUDO_USER = FREE_USER;
/** In the group docker: opens the socket, and has no sudo. */
export const MEMBER_USER = 'member';

export type Service = 'docker' | 'containerd' | 'docker-registry';

export interface EngineOptions {
  /** What runs; `docker` brings containerd with it. `docker` where nothing is said. */
  readonly services?: readonly Service[];
  /** The Debian release that it comes from; `bookworm` where nothing is said. */
  readonly release?: Release;
  /** More sh that makes the nodes ready, run as root before the services start. */
  readonly setup?: string;
}

export interface Engines extends TestNodes {
  /** The first node. */
  readonly node: TestNode;
  /** Runs a playbook (its text, or a file) on the nodes, as root where no user is named, and reads its events. */
  play(source: string, options?: PlayOptions): Promise<SlipwayRun>;
  /** The inventory for a user, as a file. */
  inventoryFor(user: string): string;
}

export interface PlayOptions {
  /** Who logs in. */
  readonly user?: string;
  /** More arguments: `--check`. */
  readonly args?: readonly string[];
  /** Where it runs: relative files are looked for there. */
  readonly folder?: string;
}

const USERS = `
useradd -m -s /bin/bash -G docker ${MEMBER_USER}
install -d -m 700 -o ${MEMBER_USER} -g ${MEMBER_USER} /home/${MEMBER_USER}/.ssh
install -m 600 -o ${MEMBER_USER} -g ${MEMBER_USER} /root/.ssh/authorized_keys /home/${MEMBER_USER}/.ssh/authorized_keys
`;

/**
 * Starts systemd + SSH nodes with a container engine of their own, real ones from Debian. They are ready when this
 * resolves. Needs `engines` in the suite's needs; 3 to 6 s. `stop()` removes them with their volumes.
 */
export async function startEngines(count = 1, options: EngineOptions = {}): Promise<Engines> {
  const services = options.services ?? ['docker'];
  const setup = [USERS, options.setup ?? '', ...services.map((name) => `systemctl enable --now ${name}`)];
  if (services.includes('docker')) setup.push('docker version >/dev/null');
  const nodes = await startNodes(count, {
    base: engineImage(options.release),
    containers: true,
    setup: setup.join('\n'),
  });
  const inventoryFor = (user: string) => {
    const file = path.join(nodes.folder, `inventory-${user}.yml`);
    writeFileSync(file, nodes.inventory.replace('ansible_user: root', `ansible_user: ${user}`));
    return file;
  };
  return {
    ...nodes,
    node: nodes.nodes[0]!,
    inventoryFor,
    play: (source, { user = 'root', args = [], folder } = {}) => {
      const file = source.includes('\n') ? playbook(source) : source;
      return slipway(['run', file, '-i', inventoryFor(user), '--output', 'jsonl', ...args], folder);
    },
  };
}
