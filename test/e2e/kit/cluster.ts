import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { LabDriver } from '../../../src/lab/types.ts';
import type { Ran } from './nodes.ts';
import { baseImage } from './skip.ts';
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
      const all = [path.join(PROJECT, 'bin/slipway.js'), ...args];
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
