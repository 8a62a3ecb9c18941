// Writes what is derived from the code: the module index and the references in docs/generated. `--check` only compares.
import { build } from 'esbuild';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const check = process.argv.includes('--check');
const stale = [];

function put(file, text) {
  const target = path.join(root, file);
  const before = existsSync(target) ? readFileSync(target, 'utf8') : undefined;
  if (before === text) return;
  if (check) return void stale.push(file);
  mkdirSync(path.dirname(target), { recursive: true });
  writeFileSync(target, text);
  console.log(`wrote ${file}`);
}

const DEFINED = /^export const (\w+) = define(?:State|Query|Action|Control)\b/m;

function moduleIndex() {
  const folder = path.join(root, 'src/modules');
  const found = readdirSync(folder, { recursive: true })
    .map((file) => file.split(path.sep).join('/'))
    .filter((file) => /^[a-z]+\/[a-z0-9-]+\.ts$/.test(file))
    .sort()
    .map((file) => ({ file, name: DEFINED.exec(readFileSync(path.join(folder, file), 'utf8'))?.[1] }))
    .filter(({ name }) => name);
  return [
    '// Made by `npm run generate` from the files in this folder.',
    "import type { Module } from '../module/contract.ts';",
    ...found.map(({ file, name }) => `import { ${name} } from './${file}';`),
    '',
    'const all: readonly Module[] = [',
    ...found.map(({ name }) => `  ${name},`),
    '];',
    '',
    'export const modules: ReadonlyMap<string, Module> = new Map(all.map((module) => [module.name, module]));',
    '',
  ].join('\n');
}

/** Bundles the reference's source and runs it. */
async function references() {
  const folder = mkdtempSync(path.join(root, 'node_modules/.slipway-'));
  const outfile = path.join(folder, 'all.mjs');
  try {
    const entryPoints = [path.join(root, 'src/cli/reference/all.ts')];
    await build({
      entryPoints,
      outfile,
      bundle: true,
      format: 'esm',
      platform: 'node',
      packages: 'external',
      logLevel: 'warning',
    });
    return (await import(pathToFileURL(outfile).href)).references();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

put('src/modules/index.generated.ts', moduleIndex());
if (existsSync(path.join(root, 'src/cli/reference/all.ts'))) {
  for (const [file, text] of Object.entries(await references())) put(`docs/generated/${file}`, text);
}

if (stale.length > 0) {
  console.error(`stale: ${stale.join(', ')}; run \`npm run generate\``);
  process.exit(1);
}
