import { Type } from 'typebox';
import { describe, expect, it } from 'vitest';
import { SlipwayError } from '../../src/base/errors.ts';
import { Unknown } from '../../src/expression/types.ts';
import {
  change,
  defineAction,
  defineQuery,
  defineState,
  type Module,
  same,
} from '../../src/module/contract.ts';
import { type Subject, Unclear } from '../../src/module/outlook.ts';
import { sh } from '../../src/module/program.ts';
import type { Task, TaskNode } from '../../src/playbook/types.ts';
import { block, condition, flush, type Given, meta, play, span, task, ToyHost, value } from './kit.ts';

const text = Type.String();
const subject = (p: { name: string; kind?: 'user' | undefined }): Subject =>
  `${p.kind ?? 'sysctl'}:${p.name}`;

const wanted = {
  summary: 'A toy.',
  params: Type.Object({ name: text, value: text, kind: Type.Optional(Type.Literal('user')) }),
  returns: Type.Object({ value: text }),
  examples: [],
  probe: (p: { name: string }) => sh`get ${p.name}`,
  read: (output: { stdout: string }) => output.stdout,
  compare: (current: string, p: { name: string; value: string }) =>
    current === p.value
      ? same('as wanted')
      : change(`is ${current}`, [{ subject: p.name, before: current, after: p.value }], p.value),
  apply: (to: string, p: { name: string }) => sh`set ${p.name} ${to}`,
  result: (current: string) => ({ value: current }),
  touches: (p: { name: string }) => [subject(p)],
};
/** Tells all that a module can. */
const told = defineState({
  ...wanted,
  name: 'told',
  effects: (to, _current, p) => [{ subject: subject(p), state: to }],
  settles: (p) => [{ subject: subject(p), state: p.value }],
  forecast: (to) => ({ value: to }),
  foresee: (current, p, outlook) => {
    const then = outlook.of(subject(p));
    if (!then) return current;
    return typeof then.state === 'string' ? then.state : new Unclear(then.by);
  },
  tolerates: ['note'],
});
/** Says only what it touches. */
const dull = defineState({ ...wanted, name: 'dull' });
/** Reads another name, and fails where it has no value. */
const needs = defineState({
  ...wanted,
  name: 'needs',
  read: (output) => {
    if (output.stdout === '') throw new SlipwayError('task.failed', 'there is nothing yet');
    return output.stdout;
  },
  reads: () => ['sysctl:base'],
});
const look = defineQuery({
  name: 'look',
  summary: 'A toy.',
  params: Type.Object({ name: text, keep: Type.Optional(text) }),
  returns: Type.Object({ value: text, length: Type.Number() }),
  examples: [],
  probe: (p) => sh`get ${p.name}`,
  read: (output) => ({ value: output.stdout, length: output.stdout.length }),
  reads: (p) => [subject(p)],
  foresee: (result, p, outlook) => {
    const then = outlook.of(subject(p));
    if (!then) return result;
    if (typeof then.state === 'string') return { value: then.state, length: then.state.length };
    return { ...result, value: new Unclear(then.by) };
  },
  wouldFinish: async (_result, p) => p.keep === 'new',
  finish: async (result) => ({ ...result, changed: true }),
});
const blunt = defineQuery({
  name: 'blunt',
  summary: 'A toy.',
  params: Type.Object({ name: text }),
  returns: Type.Object({ value: text }),
  examples: [],
  probe: (p) => sh`get ${p.name}`,
  read: (output) => ({ value: output.stdout }),
  reads: (p) => [subject(p)],
});
/** An action that says what it touches and leaves. */
const make = defineAction({
  name: 'make',
  summary: 'A toy.',
  params: Type.Object({ name: text, value: text }),
  returns: Type.Object({}),
  examples: [],
  guard: (p) => sh`missing ${p.name}`,
  foresee: (runs, p, outlook) => {
    const then = outlook.of(subject(p));
    if (!then) return runs;
    return then.state === undefined ? new Unclear(then.by) : false;
  },
  touches: () => [],
  effects: (p) => [{ subject: subject(p), state: p.value }],
  run: (p) => sh`set ${p.name} ${p.value}`,
  read: () => ({}),
});
const toys = [told, dull, needs, look, blunt, make] as readonly Module[];

