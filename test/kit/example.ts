import { parse } from 'yaml';
import type { Example, Module } from '../../src/module/contract.ts';
import type { Local } from '../../src/module/host.ts';
import { FolderLocal } from './folder-local.ts';
import { localHost, runLocally, type Shell } from './local-shell.ts';

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
    outcomes.push(await runTask(module, all, new FolderLocal(task['vars'] as Yaml | undefined), shell));
  }
  return outcomes;
}

async function runTask(module: Module, params: Yaml, local: Local, shell: Shell): Promise<string> {
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
