import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { LabDriver } from '../../../src/lab/types.ts';
import type { Ran } from './nodes.ts';
import { baseImage, type Need, program } from './skip.ts';
import { slipway, type SlipwayRun } from './slipway.ts';

const PROJECT = fileURLToPath(new URL('../../..', import.meta.url));

/** A lab, and the shipped playbooks run on it by the built program. */
export interface ClusterLab {
  readonly folder: string;
  /** Runs a shipped playbook, `bootstrap`; events are read unless another --output is given. */
  play(name: string, ...args: string[]): Promise<SlipwayRun>;
  /** sh as root on a node. */
  root(node: string, script: string): Promise<Ran>;
  down(): Promise<void>;
}

export async function clusterLab(driver: LabDriver, nodes: number): Promise<ClusterLab> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'slipway-e2e-cluster-'));
  const command = (args: readonly string[]) =>
    new Promise<Ran>((resolve) => {
      const all = [path.join(PROJECT, 'bin/slipway.cjs'), ...args];
      execFile(process.execPath, all, { cwd: folder, maxBuffer: 64e6 }, (error, stdout, stderr) =>
        resolve({ code: typeof error?.code === 'number' ? error.code : error ? 255 : 0, stdout, stderr }),
      );
    });
  const down = async () => {
    await command(['lab', 'down']);
    rmSync(folder, { recursive: true, force: true });
  };
  const base = driver === 'docker' ? ['--base', process.env['SLIPWAY_LAB_BASE'] ?? baseImage()] : [];
  const up = await command(['lab', 'up', '--driver', driver, '--nodes', String(nodes), ...base]);
  if (up.code !== 0) {
    await down();
    throw new Error(`no lab: ${up.stderr}`);
  }
  return {
    folder,
    down,
    root: (node, script) => command(['lab', 'ssh', node, script]),
    play: (name, ...args) => {
      const output = args.includes('--output') ? [] : ['--output', 'jsonl'];
      const file = path.join(PROJECT, 'playbooks', `${name}.yml`);
      return slipway(['run', file, '-i', '.slipway/lab/inventory.yml', ...output, ...args], folder);
    },
  };
}

const linux: Need = () => (process.platform === 'linux' ? undefined : 'this is not Linux');
/** What the namespaces driver needs. */
export const NAMESPACES = [linux, program('unshare'), program('nsenter')];

/** A run without a failure, and one that changed nothing besides. */
export const worked = { code: 0, failures: [] };
export const unchanged = { ...worked, changed: [] };

/** `n1 Ready` for each node that the API knows. */
export async function nodes(lab: ClusterLab): Promise<string[]> {
  const { stdout } = await lab.root(
    'n1',
    'kubectl --kubeconfig /etc/kubernetes/admin.conf get nodes --no-headers',
  );
  return stdout
    .trim()
    .split('\n')
    .map((line) => line.split(/\s+/).slice(0, 2).join(' '))
    .sort();
}

/** What a cluster leaves on a host; empty on one that is in none. The packages have to be there still. */
export async function leftovers(lab: ClusterLab, node: string, runtime = 'containerd'): Promise<string> {
  const { code, stdout, stderr } = await lab.root(
    node,
    `set -e
    dpkg -s kubeadm kubelet kubectl ${runtime} >/dev/null
    ls -d /etc/kubernetes/*.conf /etc/kubernetes/manifests/* /etc/kubernetes/pki/* /var/lib/etcd/* \
      /root/.kube/config /var/lib/kubelet/config.yaml 2>/dev/null || :
    if systemctl is-active -q kubelet; then echo the kubelet runs; fi
    if crictl pods -q | grep .; then echo pods; fi`,
  );
  return code === 0 ? stdout : `exit ${code}: ${stdout}${stderr}`;
}

/** Only hosts that a run changed something on. */
export const changedHosts = (run: SlipwayRun) => [
  ...new Set(run.changed.map((line) => line.slice(0, line.indexOf(':')))),
];