async function foretold(tasks: TaskNode[], more: { handlers?: Task[]; host?: ToyHost; vars?: object } = {}) {
  const host = more.host ?? new ToyHost();
  const given: Given = { hosts: ['n1'], tasks, ...(more.handlers && { handlers: more.handlers }) };
  const run = await play([given], { n1: host }, { check: true, modules: toys, vars: { ...more.vars } });
  expect(host.did).toEqual([]);
  const said = run.finished
    .filter(({ partial }) => !partial)
    .map((event) => (event.status === 'failed' ? 'failed' : (event.forecast ?? event.status)));
  return { ...run, said };
}
const called = (name: string, more = {}) => ({ name: value(name), ...more });
const at = (name: string, to: string, more = {}) => task('told', { name, value: to }, called(name, more));
const command = (more = {}) => task('do', { cmd: 'x' }, called('x', { register: 'r', ...more }));

describe('a state after the tasks before', () => {
  it('is what they would have made it, not what it is now', async () => {
    const host = new ToyHost();
    host.values.set('a', '1');
    const { said, finished } = await foretold([at('a', '2'), at('a', '2'), at('a', '1')], { host });
    expect(said).toEqual(['change', 'same', 'change']);
    expect(finished[2]?.diff).toMatchObject([{ before: '2', after: '1' }]);
  });

  it('is unknown where a task before touches it and does not say how', async () => {
    const { said, finished } = await foretold([
      task('dull', { name: 'a', value: '1' }, called('first')),
      at('a', '1'),
      at('b', '1'),
    ]);
    expect(said).toEqual(['change', 'unknown', 'change']);
    expect(finished[1]?.why).toBe('depends on what "first" leaves behind');
  });

  it('is unknown where the module does not foresee, and something before touches the same', async () => {
    const dully = (name: string) => task('dull', { name, value: '1' });
    const { said } = await foretold([at('a', '1'), dully('a'), dully('b')]);
    expect(said).toEqual(['change', 'unknown', 'change']);
  });

  it('is known again behind an unknown task of which it is plain what it comes to', async () => {
    const { said } = await foretold([
      task('dull', { name: 'a', value: '2' }),
      at('a', '1'),
      at('a', '1'),
      at('a', '2'),
    ]);
    expect(said).toEqual(['change', 'unknown', 'same', 'change']);
  });

  it('may fail now and yet be unknown: only where something before touches what it hangs on', async () => {
    const needy = () => task('needs', { name: 'a', value: '1' });
    expect((await foretold([needy()])).said).toEqual(['failed']);
    expect((await foretold([at('other', '1'), needy()])).said).toEqual(['change', 'failed']);
    const { said, finished } = await foretold([at('base', '1'), needy()]);
    expect(said).toEqual(['change', 'unknown']);
    expect(finished[1]?.why).toBe('depends on what "base" leaves behind; now: there is nothing yet');
  });

  it('may fail now behind a command that may do anything', async () => {
    const { said } = await foretold([command(), task('needs', { name: 'a', value: '1' })]);
    expect(said).toEqual(['run', 'unknown']);
  });
});

