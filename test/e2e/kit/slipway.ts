import { spawn } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Event } from '../../../src/events/types.ts';

const PROGRAM = fileURLToPath(new URL('../../../bin/slipway.cjs', import.meta.url));

export interface SlipwayRun {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly events: readonly Event[];
  /** Tasks that changed something (or would), as `host: name`. */
  readonly changed: readonly string[];
  /** Failures with their messages. */
  readonly failures: readonly string[];
}

/** Runs the built program in a folder of its own and reads its events. */
export async function slipway(
  args: readonly string[],
  folder = mkdtempSync(path.join(os.tmpdir(), 'slipway-e2e-')),
): Promise<SlipwayRun> {
  const { code, stdout, stderr } = await run([PROGRAM, ...args], folder);
  const events = stdout
    .split('\n')
    .filter((line) => line.startsWith('{"event"'))
    .map((line) => JSON.parse(line) as Event);
  const finished = events
    .filter((event) => event.event === 'task.finished')
    .filter((event) => !event.partial);
  return {
    code,
    stdout,
    stderr,
    events,
    changed: finished
      .filter(({ status }) => status === 'changed')
      .map(({ host, name }) => `${host}: ${name}`),
    failures: finished
      .filter(({ failure }) => failure)
      .map(({ host, name, failure }) => `${host}: ${name}: ${failure?.message}\n${failure?.stderr ?? ''}`),
  };
}

/** A playbook file in a new folder. */
export function playbook(text: string): string {
  const file = path.join(mkdtempSync(path.join(os.tmpdir(), 'slipway-e2e-')), 'playbook.yml');
  writeFileSync(file, text);
  return file;
}

function run(
  args: readonly string[],
  cwd: string,
): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (stdout += chunk));
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code: code ?? 255, stdout, stderr }));
  });
}
