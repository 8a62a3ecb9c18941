import { rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { ask } from './control-client.ts';
import { isRunning, type LabFolder } from './folder.ts';
import { processesIn } from './namespaces/host.ts';
import type { LabState, ProcessId } from './types.ts';

const PATIENCE = 10_000;

/**
 * Ends what is left of a lab, in good order or crashed, and removes its folder. Hosts in namespaces end with their
 * supervisor by themselves (a pipe tells them); those that are copies are found by their root.
 */
export async function removeLab(lab: LabFolder, state: LabState | undefined): Promise<void> {
  const reply = await ask(lab, { ask: 'stop' });
  if (state) await end(state.supervisor, reply !== undefined);
  for (const pid of process.platform === 'linux' ? processesIn(lab.hosts) : []) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended.
    }
  }
  await rm(lab.root, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
}

/** Waits for the supervisor to end: asked kindly, then not. */
async function end(supervisor: ProcessId, asked: boolean): Promise<void> {
  if (!asked && isRunning(supervisor)) process.kill(supervisor.pid, 'SIGTERM');
  for (let waited = 0; isRunning(supervisor); waited += 50) {
    if (waited === PATIENCE) process.kill(supervisor.pid, 'SIGKILL');
    await sleep(50);
  }
}
