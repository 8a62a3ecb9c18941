import { build } from 'esbuild';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

export interface Answer {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Builds the program as it is now, once for a test file, and runs command lines in a folder with these files. */
export function slipway(
  files: Readonly<Record<string, string>>,
): (args: readonly string[], env?: Readonly<Record<string, string>>, shell?: string) => Answer {
  let program = '';
  let folder = '';
  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'slipway-test-'));
    for (const [name, text] of Object.entries(files)) writeFileSync(path.join(folder, name), text);
    // Inside of the project, so that the packages that stay outside of the bundle are found.
    mkdirSync(path.join(root, '.slipway'), { recursive: true });
    program = mkdtempSync(path.join(root, '.slipway', 'test-'));
    await build({
      absWorkingDir: root,
      entryPoints: { slipway: 'src/main.ts' },
      outdir: program,
      bundle: true,
      splitting: true,
      format: 'esm',
      outExtension: { '.js': '.mjs' },
      platform: 'node',
      target: 'node20',
      packages: 'external',
      define: { SLIPWAY_VERSION: '"test"' },
      logLevel: 'warning',
    });
  }, 60_000);
  afterAll(() => {
    for (const each of [program, folder]) if (each !== '') rmSync(each, { recursive: true });
  });
  return (args, env = {}, shell) => {
    const whole = [path.join(program, 'slipway.mjs'), ...args];
    // With `shell` the command line is run by sh, as the first part of what `shell` goes on with.
    const [command, words] =
      shell === undefined
        ? [process.execPath, whole]
        : ['sh', ['-c', `(${[process.execPath, ...whole].map((word) => `'${word}'`).join(' ')} ${shell})`]];
    const { status, stdout, stderr } = spawnSync(command, words, {
      cwd: folder,
      encoding: 'utf8',
      env: { PATH: process.env['PATH'], HOME: folder, ...env },
    });
    return { code: status, stdout, stderr };
  };
}
