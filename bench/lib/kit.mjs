// Code of the end-to-end tests, as a module that Node can import.
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { root } from '../../scripts/install.mjs';

export async function kit(name) {
  const file = path.join(root, `dist/bench-${name}.mjs`);
  await build({
    absWorkingDir: root,
    entryPoints: [`test/e2e/kit/${name}.ts`],
    outfile: file,
    bundle: true,
    format: 'esm',
    platform: 'node',
    packages: 'external',
    logLevel: 'warning',
  });
  return import(pathToFileURL(file));
}
