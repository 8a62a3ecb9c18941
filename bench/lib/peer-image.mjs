// Ansible needs Python on its targets: the nodes are then made from an image that has it.
import { spawnSync } from 'node:child_process';
import { BASE } from '../../scripts/base-image.mjs';
import { installedPeers } from './peers.mjs';

const IMAGE = 'slipway-bench:python';
const WITH_PYTHON = 'apt-get update -q && apt-get install -yq --no-install-recommends python3 python3-apt';
const docker = (args, options = {}) => spawnSync('docker', args, { encoding: 'utf8', ...options });

/** The image for the nodes: the base, or one with Python where a tool that is installed here wants it. */
export function imageFor() {
  if (!installedPeers().ansible) return BASE;
  if (docker(['image', 'inspect', IMAGE]).status === 0) return IMAGE;
  console.error(`building ${IMAGE} (the base with Python, for Ansible) …`);
  const name = `slipway-bench-${process.pid}`;
  const made = docker(['run', '--name', name, BASE, 'sh', '-c', WITH_PYTHON], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const change = ['--change', 'CMD ["/lib/systemd/systemd"]'];
  const kept = made.status === 0 && docker(['commit', ...change, name, IMAGE]).status === 0;
  docker(['rm', '-f', name]);
  if (!kept) console.error('it could not be built; Ansible will be left out');
  return kept ? IMAGE : BASE;
}
