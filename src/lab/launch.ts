import { spawn } from 'node:child_process';
import { existsSync, openSync, closeSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { SlipwayError } from '../base/errors.ts';
import { type LabFolder, processId } from './folder.ts';
import type { ProcessId, SupervisorMessage } from './types.ts';

export interface Launched {
  readonly process: ProcessId;
  readonly packages: readonly string[];
}

/**
 * The supervisor's program: a file of its own beside the bundle. `SLIPWAY_LAB_SUPERVISOR` names another one, for what
 * runs from the sources.
 */
function supervisorProgram(): string {
  const program =
    process.env['SLIPWAY_LAB_SUPERVISOR'] ?? fileURLToPath(new URL('./lab-supervisor.cjs', import.meta.url));
  if (existsSync(program)) return program;
  throw new SlipwayError('lab.failed', `the lab's program ${program} is not there`, {
    hint: 'Run `npm run build`.',
  });
}

/**
 * Starts the supervisor in a session of its own, so that it outlives this command, and waits until all hosts are up.
 * @throws {SlipwayError} lab.failed, lab.unsupported
 */
export async function launchSupervisor(
  lab: LabFolder,
  folder: string,
  onProgress: (text: string) => void,
): Promise<Launched> {
  const log = openSync(lab.log, 'a', 0o600);
  const child = spawn(process.execPath, [supervisorProgram(), folder], {
    detached: true,
    stdio: ['ignore', log, log, 'ipc'],
    // Variables of the caller (a proxy, NODE_OPTIONS of a test runner) are none of the lab's.
    env: { PATH: process.env['PATH'] ?? '/usr/sbin:/usr/bin:/sbin:/bin', HOME: process.env['HOME'] ?? '/' },
  });
  closeSync(log);
  try {
    return await new Promise<Launched>((resolve, reject) => {
      child.on('message', (message: SupervisorMessage) => {
        if (message.type === 'progress') onProgress(message.text);
        else if (message.type === 'failed')
          reject(new SlipwayError(message.code, message.message, { hint: `More is in ${lab.log}.` }));
        else {
          const id = child.pid === undefined ? undefined : processId(child.pid);
          if (id) resolve({ process: id, packages: message.packages });
        }
      });
      child.once('error', (cause) =>
        reject(new SlipwayError('lab.failed', 'the lab could not be started', { cause })),
      );
      child.once('exit', (code, signal) =>
        reject(
          new SlipwayError(
            'lab.failed',
            `the lab ended while it was starting (${signal ?? `exit code ${code}`})`,
            {
              hint: `Its log is ${lab.log}.`,
            },
          ),
        ),
      );
    });
  } finally {
    child.removeAllListeners();
    if (child.connected) child.disconnect();
    child.unref();
  }
}
