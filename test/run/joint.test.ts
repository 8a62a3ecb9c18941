import { describe, expect, it } from 'vitest';
import { type Joint, JOINT_END, type Program, raw } from '../../src/module/program.ts';
import { askedTogether, joined, partOf } from '../../src/run/joint.ts';
import type { Station } from '../../src/run/station.ts';
import type { Upcoming } from '../../src/run/walk-ahead.ts';
import { play, task, ToyHost, value } from './kit.ts';

const join = (joints: readonly Joint[]): Program => ({
  text: joints.map(({ shared, text }) => `${shared.map((each) => each.raw).join()} ${text}`).join('; '),
});
const probe = (name: string, kind = join): Program => ({
  text: `get ${name}`,
  joint: { join: kind, shared: [raw(name)], text: `known ${name}` },
});
const here = {} as Station;
const ask = (program: Program, more: Partial<Upcoming> = {}): Upcoming => ({
  station: here,
  program,
  timeout: undefined,
  ...more,
});
const act = ask({ text: 'do' }, { action: {} as Upcoming['action'] & object });
const textsOf = (steps: Upcoming[][]) => steps.map((step) => step.map(({ program }) => program.text));

describe('probes that go together', () => {
  it('are one step as long as nothing happens between them, each text once', () => {
    const steps = askedTogether([
      ask(probe('a')),
      ask({ text: 'other' }),
      ask(probe('b')),
      ask(probe('a')),
      act,
      ask(probe('a')),
      act,
    ]);
    expect(textsOf(steps)).toEqual([['get a', 'get b'], ['other'], ['do'], ['get a'], ['do']]);
  });

  it('are of one kind, for one station, and without a time limit', () => {
    const apart = [
      ask(probe('a')),
      ask(probe('b', (joints) => join(joints))),
      ask(probe('c'), { station: {} as Station }),
      ask(probe('d'), { timeout: 5 }),
    ];
    expect(askedTogether(apart)).toHaveLength(4);
    expect(askedTogether([ask(probe('a'), { timeout: 5 }), ask(probe('b'))])).toHaveLength(2);
  });

  it('are one program, of which more output is kept', () => {
    expect(joined([probe('a')])).toEqual(probe('a'));
    expect(joined([probe('a'), probe('b')])).toEqual({
      text: 'a known a; b known b',
      limit: 2 * 1024 * 1024,
    });
  });

  it('get their part of the answer', async () => {
    const output = { code: 0, stdout: `one\n${JOINT_END}\n${JOINT_END}\n`, stderr: '' };
    const part = (index: number, count: number) => partOf(Promise.resolve(output), index, count);
    expect((await part(0, 2))?.stdout).toBe('one\n');
    expect((await part(1, 2))?.stdout).toBe('');
    expect(await part(0, 1)).toBe(output);
    expect(await partOf(Promise.resolve(undefined), 0, 2)).toBeUndefined();
  });
});

it('what several tasks ask is asked once, and again behind a change', async () => {
  const n1 = new ToyHost();
  n1.values.set('a', '1');
  const same = task('state', { name: 'a', value: '1' });
  const tasks = [
    same,
    task('state', { name: 'a', value: '1' }),
    task('state', { name: 'a', value: '2' }),
    same,
  ];
  await play([{ hosts: ['n1'], tasks }], { n1 });
  expect(n1.messages.map((message) => message.join(', '))).toEqual([
    'get a',
    'set a 2, get a',
    'set a 1, get a',
  ]);
});

it('what was skipped behind a failed action is asked again', async () => {
  const n1 = new ToyHost();
  n1.values.set('a', '1');
  n1.failing.set('x', 1);
  const probes = [task('state', { name: 'a', value: '1' }), task('peek', { name: 'a' })];
  const tasks = [task('do', { cmd: 'x' }, { ignoreErrors: value(true) }), ...probes];
  const { code } = await play([{ hosts: ['n1'], tasks }], { n1 });
  expect(code).toBe(0);
  expect(n1.messages).toEqual([['do x'], ['get a']]);
});
