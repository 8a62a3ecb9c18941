// Writes what is derived from the code: the module index and the references in docs/generated. `--check` only compares.
import { existsSync, readdirSync, readFileSync, writeFileSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

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

function moduleIndex() {
  const folder = path.join(root, 'src/modules');
  const files = readdirSync(folder, { recursive: true })
    .map((file) => file.split(path.sep).join('/'))
    .filter((file) => /^[a-z]+\/[a-z0-9-]+\.ts$/.test(file))
    .filter((file) =>
      /^export const \w+ = define(State|Query|Action|Control)\b/m.test(
        readFileSync(path.join(folder, file), 'utf8'),
      ),
    )
    .sort();
  const names = files.map(
    (file) => /^export const (\w+) = define/m.exec(readFileSync(path.join(folder, file), 'utf8'))[1],
  );
  const imports = files.map((file, i) => `import { ${names[i]} } from './${file}';`);
  return [
    '// Made by `npm run generate` from the files in this folder.',
    "import type { Module } from '../module/contract.ts';",
    ...imports,
    '',
    'export const modules: ReadonlyMap<string, Module> = new Map<string, Module>(',
    `  [${names.join(', ')}].map((module) => [module.name, module as Module]),`,
    ');',
    '',
  ].join('\n');
}

put('src/modules/index.generated.ts', moduleIndex());

if (stale.length > 0) {
  console.error(`stale: ${stale.join(', ')}; run \`npm run generate\``);
  process.exit(1);
}
