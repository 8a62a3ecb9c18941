import { describe, expect, it } from 'vitest';
import { Problems } from '../../src/base/errors.ts';
import type { Play, TaskNode } from '../../src/playbook/types.ts';
import { batchesOf } from '../../src/plan/batches.ts';
import { listText } from '../../src/plan/list.ts';
import { buildPlan, type PlanOptions } from '../../src/plan/plan.ts';
import { tagFilter } from '../../src/plan/tags.ts';
import { inventory, keywords, play, span, task } from './kit.ts';

const hosts = inventory({ n1: '{}', n2: '{}', n3: '{}' }, { cp: ['n1'], workers: ['n2', 'n3'] });
const options: PlanOptions = { check: false, diff: false, tags: [], skipTags: [], extraVars: {} };

function build(plays: Play[], more: Partial<PlanOptions> = {}) {
  const problems = new Problems();
  const plan = buildPlan([{ path: 'site.yml', plays }], hosts, { ...options, ...more }, problems);
  return { plan, problems };
}

const names = (nodes: readonly TaskNode[]): string[] =>
  nodes.flatMap((node) =>
    node.kind === 'block' ? names(node.tasks) : node.name?.kind === 'data' ? [String(node.name.data)] : [],
  );

describe('tags', () => {
  const rows: [only: string[], skip: string[], tags: string[], runs: boolean][] = [
    [[], [], [], true],
    [[], [], ['a'], true],
    [[], [], ['never'], false],
    [['a'], [], ['never', 'a'], true],
    [['a'], [], ['b'], false],
    [['a'], [], ['b', 'always'], true],
    [['a'], ['always'], ['always'], false],
    [['tagged'], [], ['a'], true],
    [['tagged'], [], [], false],
    [['untagged'], [], [], true],
    [['untagged'], [], ['a'], false],
    [[], ['a'], ['a', 'b'], false],
    [['a'], ['b'], ['a', 'b'], false],
    [[], ['tagged'], ['a'], false],
    [[], ['untagged'], [], false],
    [[], ['all'], ['always'], true],
    [[], ['all'], ['a'], false],
  ];
  it.each(rows)('-t %j --skip-tags %j: %j runs: %s', (only, skip, tags, runs) => {
    expect(tagFilter(only, skip)(tags)).toBe(runs);
  });
});

describe('buildPlan', () => {
  it('chooses hosts by pattern and limit, tasks by tags, and drops empty blocks', () => {
    const block: TaskNode = {
      ...keywords,
      kind: 'block',
      id: 'b',
      span,
      tasks: [task('in', ['x'])],
      rescue: [],
      always: [],
    };
    const { plan } = build([play({ tasks: [task('a', ['x']), task('b'), block] })], {
      tags: ['x'],
      limit: 'workers',
    });
    expect(plan.plays[0]?.hosts).toEqual(['n2', 'n3']);
    expect(names(plan.plays[0]!.tasks)).toEqual(['a', 'in']);
    expect(build([play({ tasks: [block] })], { tags: ['y'] }).plan.plays[0]?.tasks).toEqual([]);
  });

  it('warns of a play without hosts, and fails on a limit without hosts', () => {
    const nobody = play({ hosts: { kind: 'data', data: 'storage', span } });
    expect(build([nobody]).problems.warnings[0]?.message).toContain('storage');
    expect(build([play()], { limit: 'storage' }).problems.errors).toHaveLength(1);
  });

  it('starts at a task', () => {
    const plays = [
      play({ tasks: [task('a')] }),
      play({ index: 1, tasks: [task('b'), task('c 1'), task('d')] }),
    ];
    const { plan } = build(plays, { startAtTask: 'c *' });
    expect(plan.plays.map(({ tasks }) => names(tasks))).toEqual([[], ['c 1', 'd']]);
    expect(build(plays, { startAtTask: 'x' }).problems.errors[0]?.code).toBe('plan.no-match');
  });

  it('starts at a task by its name as it is listed, with its role', () => {
    const ofRole = task('install it');
    const plays = [
      play({ tasks: [task('a'), { ...ofRole, layers: { ...ofRole.layers, roleName: 'web' } }] }),
    ];
    const { plan } = build(plays, { startAtTask: 'web : install it' });
    expect(plan.plays.map(({ tasks }) => names(tasks))).toEqual([['install it']]);
    expect(build(plays, { startAtTask: 'instal it' }).problems.errors[0]?.hint).toBe(
      'Did you mean `install it`?',
    );
  });

  it('lists', () => {
    const { plan } = build([play({ name: 'Prepare', tasks: [task('a', ['x'])] })]);
    expect(listText(plan, { hosts: true, tasks: true, tags: true })).toBe(
      '\n  play #1 (all): Prepare\tTAGS: []\n    hosts (3):\n      n1\n      n2\n      n3\n    tasks:\n      a\tTAGS: [x]\n      TASK TAGS: [x]\n',
    );
  });
});

describe('serial', () => {
  const five = ['a', 'b', 'c', 'd', 'e'];
  it.each([
    [2, [2, 2, 1]],
    ['30%', [1, 1, 1, 1, 1]],
    ['50%', [2, 2, 1]],
    [
      [1, '40%'],
      [1, 2, 2],
    ],
    [0, [5]],
    [undefined, [5]],
    ['3', [3, 2]],
  ])('%j makes batches of %j', (serial, sizes) => {
    expect(batchesOf(five, serial).map(({ length }) => length)).toEqual(sizes);
  });

  it('refuses what is no number of hosts', () => {
    expect(() => batchesOf(five, 'many')).toThrow(/many/);
  });
});