describe('a register of a dry run', () => {
  it('holds what is foretold', async () => {
    const { said } = await foretold([
      at('a', '1', { register: 'r' }),
      at('b', '1', { when: ['r.changed && r.value == "1"'] }),
      at('c', '1', { when: ['!r.changed'] }),
    ]);
    expect(said).toEqual(['change', 'change', 'skipped']);
  });

  it('is unknown field by field', async () => {
    const { said, vars, finished } = await foretold([
      command(),
      at('a', '1', { when: ['r.rc == 0'] }),
      at('b', '{{ r.stdout }}'),
      at('c', '1', { when: ['r.changed'] }),
    ]);
    expect(said).toEqual(['run', 'may-run', 'unknown', 'change']);
    expect(finished.map(({ why }) => why)).toMatchObject({
      1: 'depends on r.rc',
      2: 'depends on r.stdout',
    });
    expect(vars('n1').get('r')).toMatchObject({ rc: expect.any(Unknown), changed: true });
  });

  it('of a query has the fields that can be told', async () => {
    const { said } = await foretold([
      task('dull', { name: 'a', value: '1' }),
      task('look', { name: 'a' }, { register: 'seen' }),
      at('b', '1', { when: ['seen.length == 0'] }),
      at('c', '1', { when: ['seen.value == ""'] }),
    ]);
    expect(said).toEqual(['change', 'same', 'change', 'may-run']);
  });

  it('of a query that does not foresee is unknown where something touches what it reads', async () => {
    const { said } = await foretold([
      at('a', '1'),
      task('blunt', { name: 'a' }, { register: 'seen' }),
      task('blunt', { name: 'b' }, { register: 'other' }),
      at('c', '1', { when: ['seen.value == "1"'] }),
      at('d', '1', { when: ['other.value == ""'] }),
    ]);
    expect(said).toEqual(['change', 'unknown', 'same', 'may-run', 'change']);
  });

  it('makes facts unknown, also those that a skipped task might have set', async () => {
    const { said } = await foretold(
      [
        command(),
        task('set_fact', { fact: '{{ r.stdout }}' }),
        at('a', '1', { when: ['fact == "x"'] }),
        task('set_fact', { later: 'x' }, { when: ['r.rc == 0'] }),
        at('b', '1', { when: ['later == "x"'] }),
      ],
      { vars: { later: 'y' } },
    );
    expect(said).toEqual(['run', 'unknown', 'may-run', 'may-run', 'may-run']);
  });

  it('does not know whether a command fails that may', async () => {
    const { said } = await foretold([
      command({ ignoreErrors: value(true) }),
      at('a', '1', { when: ['r.failed'] }),
      at('b', '1', { when: ['!r.failed'] }),
      command(),
      at('c', '1', { when: ['!r.failed'] }),
    ]);
    expect(said).toEqual(['run', 'may-run', 'may-run', 'run', 'change']);
  });

  it('does not know whether what is judged by its output has changed or failed', async () => {
    const { said } = await foretold([
      command({ changedWhen: ['r.stdout == "x"'], failedWhen: ['r.rc > 1'], ignoreErrors: value(true) }),
      at('a', '1', { when: ['r.changed'] }),
      at('b', '1', { when: ['r.failed'] }),
    ]);
    expect(said).toEqual(['run', 'may-run', 'may-run']);
  });
});

