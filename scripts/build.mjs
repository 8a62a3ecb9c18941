// One file for each entry: bin/code-cache.js keeps what V8 makes of it. What is imported only when used stays unevaluated
// until then; packages that few runs need stay outside.
import { build } from 'esbuild';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { modulesPlugin } from './bundled-modules.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
if (!existsSync(`${root}src/main.ts`)) process.exit(0);
const { version } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));

// Bundled, ssh2 would look for its native crypto beside the bundle, and do without it and without a word. Its agents for
// HTTP, which we have no use for, would load Node's TLS at each start.
const ssh2Plugin = {
  name: 'ssh2',
  setup(builder) {
    builder.onResolve({ filter: /http-agents\.js$/ }, ({ path }) => ({ path, namespace: 'empty' }));
    builder.onLoad({ filter: /./, namespace: 'empty' }, () => ({ contents: 'module.exports = {};' }));
    builder.onResolve({ filter: /sshcrypto\.node$/ }, () => ({
      path: 'ssh2/lib/protocol/crypto/build/Release/sshcrypto.node',
      external: true,
    }));
  },
};

rmSync(`${root}dist`, { recursive: true, force: true });
const { outputFiles } = await build({
  absWorkingDir: root,
  entryPoints: { slipway: 'src/main.ts', 'lab-supervisor': 'src/lab/supervisor/main.ts' },
  outdir: 'dist',
  outExtension: { '.js': '.cjs' },
  bundle: true,
  format: 'cjs',
  platform: 'node',
  target: 'node20',
  // What is kept compiled can only `require`.
  supported: { 'dynamic-import': false },
  sourcemap: true,
  sourcesContent: false,
  minify: true,
  plugins: [modulesPlugin(root), ssh2Plugin],
  external: ['dockerode', 'tar-stream', 'cpu-features'],
  define: { SLIPWAY_VERSION: JSON.stringify(version), 'import.meta.url': '__url' },
  banner: { js: "const __url = require('node:url').pathToFileURL(__filename).href;" },
  logLevel: 'warning',
  write: false,
});
mkdirSync(`${root}dist`);
for (const { path, text } of outputFiles) writeFileSync(path, path.endsWith('.cjs') ? ascii(text) : text);

// The programs of a lab host: one file that knows nothing of the project (src/lab/double/main.ts).
await build({
  ...JSON.parse(readFileSync(`${root}src/lab/double/bundle-options.json`, 'utf8')),
  absWorkingDir: root,
  entryPoints: { double: 'src/lab/double/main.ts' },
  outdir: 'dist',
  outExtension: { '.js': '.mjs' },
});

// esbuild leaves regular expressions as they are; the rest is ASCII already, which is read fastest.
function ascii(text) {
  return text.replace(/[^\0-\x7f]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
