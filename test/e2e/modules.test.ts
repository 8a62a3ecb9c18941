import { cpSync, mkdtempSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import type { Example, Module } from '../../src/module/contract.ts';
import { modules } from '../../src/modules/index.generated.ts';
import { differences, fingerprint } from './kit/fingerprint.ts';
import { add, compareForecast, summary } from './kit/forecast.ts';
import { startNodes, type TestNodes } from './kit/nodes.ts';
import { docker, suite } from './kit/skip.ts';
import { playbook, slipway, type SlipwayRun } from './kit/slipway.ts';

/**
 * The promise of every module, kept on a real host over SSH and sudo: a dry run touches nothing and foretells what the
 * run does, a state that was applied is the same the second time, and then nothing is sent that could change anything.
 */
suite('modules on a real host', [docker], () => {
  let nodes: TestNodes;
  const folder = mkdtempSync(path.join(os.tmpdir(), 'slipway-modules-'));
  beforeAll(async () => {
    nodes = await startNodes(1);
    cpSync(fileURLToPath(new URL('../fixtures/', import.meta.url)), folder, { recursive: true });
  });
  const sum: Record<string, number> = {};
  afterAll(async () => {
    await nodes?.stop();
    process.stdout.write(`forecasts of examples: ${summary(sum)}\n`);
  });

  const run = (file: string, ...more: string[]) =>
    slipway(
      ['run', file, '-i', path.join(nodes.folder, 'inventory.yml'), '--output', 'jsonl', ...more],
      folder,
    );

  for (const module of modules.values()) {
    for (const example of module.examples.filter(({ skip }) => !skip)) {
      it(`${module.name}: ${example.title}`, () => keepsItsPromise(module, example));
    }
  }

  async function keepsItsPromise(module: Module, example: Example): Promise<void> {
    const node = nodes.nodes[0]!;
    if (example.given) {
      const { code, stderr } = await node.root(example.given);
      if (code !== 0) throw new Error(`the host could not be made ready: ${stderr}`);
    }
    const tasks = parse(example.yaml) as unknown[];
    const play = {
      name: module.name,
      hosts: 'nodes',
      remote_user: 'free',
      become: true,
      gather_facts: module.kind === 'control',
      tasks,
    };
    const file = path.join(folder, `${module.name}.yml`);
    cpSync(playbook(stringify([play])), file);

    const before = await fingerprint(node);
    const dry = await run(file, '--check', '--diff');
    succeeded(dry);
    expect(differences(before, await fingerprint(node))).toEqual([]);

    const real = await run(file, '--diff');
    succeeded(real);
    foresaw(dry, real);
    // Only a state can be the same the second time.
    if (module.kind !== 'state') return;
    const again = await run(file, '--check');
    succeeded(again);
    const settled = await fingerprint(node);
    const second = await run(file);
    succeeded(second);
    foresaw(again, second);
    const mine = (result: SlipwayRun) =>
      result.events.filter(
        (event) =>
          event.event === 'task.finished' && event.module === module.name && event.status === 'changed',
      );
    expect(mine(again)).toEqual([]);
    expect(mine(second)).toEqual([]);
    const touched = second.changed.length === 0 ? differences(settled, await fingerprint(node)) : [];
    expect(touched).toEqual([]);
  }

  function foresaw(dry: SlipwayRun, real: SlipwayRun): void {
    const { wrong, table } = compareForecast(dry, real);
    expect(wrong).toEqual([]);
    add(sum, table);
  }
});

function succeeded(result: SlipwayRun): void {
  expect(result.failures).toEqual([]);
  expect(`${result.code} ${result.stderr}`).toMatch(/^0/);
}
