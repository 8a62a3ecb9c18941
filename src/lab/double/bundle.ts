import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type * as Esbuild from 'esbuild';
import type { BuildOptions } from 'esbuild';
import type { DebPackage } from '../deb/types.ts';
import { kubernetesPackages } from './packages/kubernetes.ts';
import { runtimePackages } from './packages/runtime.ts';

let built: string | undefined;

function build(): string {
  // In dist the file lies beside the program; in a checkout it is made from the sources.
  const ready = fileURLToPath(new URL('double.mjs', import.meta.url));
  if (existsSync(ready)) return readFileSync(ready, 'utf8');
  const esbuild = createRequire(import.meta.url)('esbuild') as typeof Esbuild;
  const options = readFileSync(new URL('bundle-options.json', import.meta.url), 'utf8');
  const result = esbuild.buildSync({
    ...(JSON.parse(options) as BuildOptions),
    entryPoints: [fileURLToPath(new URL('main.ts', import.meta.url))],
    write: false,
  });
  return result.outputFiles?.[0]?.text ?? '';
}

/** The doubles of all programs as one self-contained module file. */
export function doubleSource(): string {
  return (built ??= build());
}

/** `v1.34.1`, `1.34.1`, `1.34` -> `1.34.1`; a minor alone means its second patch release. */
function wholeVersion(version: string): string {
  const plain = version.replace(/^v/, '').replace(/-.*$/, '');
  return /^\d+\.\d+$/.test(plain) ? `${plain}.1` : plain;
}

/** The patch releases up to the one that is asked for: a repository holds older ones too. */
function releases(version: string): string[] {
  const whole = wholeVersion(version);
  const [major, minor, patch = '0'] = whole.split('.');
  const first = Math.max(0, Number(patch) - 2);
  return Array.from({ length: Number(patch) - first + 1 }, (_, i) => `${major}.${minor}.${first + i}`);
}

/**
 * The packages of a lab's repository: kubeadm, kubelet and kubectl in `version` and the patch releases before it, and
 * what they need. Every payload is simulated and says so.
 */
export function packages(version: string): DebPackage[] {
  const source = doubleSource();
  return [...kubernetesPackages(releases(version), source), ...runtimePackages()];
}
