import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** One folder for all temporary files of a run of the unit tests: workers that are ended cannot clean up behind them. */
export function setup(): () => void {
  const folder = mkdtempSync(path.join(tmpdir(), 'slipway-unit-'));
  chmodSync(folder, 0o755);
  process.env['TMPDIR'] = folder;
  return () => rmSync(folder, { recursive: true, force: true });
}
