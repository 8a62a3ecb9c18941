import { spawn, spawnSync } from 'node:child_process';
import { openSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const answers = () => spawnSync('docker', ['info'], { stdio: 'ignore' }).status === 0;

/** Starts an engine when none answers and one is installed. Returns why there is none, or undefined. */
export async function ensureEngine() {
  if (answers()) return undefined;
  if (spawnSync('docker', ['--version'], { stdio: 'ignore' }).error) return 'there is no `docker` program';
  if (process.getuid?.() !== 0) return 'no Docker engine answers, and only root could start one';
  if (spawnSync('dockerd', ['--version'], { stdio: 'ignore' }).error)
    return 'no Docker engine answers, and there is no `dockerd` to start';
  const file = path.join(os.tmpdir(), 'slipway-dockerd.log');
  console.log(`starting dockerd (log: ${file}) …`);
  const log = openSync(file, 'a');
  spawn('dockerd', [], { detached: true, stdio: ['ignore', log, log] }).unref();
  for (let tried = 0; tried < 60; tried++) {
    await sleep(500);
    if (answers()) return undefined;
  }
  return `dockerd did not come up; its log is ${file}`;
}
