import { spawnSync } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { describe } from 'vitest';

/** Why something that a suite needs is not there; undefined when it is. */
export type Need = () => string | undefined;

/** Begins the reason of a suite that may be left out. */
const OPTIONAL = 'optional: ';

/** A Docker engine and the base image that scripts/e2e.mjs makes. */
export const docker: Need = () => {
  const known = process.env['SLIPWAY_NO_DOCKER'];
  if (known) return known;
  const image = baseImage();
  const { status, error, stderr } = spawnSync('docker', ['image', 'inspect', image], { encoding: 'utf8' });
  if (status === 0) return undefined;
  return error ? `there is no \`docker\` program` : `no image ${image}: ${stderr.trim()}`;
};

export const root: Need = () => (process.getuid?.() === 0 ? undefined : 'this is not root');

/** A program on the PATH. */
export function program(name: string): Need {
  return () => {
    const found = spawnSync('sh', ['-c', 'command -v "$1"', 'sh', name]).status === 0;
    return found ? undefined : `there is no \`${name}\` program`;
  };
}

export function baseImage(): string {
  return process.env['SLIPWAY_TEST_IMAGE'] ?? 'slipway-base:bookworm';
}

/**
 * A suite that needs something of the machine. Where that is missing it is skipped, loudly: the reason is printed and
 * handed to scripts/e2e.mjs, which fails for it unless SLIPWAY_E2E_OPTIONAL is set, or the suite is an optional one.
 */
export function suite(
  title: string,
  needs: readonly Need[],
  body: () => void,
  { optional = false }: { readonly optional?: boolean } = {},
): void {
  const reasons = needs.flatMap((need) => need() ?? []);
  if (reasons.length > 0) {
    const line = `${title}: ${reasons.join('; ')}`;
    console.warn(`\n*** SKIPPED ${line} ***\n`);
    const file = process.env['SLIPWAY_E2E_SKIPS'];
    if (file) appendFileSync(file, `${optional ? OPTIONAL : ''}${line}\n`);
  }
  describe.skipIf(reasons.length > 0)(title, () => {
    body();
  });
}
