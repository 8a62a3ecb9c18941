// One bundle for each entry, in a few chunks: what a command does not need is not loaded. Heavy or native packages
// (ssh2 above all: bundled, it loses its native crypto without a word) stay outside and are imported when used.
import { build } from 'esbuild';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { validatorsPlugin } from './validators.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
if (!existsSync(`${root}src/main.ts`)) process.exit(0);
const { version } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));
rmSync(`${root}dist`, { recursive: true, force: true });
await build({
  absWorkingDir: root,
  entryPoints: { slipway: 'src/main.ts', 'lab-supervisor': 'src/lab/supervisor/main.ts' },
  outdir: 'dist',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  sourcemap: true,
  minifyWhitespace: true,
  plugins: [validatorsPlugin(root)],
  external: ['ssh2', 'dockerode', 'tar-stream'],
  define: { SLIPWAY_VERSION: JSON.stringify(version) },
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
  logLevel: 'warning',
});

// The programs of a lab host: one file that knows nothing of the project (src/lab/double/main.ts).
await build({
  ...JSON.parse(readFileSync(`${root}src/lab/double/bundle-options.json`, 'utf8')),
  absWorkingDir: root,
  entryPoints: { double: 'src/lab/double/main.ts' },
  outdir: 'dist',
  outExtension: { '.js': '.mjs' },
});
