// A fresh clone is made ready by the scripts themselves: what is installed and built already is left alone.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');

/** Runs a program with the terminal as it is; ends this process with its exit code when it fails. */
export function must(program, args, options = {}) {
  const { status, error, signal } = spawnSync(program, args, { cwd: root, stdio: 'inherit', ...options });
  if (error) console.error(`${program}: ${error.message}`);
  if (status !== 0) process.exit(status ?? (signal ? 1 : 127));
}

/** Installs the packages when they are missing or older than the lock file says. */
export function install() {
  const marker = path.join(root, 'node_modules/.package-lock.json');
  if (existsSync(marker)) return;
  // A linked node_modules (a worktree) is somebody else's to fill.
  if (existsSync(path.join(root, 'node_modules/typebox'))) return;
  console.log('installing packages (npm ci) …');
  must('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
}

/** Builds when there is no bundle, or a source is newer than it. */
export function build() {
  const bundle = path.join(root, 'dist/slipway.cjs');
  if (existsSync(bundle) && !newerThan(statSync(bundle).mtimeMs)) return;
  must(process.execPath, ['scripts/build.mjs']);
}

function newerThan(time) {
  const src = path.join(root, 'src');
  return readdirSync(src, { recursive: true }).some(
    (name) => /\.(ts|json)$/.test(name) && statSync(path.join(src, name)).mtimeMs > time,
  );
}