describe('what may run', () => {
  it('leaves what it touches unknown', async () => {
    const { said, finished } = await foretold([
      command(),
      at('a', '1', { when: ['r.rc == 0'] }),
      at('a', '1'),
      at('b', '1'),
    ]);
    expect(said).toEqual(['run', 'may-run', 'unknown', 'change']);
    expect(finished[2]?.why).toBe('depends on what "a" leaves behind');
  });

  it('does not keep a condition that does not hold from being false', async () => {
    const { said } = await foretold([command(), at('a', '1', { when: ['r.rc == 0', '1 > 2'] })]);
    expect(said).toEqual(['run', 'skipped']);
  });

  it('is said of each item of a loop by itself', async () => {
    const { said, finished } = await foretold([
      command(),
      at('{{ item }}', '1', { loop: ['a', 'b'], when: ['item == "a" || r.rc == 0'], register: 'made' }),
      at('a', '1'),
      at('b', '1'),
      at('c', '1', { when: ['made.changed'] }),
    ]);
    expect(said).toEqual(['run', 'change', 'same', 'unknown', 'change']);
    const items = finished.filter(({ partial }) => partial);
    expect(items.map(({ forecast }) => forecast)).toEqual(['change', 'may-run']);
  });

  it('is the item of a list that is not known, not the others', async () => {
    const { said, finished } = await foretold([
      command(),
      at('{{ item }}', '1', { loop: { kind: 'list', items: [value('a'), value('{{ r.stdout }}')], span } }),
      at('a', '1'),
    ]);
    expect(said).toEqual(['run', 'change', 'same']);
    const items = finished.filter(({ partial }) => partial);
    expect(items).toMatchObject([
      { item: 'a', forecast: 'change' },
      { item: 'r.stdout', forecast: 'unknown' },
    ]);
  });

  it('is a loop over what is not known', async () => {
    const { said } = await foretold([
      command(),
      at('a', '1', { loop: '{{ r.stdout }}', register: 'made' }),
      at('b', '1', { when: ['made.changed'] }),
    ]);
    expect(said).toEqual(['run', 'may-run', 'may-run']);
  });

  it('makes its handlers ones that may run, but a change makes them sure', async () => {
    const told = (name: string) => at(name, '1');
    const { said } = await foretold(
      [
        command({ changedWhen: ['r.stdout == "x"'], notify: ['one', 'two'] }),
        at('a', '1', { notify: ['two'] }),
        at('b', '1', { when: ['r.rc == 0'], notify: ['three'] }),
        flush(),
      ],
      { handlers: [told('one'), told('two'), told('three'), told('never')] },
    );
    expect(said).toEqual(['run', 'change', 'may-run', 'may-run', 'change', 'may-run']);
  });

  it('is every handler where nobody knows which is notified', async () => {
    const { said } = await foretold([command(), at('a', '1', { notify: ['{{ r.stdout }}'] }), flush()], {
      handlers: [at('x', '1'), at('y', '1')],
    });
    expect(said).toEqual(['run', 'change', 'may-run', 'may-run']);
  });

  it('is all that comes after an end of the play that may come', async () => {
    const tasks = [
      command(),
      meta('end_host', ['r.rc == 1']),
      at('a', '1'),
      at('b', '1', { when: ['1 > 2'] }),
    ];
    expect((await foretold(tasks)).said).toEqual(['run', 'may-run', 'skipped']);
    const sure = [command(), meta('end_host', ['1 > 2']), at('a', '1')];
    expect((await foretold(sure)).said).toEqual(['run', 'change']);
  });

  it('is what an include brings whose condition is not known', async () => {
    const load = () => ({ tasks: [at('a', '1'), at('b', '1')], handlers: [], variables: undefined });
    const { said } = await foretold([
      command(),
      include({ when: ['r.rc == 0'], load }),
      at('a', '1'),
      at('c', '1'),
    ]);
    expect(said).toEqual(['run', 'may-run', 'may-run', 'unknown', 'change']);
  });

  it('is an include of which nobody knows what it brings, and what comes after it rests on it', async () => {
    const { said, finished } = await foretold([
      command({ changedWhen: ['false'] }),
      include({ file: '{{ r.stdout }}' }),
      at('a', '1'),
    ]);
    expect(said).toEqual(['run', 'may-run', 'change']);
    expect(finished[2]?.assuming).toBe('more');
  });

  it('is not how many hosts may do it at a time', async () => {
    const { said } = await foretold([command(), at('c', '1', { throttle: value('{{ r.rc }}') })]);
    expect(said).toEqual(['run', 'change']);
  });

  it('is a task that runs on a host, or is judged, by what is not known', async () => {
    const { said } = await foretold([
      command(),
      at('a', '1', { delegateTo: value('{{ r.stdout }}') }),
      at('b', '1', { checkMode: value('{{ r.stdout }}') }),
      at('c', '1', { timeout: value('{{ r.rc }}') }),
      at('d', '1', { environment: [value({ D: '1' }), value('{{ r.stdout }}')] }),
      at('e', '1'),
    ]);
    expect(said).toEqual(['run', 'may-run', 'may-run', 'may-run', 'may-run', 'change']);
  });
});

describe('an action', () => {
  it('is judged by its guard after the tasks before', async () => {
    const made = (name: string) => task('make', { name, value: '1' }, called(`make ${name}`));
    const host = new ToyHost();
    host.values.set('there', '1');
    const { said } = await foretold(
      [
        made('there'),
        made('new'),
        made('new'),
        at('new', '1'),
        task('dull', { name: 'x', value: '2' }),
        made('x'),
      ],
      { host },
    );
    expect(said).toEqual(['same', 'run', 'same', 'same', 'change', 'may-run']);
  });

  it('that says what it touches is no command that may do anything', async () => {
    const { finished } = await foretold([task('make', { name: 'a', value: '1' }), at('b', '1')]);
    expect(finished[1]?.assuming).toBeUndefined();
  });

  it('rests what comes after it on that it does nothing else', async () => {
    const { finished } = await foretold([
      at('a', '1'),
      command(),
      at('b', '1'),
      task('do', { cmd: 'y' }, called('y')),
      at('c', ''),
    ]);
    expect(finished.map(({ assuming }) => assuming)).toEqual([undefined, undefined, 'x', undefined, 'x']);
  });

  it('that changes nothing rests nothing on it', async () => {
    const { finished } = await foretold([command({ changedWhen: ['false'] }), at('b', '1')]);
    expect(finished[1]?.assuming).toBeUndefined();
  });

  it('is presumed to work: a rescue is not foretold, what fails for certain is', async () => {
    const rescue = () => [at('rescued', '1')];
    expect((await foretold([block([command()], rescue())])).said).toEqual(['run']);
    const { said } = await foretold([
      block([task('needs', { name: 'a', value: '1' }), at('b', '1')], rescue()),
    ]);
    expect(said).toEqual(['failed', 'change']);
  });
});

