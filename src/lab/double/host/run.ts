import { spawnSync } from 'node:child_process';

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program of the host and waits; 127 where it does not exist. */
export function run(program: string, args: readonly string[], input?: string): Ran {
  const done = spawnSync(program, args, {
    encoding: 'utf8',
    maxBuffer: 64 << 20,
    ...(input === undefined ? {} : { input }),
  });
  if (done.error !== undefined && done.status === null)
    return { code: 127, stdout: '', stderr: done.error.message };
  return { code: done.status ?? 137, stdout: done.stdout, stderr: done.stderr };
}

export function onPath(program: string): boolean {
  return run('sh', ['-c', 'command -v "$1"', 'sh', program]).code === 0;
}

export async function sleep(milliseconds: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, milliseconds));
}
