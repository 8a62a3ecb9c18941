// `npm run e2e`: everything against real hosts: systemd + OpenSSH containers, apt, dpkg, gpg, sudo. Sets up what it
// needs (a Docker engine that is installed, a base image) and says loudly what it had to leave out.
// Arguments go to vitest (`npm run e2e -- test/e2e/lab`). SLIPWAY_E2E_OPTIONAL=1: left-out suites are no failure.
import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { BASE, ensureBaseImage } from './base-image.mjs';
import { ensureEngine } from './docker-engine.mjs';
import { build, install, root } from './install.mjs';

install();
build();

const missing = (await ensureEngine()) ?? ensureBaseImage();
if (missing) console.log(`\n*** no containers: ${missing} ***\n`);

const folder = mkdtempSync(path.join(os.tmpdir(), 'slipway-e2e-'));
// Ordinary users of the tests have labs in it, too.
chmodSync(folder, 0o755);
const report = path.join(folder, 'report.json');
const skips = path.join(folder, 'skips.txt');
const { status } = spawnSync(
  process.execPath,
  [
    path.join(root, 'node_modules/vitest/vitest.mjs'),
    'run',
    '--project',
    'e2e',
    '--passWithNoTests',
    '--reporter=default',
    `--reporter=${path.join(root, 'scripts/outcomes.mjs')}`,
    '--reporter=json',
    `--outputFile.json=${report}`,
    ...process.argv.slice(2),
  ],
  {
    cwd: root,
    stdio: 'inherit',
    env: {
      ...process.env,
      TMPDIR: folder,
      SLIPWAY_TEST_IMAGE: BASE,
      SLIPWAY_LAB_BASE: process.env.SLIPWAY_LAB_BASE ?? BASE,
      SLIPWAY_E2E_SKIPS: skips,
      ...(missing ? { SLIPWAY_NO_DOCKER: missing } : {}),
    },
  },
);

const counts = existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')) : {};
if (process.env.SLIPWAY_REPORT && existsSync(report)) copyFileSync(report, process.env.SLIPWAY_REPORT);
const reasons = existsSync(skips) ? [...new Set(readFileSync(skips, 'utf8').trimEnd().split('\n'))] : [];
const numbers = {
  passed: counts.numPassedTests ?? 0,
  failed: (counts.numFailedTests ?? 0) + (status !== 0 && !counts.numFailedTests ? 1 : 0),
  skipped: (counts.numPendingTests ?? 0) + (counts.numTodoTests ?? 0),
};
rmSync(folder, { recursive: true, force: true });
for (const reason of reasons) console.log(`not run: ${reason}`);
if (numbers.skipped > 0 && reasons.length === 0)
  console.log('not run: tests that name no reason (see above)');
console.log(`end to end: ${numbers.passed} passed, ${numbers.failed} failed, ${numbers.skipped} skipped`);
// What a machine need not have says so itself (test/e2e/kit/skip.ts).
const needed = reasons.filter((reason) => !reason.startsWith('optional: '));
const leftOut = (missing !== undefined || needed.length > 0) && !process.env.SLIPWAY_E2E_OPTIONAL;
if (leftOut) console.log('Suites were left out; that fails here. SLIPWAY_E2E_OPTIONAL=1 allows it.');
process.exit(status !== 0 || leftOut ? 1 : 0);
