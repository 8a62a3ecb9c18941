// The nodes of the end-to-end tests: systemd containers with sshd, made by the same code.
import { readFileSync } from 'node:fs';
import { ensureBaseImage, BASE } from '../../scripts/base-image.mjs';
import { ensureEngine } from '../../scripts/docker-engine.mjs';
import { onCleanup } from './cleanup.mjs';
import { readHostKeys } from './hosts.mjs';
import { kit } from './kit.mjs';

/** Why there can be no nodes, or undefined. */
export async function nodesMissing() {
  return (await ensureEngine()) ?? ensureBaseImage();
}

/** Starts nodes; a user with sudo logs in, as on a real host. @returns {Promise<import('./hosts.mjs').Hosts>} */
export async function startNodes(count, { image = BASE } = {}) {
  process.env.SLIPWAY_TEST_IMAGE = image;
  process.env.SLIPWAY_LAB_BASE = image;
  const { startNodes: start, FREE_USER } = await kit('nodes');
  const started = await start(count);
  const stop = onCleanup(() => started.stop());
  const all = (script) => Promise.all(started.nodes.map((node) => node.root(script)));
  const { folder, key, knownHosts } = started;
  const hosts = started.nodes.map(({ name, address, port }) => ({ name, address, port }));
  const hostKeys = readHostKeys(readFileSync(knownHosts, 'utf8'));
  return { folder, key, knownHosts, hosts, hostKeys, user: FREE_USER, all, stop };
}
