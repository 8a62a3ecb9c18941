import { cpSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { differences, fingerprint } from './kit/fingerprint.ts';
import { add, compareForecast, foretold, summary } from './kit/forecast.ts';
import { startNodes, type TestNode, type TestNodes } from './kit/nodes.ts';
import { docker, suite } from './kit/skip.ts';
import { slipway, type SlipwayRun } from './kit/slipway.ts';

interface Chain {
  readonly chain: string;
  readonly given?: string;
  readonly files?: Readonly<Record<string, string>>;
  readonly tasks: readonly unknown[];
  readonly handlers?: readonly unknown[];
  readonly undone: string;
  readonly foretold: string;
}

const beside = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const CHAINS = parse(readFileSync(beside('forecast-chains.yaml'), 'utf8')) as readonly Chain[];

const THOROUGH = process.env['SLIPWAY_RUNS'] !== undefined;

/** What people write: each task hangs on those before it. The dry run knows, although nothing of it is there yet. */
suite('what a dry run foretells of ordinary chains of tasks is what they do', [docker], () => {
  let nodes: TestNodes;
  let node: TestNode;
  const sum: Record<string, number> = {};
  const folder = mkdtempSync(path.join(os.tmpdir(), 'slipway-chains-'));
  beforeAll(async () => {
    nodes = await startNodes(1);
    node = nodes.nodes[0]!;
    cpSync(beside('../fixtures/'), folder, { recursive: true });
  });
  afterAll(async () => {
    await nodes?.stop();
    process.stdout.write(`forecasts of chains: ${summary(sum)}\n`);
  });

  const run = (file: string, ...more: string[]) =>
    slipway(
      ['run', file, '-i', path.join(nodes.folder, 'inventory.yml'), '--output', 'jsonl', ...more],
      folder,
    );

  async function sh(script: string): Promise<void> {
    const { code, stderr } = await node.root(script);
    if (code !== 0) throw new Error(`the host could not be made ready: ${stderr}`);
  }

  function written({ chain, tasks, handlers = [], files = {} }: Chain, at: number): string {
    const here = path.join(folder, `here-${at}`);
    mkdirSync(here, { recursive: true });
    for (const [name, text] of Object.entries(files)) writeFileSync(path.join(folder, name), text);
    const play = {
      name: chain,
      hosts: 'nodes',
      remote_user: 'free',
      become: true,
      gather_facts: false,
      vars: { here },
      tasks,
      handlers,
    };
    const file = path.join(folder, `chain-${at}.yml`);
    writeFileSync(file, stringify([play]));
    return file;
  }

  async function comesTrue(file: string): Promise<SlipwayRun> {
    const before = await fingerprint(node);
    const dry = await run(file, '--check');
    const written = differences(before, await fingerprint(node));
    const real = await run(file);
    const { wrong, table } = compareForecast(dry, real);
    const ended = [dry, real].map(({ code, failures, stderr }) => ({
      code,
      why: code ? failures : [],
      // What the check warns of (two tasks that own one file) is no matter here.
      stderr: stderr.startsWith('warning: ') ? '' : stderr,
    }));
    const well = { code: 0, why: [], stderr: '' };
    expect({ wrong, written, ended }).toEqual({ wrong: [], written: [], ended: [well, well] });
    add(sum, table);
    return dry;
  }

  describe.each(CHAINS.map((chain, at) => [chain.chain, chain, at] as const))('%s', (_, chain, at) => {
    let file: string;
    test('where nothing of it is there', async () => {
      file = written(chain, at);
      if (chain.given) await sh(chain.given);
      expect(foretold(await comesTrue(file))).toBe(chain.foretold);
    });
    // Each chain from one of the two; all of both with SLIPWAY_RUNS.
    if (THOROUGH || at % 2 === 0) test('where all of it is there', () => comesTrue(file));
    if (!THOROUGH && at % 2 === 0) return;
    test('where half of it is there', async () => {
      await sh(chain.undone);
      await comesTrue(file);
    });
  });
});
