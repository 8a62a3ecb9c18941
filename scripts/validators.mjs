// Validators of all modules' parameters as code: compiling them with ajv at each start costs more than a short run.
// They only say yes or no; what is wrong is said by ajv itself, which is loaded when something is.
import Ajv from 'ajv';
import standalone from 'ajv/dist/standalone/index.js';
import { build } from 'esbuild';
import { mkdtempSync, rmSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const SCHEMAS = `
  import { modules } from './src/modules/index.generated.ts';
  import { closed } from './src/module/arguments.ts';
  export const schemas = [...modules].map(([name, { params }]) => [name, closed(params)]);
`;

/** esbuild's plugin that fills src/modules/validators.ts. */
export function validatorsPlugin(root) {
  return {
    name: 'validators',
    setup(builder) {
      builder.onLoad({ filter: /[\\/]src[\\/]modules[\\/]validators\.ts$/ }, async () => ({
        contents: await validatorsOf(root),
        loader: 'js',
        resolveDir: root,
      }));
    },
  };
}

async function validatorsOf(root) {
  const { schemas } = await load(root);
  const ajv = new Ajv.default({ strict: false, messages: false, code: { source: true, esm: true } });
  const names = schemas.map(([name, schema], index) => {
    ajv.addSchema(bare(schema), name);
    return [`v${index}`, name];
  });
  const code = standalone.default(ajv, Object.fromEntries(names));
  const entries = names.map(([variable, name]) => `[${JSON.stringify(name)}, ${variable}]`);
  return `${code}\nexport const validators = new Map([${entries.join(', ')}]);\n`;
}

// What says nothing about validity would only be carried along.
function bare(schema) {
  const rest = (key, value) => (typeof value === 'string' && key === 'description' ? undefined : value);
  return JSON.parse(JSON.stringify(schema, rest));
}

async function load(root) {
  // Inside the project, so that packages are found.
  const folder = mkdtempSync(path.join(root, 'node_modules/.slipway-'));
  try {
    const outfile = path.join(folder, 'schemas.mjs');
    await build({
      stdin: { contents: SCHEMAS, resolveDir: root, loader: 'ts' },
      outfile,
      bundle: true,
      format: 'esm',
      platform: 'node',
      target: 'node20',
      packages: 'external',
      logLevel: 'warning',
    });
    return await import(pathToFileURL(outfile).href);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
