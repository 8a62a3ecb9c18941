import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import type { Example, Module } from '../../src/module/contract.ts';
import { FakeLocal } from './fake-local.ts';
import { localHost, runLocally, type Shell } from './local-shell.ts';

const folder = fileURLToPath(new URL('../fixtures/', import.meta.url));

/** The controller's files that examples use: test/fixtures/files and templates, by their names there. */
export function fixtures(variables: Record<string, unknown> = {}): FakeLocal {
  const files: Record<string, string> = {};
  for (const root of [path.join(folder, 'files'), path.join(folder, 'templates')]) {
    for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const file = path.join(entry.parentPath, entry.name);
      files[path.relative(root, file)] = readFileSync(file, 'utf8');
    }
  }
  return new FakeLocal(files, variables);
}

type Yaml = Record<string, unknown>;

/** What one pass over an example's tasks came to: 'change', 'same', 'ran', 'skipped' or 'read', for each task. */
export async function runExample(
  modules: ReadonlyMap<string, Module>,
  example: Example,
  shell: Shell,
): Promise<string[]> {
  const outcomes: string[] = [];
  for (const task of parse(example.yaml) as Yaml[]) {
    const name = Object.keys(task).find((key) => modules.has(key));
    if ('debug' in task) continue;
    if (name === undefined) throw new Error(`no module in ${JSON.stringify(task)}`);
    const module = modules.get(name)!;
    const given = task[name];
    const params = typeof given === 'string' ? { [module.freeForm!.param]: given } : ((given ?? {}) as Yaml);
    const all = { ...params, ...(task['args'] as Yaml | undefined) };
    outcomes.push(await runTask(module, all, fixtures(task['vars'] as Yaml | undefined), shell));
  }
  return outcomes;
}

async function runTask(module: Module, params: Yaml, local: FakeLocal, shell: Shell): Promise<string> {
  if (module.kind === 'control') return 'read';
  const ready = module.prepare ? await module.prepare(params, local) : params;
  if (module.kind === 'query') {
    module.read(await runLocally(shell, module.probe(ready)), ready);
    return 'read';
  }
  if (module.kind === 'action') {
    const guard = module.guard?.(ready);
    if (guard && (await runLocally(shell, guard)).code !== 0) return 'skipped';
    const run = module.run(ready);
    const output = typeof run === 'function' ? await run(localHost(shell)) : await runLocally(shell, run);
    module.read(output, ready);
    return 'ran';
  }
  const look = async () =>
    module.compare(module.read(await runLocally(shell, module.probe(ready)), ready), ready);
  const verdict = await look();
  if (verdict.verdict === 'impossible') throw new Error(`impossible: ${verdict.why}`);
  if (verdict.verdict === 'same') return 'same';
  const apply = module.apply(verdict.change, ready);
  if (typeof apply === 'function') await apply(localHost(shell));
  else {
    const output = await runLocally(shell, apply);
    if (output.code !== 0)
      throw new Error(`apply exited with ${output.code}: ${output.stderr}\n${apply.text}`);
  }
  const after = await look();
  if (after.verdict !== 'same') throw new Error(`not idempotent: ${JSON.stringify(after)}`);
  return 'change';
}
