import { buildSync } from 'esbuild';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { stackOf } from '../../src/base/stack.ts';

/** A bundle in which `fail()` of src/fault.ts throws, and the error. */
function thrown({ sourcemap }: { sourcemap: boolean }): { bundle: string; error: Error } {
  const folder = mkdtempSync(path.join(tmpdir(), 'slipway-stack-'));
  mkdirSync(path.join(folder, 'src'));
  writeFileSync(
    path.join(folder, 'src/fault.ts'),
    'export function fail(): never {\n  const about: string = "a fault";\n  throw new Error(about);\n}\n',
  );
  writeFileSync(path.join(folder, 'src/main.ts'), 'export { fail } from "./fault.ts";\n');
  const bundle = path.join(folder, 'dist/program.cjs');
  const options = { bundle: true, minify: true, sourcemap, sourcesContent: false } as const;
  buildSync({
    entryPoints: [path.join(folder, 'src/main.ts')],
    outfile: bundle,
    format: 'cjs',
    platform: 'node',
    ...options,
  });
  const { fail } = createRequire(import.meta.url)(bundle) as { fail(): never };
  try {
    return fail();
  } catch (error) {
    return { bundle, error: error as Error };
  }
}

describe('the stack of a fault of ours', () => {
  test('names the sources', () => {
    const { bundle, error } = thrown({ sourcemap: true });
    const stack = stackOf(error, bundle);
    expect(stack).toMatch(/^Error: a fault\n/);
    expect(stack).toContain('src/fault.ts:3:9');
    expect(stack).not.toContain(bundle);
    expect(stack).toContain('stack.test.ts');
  });

  test('stays as it is without a source map, or with one that cannot be read', () => {
    const bare = thrown({ sourcemap: false });
    expect(stackOf(bare.error, bare.bundle)).toBe(bare.error.stack);
    const { bundle, error } = thrown({ sourcemap: true });
    rmSync(`${bundle}.map`);
    writeFileSync(`${bundle}.map`, '{');
    expect(stackOf(error, bundle)).toBe(error.stack);
  });

  test('is the message where there is none', () => {
    const error = new Error('no more than this');
    delete error.stack;
    expect(stackOf(error)).toBe('no more than this');
  });
});
