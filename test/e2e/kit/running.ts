import { spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Event } from '../../../src/events/types.ts';

const PROGRAM = fileURLToPath(new URL('../../../bin/slipway.cjs', import.meta.url));

/** The built program while it runs, for tests that do something to it meanwhile. */
export interface Running {
  /** The first event, past or to come, of which this holds. Rejects when the program ends without it. */
  until(holds: (event: Event) => boolean): Promise<Event>;
  signal(name: NodeJS.Signals): void;
  readonly ended: Promise<{
    readonly code: number;
    readonly events: readonly Event[];
    readonly stderr: string;
  }>;
}

export function startSlipway(args: readonly string[]): Running {
  const cwd = mkdtempSync(path.join(os.tmpdir(), 'slipway-e2e-'));
  const child = spawn(process.execPath, [PROGRAM, ...args, '--output', 'jsonl'], {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const events: Event[] = [];
  const waiting = new Set<() => void>();
  let over = false;
  let rest = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => {
    const lines = (rest + String(chunk)).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line.startsWith('{')) events.push(JSON.parse(line) as Event);
    for (const look of waiting) look();
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk));
  const ended = new Promise<{ code: number; events: Event[]; stderr: string }>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      over = true;
      resolve({ code: code ?? 255, events, stderr });
      for (const look of waiting) look();
    });
  });
  return {
    until: (holds) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const found = events.find(holds);
          if (found) resolve(found);
          else if (over)
            reject(new Error(`the program ended: ${stderr}\n${JSON.stringify(events.slice(-5))}`));
          else return;
          waiting.delete(look);
        };
        waiting.add(look);
        look();
      }),
    signal: (name) => void child.kill(name),
    ended,
  };
}