describe('a parameter that is not known', () => {
  it('is left out where the module tolerates that, and then only a change is certain', async () => {
    const noted = (name: string) => task('told', { name, value: '1', note: '{{ r.stdout }}' }, called(name));
    const host = new ToyHost();
    host.values.set('a', '1');
    const { said, finished } = await foretold([command({ changedWhen: ['false'] }), noted('a'), noted('b')], {
      host,
    });
    expect(said).toEqual(['run', 'unknown', 'change']);
    expect(finished[1]?.why).toBe('depends on what "r.stdout" leaves behind');
  });
});

describe('what a query would do on the controller', () => {
  it('is foretold, and not done', async () => {
    const { said } = await foretold([
      task('look', { name: 'a', keep: 'new' }, { register: 'r' }),
      task('look', { name: 'a', keep: 'old' }),
      at('b', '1', { when: ['r.changed'] }),
    ]);
    expect(said).toEqual(['change', 'same', 'change']);
  });
});

describe('until', () => {
  it('is not waited for: what it asks for may come about by what was not done', async () => {
    const until = (name: string, sought: string) =>
      task('look', { name }, { register: 'seen', until: [`seen.value == "${sought}"`] });
    const { said } = await foretold([
      at('a', '1'),
      until('a', '1'),
      until('b', '1'),
      at('c', '1', { when: ['seen.value == "1"'] }),
      command({ until: ['r.rc == 0'] }),
    ]);
    expect(said).toEqual(['change', 'same', 'unknown', 'may-run', 'run']);
  });
});

describe('a task that is never carried out', () => {
  it('leaves nothing behind', async () => {
    const { said } = await foretold([
      at('a', '1', { checkMode: value(true), register: 'r' }),
      at('a', '1', { when: ['r.changed'] }),
      command({ checkMode: value(true) }),
      task('look', { name: 'b' }, { register: 'seen' }),
    ]);
    expect(said).toEqual(['change', 'change', 'run', 'same']);
  });
});

describe('a task as a user', () => {
  const as = (user: string) => ({ become: { user: value(user) } });
  const makes = (user: string) =>
    task('told', { name: user, value: '1', kind: 'user' }, called(`make ${user}`));

  it('whom a task before makes is unknown', async () => {
    const { said, finished } = await foretold([
      makes('ada'),
      task('told', { name: 'a', value: '1' }, as('ada')),
      task('look', { name: 'b' }, as('ada')),
      task('make', { name: 'c', value: '1' }, as('ada')),
    ]);
    expect(said).toEqual(['change', 'unknown', 'unknown', 'unknown']);
    expect(finished[1]?.why).toBe('depends on what "make ada" leaves behind');
  });

  it('whom nobody makes fails', async () => {
    expect((await foretold([makes('bob'), task('make', { name: 'c', value: '1' }, as('ada'))])).said).toEqual(
      ['change', 'failed'],
    );
  });
});

describe('a task for another host', () => {
  it('is foretold for that one', async () => {
    const hosts = { n1: new ToyHost(), n2: new ToyHost() };
    const there = { delegateTo: value('n2') };
    const tasks = [at('a', '1', there), at('a', '1'), at('a', '1', there)];
    const { finished } = await play([{ hosts: ['n1'], tasks }], hosts, { check: true, modules: toys });
    expect(finished.map(({ forecast }) => forecast)).toEqual(['change', 'change', 'same']);
  });
});

function include(more: { when?: string[]; file?: string; load?: () => unknown }): TaskNode {
  const { id: _, module: __, ...rest } = task('include_tasks', {}, called('more'));
  return {
    ...rest,
    kind: 'include',
    id: 'include',
    what: 'tasks',
    target: value(more.file ?? 'more.yml'),
    when: (more.when ?? []).map(condition),
    load: more.load,
  } as unknown as TaskNode;
}
