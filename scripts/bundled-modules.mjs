// The modules as the bundle has them: evaluated when they are asked for, with validators of their parameters as code.
// Compiling those with ajv at each start costs more than a short run. They only say yes or no; what is wrong is said by
// ajv itself, which is loaded when something is.
import Ajv from 'ajv';
import standalone from 'ajv/dist/standalone/index.js';
import { build } from 'esbuild';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const SCHEMAS = `
  import { modules } from './src/modules/index.generated.ts';
  import { closed } from './src/module/arguments.ts';
  export const schemas = [...modules].map(([name, { params }]) => [name, closed(params)]);
`;

/**
 * esbuild's plugin that takes the place of src/modules/index.generated.ts: each module is evaluated when it is first
 * asked for, which most are not in one run, and brings its validator.
 */
export function modulesPlugin(root) {
  const folder = path.join(root, 'src/modules');
  return {
    name: 'modules',
    setup(builder) {
      builder.onResolve({ filter: /^validators$/ }, ({ path: name }) => ({ path: name, namespace: 'made' }));
      builder.onLoad({ filter: /./, namespace: 'made' }, async () => ({
        contents: await validatorsOf(root),
        resolveDir: root,
      }));
      builder.onLoad({ filter: /[\\/]src[\\/]modules[\\/]index\.generated\.ts$/ }, ({ path: file }) => ({
        contents: onDemand(readFileSync(file, 'utf8')),
        resolveDir: folder,
      }));
    },
  };
}

/** A module has the name of its file. */
function onDemand(text) {
  const imports = text.matchAll(/^import \{ (\w+) \} from '(.*\/([\w-]+)\.ts)';$/gm);
  const entries = [...imports].map(
    ([, variable, file, name]) => `${name.replaceAll('-', '_')}: () => ready(require('${file}').${variable})`,
  );
  return `
    import { OnDemand } from '../base/on-demand.ts';
    import { adoptValidator } from '../base/schema.ts';
    import { closed } from '../module/arguments.ts';
    import { validators } from 'validators';
    function ready(module) {
      adoptValidator(closed(module.params), validators.get(module.name));
      return module;
    }
    export const modules = new OnDemand({ ${entries.join(', ')} });
  `;
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
