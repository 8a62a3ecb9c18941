import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { add, compareForecast, summary } from './kit/forecast.ts';
import { suite } from './kit/skip.ts';
import { slipway } from './kit/slipway.ts';

type Random = () => number;

/** mulberry32: the same seed, the same playbook. */
function random(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const pick = <T>(next: Random, all: readonly T[]): T => all[Math.floor(next() * all.length)]!;

const PATHS = ['a', 'b', 'a/x', 'a/y', 'a/d', 'a/d/z', 'b/x', 'c'];
const LINES = ['one', 'two', 'one = 1', 'one = 2'];

type Make = (next: Random, at: (name?: string) => string) => Record<string, unknown>;

/** Tasks that get in each other's way, since there are few paths for them. */
const TASKS: readonly Make[] = [
  (next, at) => ({ file: { path: at(), state: 'directory', ...(next() < 0.3 && { mode: '0700' }) } }),
  (next, at) => ({ file: { path: at(), state: pick(next, ['touch', 'absent', 'file']) } }),
  (_, at) => ({ file: { path: at(), state: 'absent' } }),
  (next, at) => ({ file: { path: at(), src: at(), state: 'link', force: next() < 0.5 } }),
  (next, at) => ({ file: { path: at(), mode: pick(next, ['0600', '0644', 'u+x']) } }),
  (next, at) => ({ copy: { content: `${pick(next, LINES)}\n`, dest: at(), ...mode(next) } }),
  (next, at) => ({ copy: { content: `${pick(next, LINES)}\n`, dest: at(), ...mode(next) } }),
  (next, at) => ({ copy: { src: at(), dest: at(), remote_src: true, ...mode(next) } }),
  (next, at) => ({ lineinfile: { path: at(), line: pick(next, LINES), create: next() < 0.6 } }),
  (next, at) => ({ lineinfile: { path: at(), regexp: '^one', line: pick(next, LINES), create: true } }),
  (next, at) => ({ lineinfile: { path: at(), regexp: pick(next, ['^one', 'two']), state: 'absent' } }),
  (next, at) => ({ blockinfile: { path: at(), block: pick(next, LINES), create: true } }),
  (next, at) => ({ replace: { path: at(), regexp: 'one', replace: pick(next, ['two', 'one']) } }),
  (_, at) => ({ command: { cmd: `cp ${at('c')} ${at('a')}/copied`, creates: at() } }),
];

function mode(next: Random): Record<string, string> {
  return next() < 0.4 ? { mode: pick(next, ['0600', '0640']) } : {};
}

function tasks(next: Random, folder: string): Record<string, unknown>[] {
  const at = (name = pick(next, PATHS)) => path.join(folder, name);
  const list: Record<string, unknown>[] = [];
  for (let number = 0; number < 10; number++) {
    const task = { name: `task ${number}`, ...pick(next, TASKS)(next, at), ignore_errors: true };
    if (next() < 0.25) {
      list.push({ name: `look ${number}`, stat: { path: at() }, register: `seen${number}` });
      list.push({ ...task, when: `${next() < 0.5 ? '!' : ''}seen${number}.stat.exists` });
    } else list.push(task);
  }
  return list;
}

const FIRST = Number(process.env['SLIPWAY_SEED'] ?? 0);
const SEEDS = Number(process.env['SLIPWAY_RUNS'] ?? 25);

/** Playbooks that nobody would write: what is foretold of them comes true all the same. */
suite('what a dry run foretells of random tasks is what they do', [], () => {
  const base = mkdtempSync(path.join(os.tmpdir(), 'slipway-forecast-'));
  const sum: Record<string, number> = {};
  afterAll(() => {
    rmSync(base, { recursive: true, force: true });
    process.stdout.write(`forecasts of random tasks: ${summary(sum)}\n`);
  });

  test.each(Array.from({ length: SEEDS }, (_, at) => FIRST + at))('seed %i', async (seed) => {
    const next = random(seed);
    const folder = mkdtempSync(path.join(base, 'host-'));
    const play = { hosts: 'all', connection: 'local', gather_facts: false, tasks: tasks(next, folder) };
    const file = path.join(base, `${seed}.yml`);
    writeFileSync(file, stringify([play]));
    const command = ['run', file, '-i', 'here,', '--output', 'jsonl'];
    const dry = await slipway([...command, '--check'], base);
    const real = await slipway(command, base);
    const { wrong, table } = compareForecast(dry, real);
    expect({ wrong, play: wrong.length > 0 ? file : '' }).toEqual({ wrong: [], play: '' });
    expect(Object.values(table).reduce((a, b) => a + b, 0)).toBeGreaterThan(0);
    add(sum, table);
  });
});
