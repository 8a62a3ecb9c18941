import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SlipwayError, SlipwayErrors } from '../../src/base/errors.ts';
import { Secrets } from '../../src/base/secrets.ts';
import { readExtraVars } from '../../src/cli/extra-vars.ts';
import { commaList } from '../../src/cli/options.ts';
import { newRun, previousRun, readSummary, recordRun, type RunSummary } from '../../src/cli/runs.ts';
import { timingLines } from '../../src/cli/timings.ts';
import { askPrompts } from '../../src/cli/vars-prompt.ts';
import { folderOf } from '../kit/folder.ts';

describe('readExtraVars', () => {
  it.each([
    [['a=1 b="x y"'], { a: '1', b: 'x y' }],
    [['{"a": 1, "b": [true]}'], { a: 1, b: [true] }],
    [['{a: 1}', 'a=2'], { a: '2' }],
    [['a=b=c'], { a: 'b=c' }],
    [[], {}],
  ])('%j', (given, expected) => expect(readExtraVars(given)).toEqual(expected));

  it('reads files', () => {
    const file = path.join(folderOf({ 'v.yml': 'a: 1\nb: {c: x}\n' }), 'v.yml');
    expect(readExtraVars([`@${file}`, 'a=2'])).toEqual({ a: '2', b: { c: 'x' } });
  });

  it('names what is wrong', () => {
    expect(() => readExtraVars(['a'])).toThrow('-e a: `a` is not name=value');
    expect(() => readExtraVars(['@/nowhere.yml'])).toThrow('-e @/nowhere.yml: the file cannot be read');
    expect(() => readExtraVars(['[1]'])).toThrow('-e: this must be a mapping');
    expect(() => readExtraVars(['{a: '])).toThrow(SlipwayErrors);
  });
});

it('commaList takes words apart', () => expect(commaList(['a, b', 'c', ''])).toEqual(['a', 'b', 'c']));

describe('the records of runs', () => {
  const before = process.cwd();
  beforeEach(() => process.chdir(mkdtempSync(path.join(tmpdir(), 'runs-'))));
  afterEach(() => process.chdir(before));

  function keep(time: string, playbooks: string[], exitCode: number, check = false): string {
    const run = newRun(new Date(time));
    const record = recordRun(run.folder, playbooks);
    const base = { time: 0 } as const;
    const plays = [{ name: 'Prepare' }];
    record({ ...base, event: 'run.started', run: run.id, check, plays } as never);
    record({ ...base, event: 'task.output', text: 'much' } as never);
    record({ ...base, event: 'play.finished', play: 0, duration: 1500 } as never);
    record({ ...base, event: 'run.finished', duration: 2000, exitCode } as never);
    return run.id;
  }

  it('keeps the events, but not the live output', () => {
    const id = keep('2026-01-02T03:04:05Z', ['a.yml'], 0);
    const lines = readFileSync(path.join('.slipway/runs', id, 'events.jsonl'), 'utf8')
      .trimEnd()
      .split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { event: string }).event)).toEqual([
      'run.started',
      'play.finished',
      'run.finished',
    ]);
    expect(readSummary(path.join('.slipway/runs', id, 'summary.json'))).toEqual({
      run: id,
      playbooks: ['a.yml'],
      check: false,
      exitCode: 0,
      duration: 2000,
      plays: [{ name: 'Prepare', duration: 1500 }],
    });
  });

  it('finds the last good run of the same playbooks before', () => {
    const good = keep('2026-01-01T00:00:01Z', ['a.yml'], 0);
    keep('2026-01-01T00:00:02Z', ['b.yml'], 0);
    keep('2026-01-01T00:00:03Z', ['a.yml'], 2);
    keep('2026-01-01T00:00:04Z', ['a.yml'], 0, true);
    newRun(new Date('2026-01-01T00:00:05Z'));
    const now = keep('2026-01-01T00:00:06Z', ['a.yml'], 0);
    expect(previousRun(now, ['a.yml'])?.run).toBe(good);
    expect(previousRun(good, ['a.yml'])).toBeUndefined();
  });
});

it('timingLines puts each play beside its last time', () => {
  const of = (run: string, prepare: number, all: number): RunSummary => ({
    run,
    playbooks: [],
    check: false,
    exitCode: 0,
    duration: all,
    plays: [{ name: 'Prepare', duration: prepare }],
  });
  expect(timingLines(of('b', 1500, 3000), of('a', 1000, 4000))).toEqual([
    'TIMINGS (last time: run a)',
    expect.stringMatching(/^Prepare +1\.5s {2}last time +1\.0s {2}\+50 %$/),
    expect.stringMatching(/^in all +3\.0s {2}last time +4\.0s {2}-25 %$/),
  ]);
  expect(timingLines(of('b', 1500, 3000), undefined)[0]).toContain('nothing to compare with');
});

describe('vars_prompt without a terminal', () => {
  const planOf = (prompts: readonly object[], extraVars = {}, hosts = ['n1']) =>
    ({ plays: [{ play: { index: 0, varsPrompt: prompts }, hosts }], options: { extraVars } }) as never;
  const answersTo = async (plan: never) => {
    let answers: unknown;
    const store = { setPrompts: (_: number, given: unknown) => void (answers = given) };
    await askPrompts(plan, store as never, new Secrets());
    return answers;
  };
  const question = { name: 'cluster', prompt: 'Which?', private: true, confirm: false };

  it('takes the answer of -e', async () => {
    expect(await answersTo(planOf([question], { cluster: 'prod' }))).toEqual({});
  });

  it('stops where an answer is needed', async () => {
    await expect(answersTo(planOf([question]))).rejects.toThrow(SlipwayError);
    await expect(answersTo(planOf([question]))).rejects.toMatchObject({
      hint: 'Answer ahead: -e cluster=...',
    });
  });

  it('does not ask for a play without hosts', async () =>
    expect(await answersTo(planOf([question], {}, []))).toBeUndefined());
});
