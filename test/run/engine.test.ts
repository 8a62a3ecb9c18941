import { describe, expect, it } from 'vitest';
import { block, flush, play, task, ToyHost, value } from './kit.ts';

const one = (tasks: Parameters<typeof play>[0][number]['tasks'], host: ToyHost, more = {}) =>
  play([{ hosts: ['n1'], tasks }], { n1: host }, more);
const status = (run: Awaited<ReturnType<typeof play>>) => run.finished.map((event) => event.status);

describe('probe-ahead', () => {
  it('asks a settled host everything in one message', async () => {
    const host = new ToyHost();
    for (const name of ['a', 'b', 'c', 'd']) host.values.set(name, '1');
    const run = await one(
      ['a', 'b', 'c', 'd'].map((name) => task('state', { name, value: '1' })),
      host,
    );
    expect(host.messages).toEqual([['get a', 'get b', 'get c', 'get d']]);
    expect(status(run)).toEqual(['ok', 'ok', 'ok', 'ok']);
    expect(run.code).toBe(0);
  });

  it('sends a change with the probe that proves it, and drops what was probed before', async () => {
    const host = new ToyHost();
    host.values.set('b', '1');
    const run = await one(
      [task('state', { name: 'a', value: '1' }), task('state', { name: 'b', value: '1' })],
      host,
    );
    expect(host.messages).toEqual([
      ['get a', 'get b'],
      ['set a 1', 'get a', 'get b'],
    ]);
    expect(status(run)).toEqual(['changed', 'ok']);
  });

  it('sends actions that do not use each other behind each other', async () => {
    const host = new ToyHost();
    const run = await one(
      [task('do', { cmd: 'x' }), task('do', { cmd: 'y' }), task('state', { name: 'a', value: '' })],
      host,
    );
    expect(host.messages).toEqual([['do x', 'do y', 'get a']]);
    expect(status(run)).toEqual(['changed', 'changed', 'ok']);
  });

  it('journals every action before it is sent, also behind another one', async () => {
    const tasks = [task('do', { cmd: 'x' }), task('do', { cmd: 'y' }), task('peek', { name: 'a' })];
    const { journal } = await one(tasks, new ToyHost());
    const [x, y] = tasks.map(({ id }) => id);
    expect(journal.map((line) => `${line.at} ${'task' in line && line.task}`)).toEqual([
      `started ${x}`,
      `started ${y}`,
      `finished ${x}`,
      `finished ${y}`,
    ]);
  });

  it('never runs an action behind a failed one', async () => {
    const host = new ToyHost();
    host.failing.set('x', 3);
    const run = await one([task('do', { cmd: 'x' }), task('do', { cmd: 'y' })], host);
    expect(host.did).toEqual(['do x']);
    expect(run.code).toBe(2);
    expect(run.finished[0]?.failure).toMatchObject({ code: 'task.command', exitCode: 3 });
  });

  it('waits for a register before the action that uses it, and asks what lies behind only once', async () => {
    const host = new ToyHost();
    const tasks = [
      task('do', { cmd: 'x' }, { register: 'r' }),
      task('do', { cmd: 'got {{ r.stdout }}' }),
      task('state', { name: 'a', value: '' }),
    ];
    await one(tasks, host);
    expect(host.messages).toEqual([['do x'], ["do 'got x'", 'get a']]);
  });

  it('looks past an action of which only the arguments are open, where it has a guard', async () => {
    const host = new ToyHost();
    const tasks = [
      task('do', { cmd: 'x' }, { register: 'r' }),
      task('do', { cmd: 'got {{ r.stdout }}', creates: 'f' }),
      task('state', { name: 'a', value: '' }),
    ];
    await one(tasks, host);
    expect(host.messages[0]).toEqual(['do x', 'get a']);
  });

  it('keeps results out of the events where nothing changed and nobody wants them', async () => {
    const tasks = [task('learn', { name: 'a' }), task('peek', { name: 'a' }), task('do', { cmd: 'x' })];
    const results = async (quiet: boolean) =>
      (await one(tasks, new ToyHost(), { quiet })).finished.map(({ result }) => result);
    const done = expect.objectContaining({ rc: 0 }) as unknown;
    expect(await results(true)).toEqual([undefined, undefined, done]);
    expect(await results(false)).toEqual([{ facts: { a: '' } }, { value: '' }, done]);
  });

  it('passes over a task that turns out skipped without another message', async () => {
    const host = new ToyHost();
    const tasks = [
      task('peek', { name: 'a' }, { register: 'r' }),
      task('do', { cmd: 'x' }, { when: ["r.value == 'yes'"] }),
      task('state', { name: 'b', value: '' }),
    ];
    const run = await one(tasks, host);
    expect(host.messages).toEqual([['get a', 'get b']]);
    expect(status(run)).toEqual(['ok', 'skipped', 'ok']);
  });

  it('sends the items of a loop of actions at once and goes on after a failed one', async () => {
    const host = new ToyHost();
    host.failing.set('2', 1);
    const run = await one(
      [task('do', { cmd: '{{ item }}' }, { loop: ['1', '2', '3'] }), task('do', { cmd: 'after' })],
      host,
    );
    expect(host.messages).toEqual([['do 1', 'do 2', 'do 3']]);
    expect(run.finished.map((event) => [event.item, event.status])).toEqual([
      ['1', 'changed'],
      ['2', 'failed'],
      ['3', 'changed'],
      [undefined, 'failed'],
    ]);
  });

  it('sends what comes after a loop with its items, and it runs only if none of them failed', async () => {
    const tasks = [
      task('do', { cmd: '{{ item }}' }, { loop: ['1', '2'] }),
      task('do', { cmd: 'after' }),
      task('state', { name: 'a', value: '' }),
    ];
    const host = new ToyHost();
    expect(status(await one(tasks, host)).slice(-2)).toEqual(['changed', 'ok']);
    expect(host.messages).toEqual([['do 1', 'do 2', 'do after', 'get a']]);
    const other = new ToyHost();
    other.failing.set('1', 1);
    await one(tasks, other);
    expect(other.did).toEqual(['do 1', 'do 2']);
  });

  it('sends the items of a loop one by one where it pauses between them', async () => {
    const host = new ToyHost();
    await one([task('do', { cmd: '{{ item }}' }, { loop: ['1', '2'], pause: 0.01 })], host);
    expect(host.messages).toEqual([['do 1'], ['do 2']]);
  });

  it('asks a guard ahead, and runs the action only where it holds', async () => {
    const host = new ToyHost();
    host.values.set('made', '');
    const run = await one(
      [task('do', { cmd: 'x', creates: 'made' }), task('do', { cmd: 'y', creates: 'other' })],
      host,
    );
    expect(host.did).toEqual(['do y']);
    expect(run.finished[0]).toMatchObject({ status: 'ok', why: 'there already' });
  });
});

describe('dry run', () => {
  it('sends probes only', async () => {
    const host = new ToyHost();
    const tasks = [
      task('state', { name: 'a', value: '1' }),
      task('do', { cmd: 'x' }),
      task('state', { name: 'b', value: '1' }),
    ];
    const run = await one(tasks, host, { check: true });
    expect(host.messages).toEqual([['get a', 'get b']]);
    expect(status(run)).toEqual(['changed', 'changed', 'changed']);
    expect(run.finished[1]).toMatchObject({ forecast: 'run', why: 'would run' });
  });

  it('says "may run" of what depends on something that it did not do', async () => {
    const host = new ToyHost();
    const tasks = [
      task('do', { cmd: 'x' }, { register: 'r' }),
      task('do', { cmd: 'y' }, { when: ['r.rc == 0'] }),
      task('do', { cmd: 'z' }, { when: ['r.changed'] }),
    ];
    const run = await one(tasks, host, { check: true });
    expect(run.finished[1]).toMatchObject({ status: 'skipped', forecast: 'may-run' });
    expect(run.finished[1]?.why).toBe('depends on r.rc');
    // A command that runs has changed something, as far as anybody knows.
    expect(run.finished[2]).toMatchObject({ status: 'changed', forecast: 'run' });
  });

  it('applies a task with check_mode: false, and never one with check_mode: true', async () => {
    const host = new ToyHost();
    const tasks = [task('do', { cmd: 'x' }, { checkMode: value(false) })];
    await one(tasks, host, { check: true });
    expect(host.did).toEqual(['do x']);
    const other = new ToyHost();
    await one([task('do', { cmd: 'x' }, { checkMode: value(true) })], other);
    expect(other.did).toEqual([]);
  });
});

describe('failures', () => {
  it('rescues, then always runs, and the play goes on', async () => {
    const host = new ToyHost();
    host.failing.set('bad', 1);
    const tasks = [
      block(
        [task('do', { cmd: 'bad' }), task('do', { cmd: 'never' })],
        [task('do', { cmd: 'rescue' })],
        [task('do', { cmd: 'always' })],
      ),
      task('do', { cmd: 'after' }),
    ];
    const run = await one(tasks, host);
    expect(host.did).toEqual(['do bad', 'do rescue', 'do always', 'do after']);
    expect(run.code).toBe(0);
    expect(run.finished[0]).toMatchObject({ status: 'failed', rescued: true });
  });

  it('runs always after a failure without rescue, and then the play is over', async () => {
    const host = new ToyHost();
    host.failing.set('bad', 1);
    const inner = block([task('do', { cmd: 'bad' })], [], [task('do', { cmd: 'inner always' })]);
    const run = await one(
      [block([inner], [], [task('do', { cmd: 'outer always' })]), task('do', { cmd: 'never' })],
      host,
    );
    expect(host.did).toEqual(['do bad', "do 'inner always'", "do 'outer always'"]);
    expect(run.code).toBe(2);
  });

  it('goes on after ignore_errors, with the failure in the register', async () => {
    const host = new ToyHost();
    host.failing.set('bad', 7);
    const tasks = [
      task('do', { cmd: 'bad' }, { ignoreErrors: value(true), register: 'r' }),
      task('do', { cmd: 'rc {{ r.rc }}' }),
    ];
    const run = await one(tasks, host);
    expect(host.did).toEqual(['do bad', "do 'rc 7'"]);
    expect(run.code).toBe(0);
  });

  it('retries until the condition holds, and tells of each attempt', async () => {
    const host = new ToyHost();
    host.failing.set('flaky', -2);
    const run = await one(
      [
        task(
          'do',
          { cmd: 'flaky' },
          { register: 'r', until: ['r.rc == 0'], retries: value(5), delay: value(0) },
        ),
      ],
      host,
    );
    expect(host.did).toHaveLength(3);
    expect(run.code).toBe(0);
    expect(run.vars('n1').get('r')).toMatchObject({ rc: 0, attempts: 3 });
    expect(run.events.filter(({ event }) => event === 'task.retried')).toHaveLength(2);
  });

  it('fails after the last retry', async () => {
    const host = new ToyHost();
    const run = await one(
      [
        task(
          'do',
          { cmd: 'x' },
          { register: 'r', until: ["r.stdout == 'y'"], retries: value(1), delay: value(0) },
        ),
      ],
      host,
    );
    expect(host.did).toHaveLength(2);
    expect(run.finished.at(-1)?.failure?.message).toContain("r.stdout == 'y'");
    expect(run.vars('n1').get('r')).toMatchObject({ failed: true, attempts: 2 });
  });

  it('lets conditions see the attempt; a task that is tried once has none', async () => {
    const host = new ToyHost();
    const tasks = [
      task('do', { cmd: 'x' }, { register: 'r', until: ['r.attempts == 2'], delay: value(0) }),
      task('do', { cmd: 'y' }, { register: 'once' }),
    ];
    const run = await one(tasks, host);
    expect(host.did).toEqual(['do x', 'do x', 'do y']);
    expect(run.vars('n1').get('once')).not.toHaveProperty('attempts');
  });

  it('judges by failed_when and changed_when', async () => {
    const host = new ToyHost();
    host.failing.set('odd', 2);
    const tasks = [
      task('do', { cmd: 'odd' }, { register: 'r', failedWhen: ['r.rc > 2'], changedWhen: ['r.rc == 1'] }),
      task('do', { cmd: 'fine' }, { register: 'r', failedWhen: ["r.stdout == 'fine'"] }),
    ];
    const run = await one(tasks, host);
    expect(run.finished.map((event) => event.status)).toEqual(['ok', 'failed']);
    expect(run.finished[1]?.failure?.message).toContain("r.stdout == 'fine'");
  });

  it('counts an unreachable host, and keeps it out of the next play', async () => {
    const down = new ToyHost();
    down.unreachable = true;
    const up = new ToyHost();
    const tasks = () => [task('do', { cmd: 'x' })];
    const run = await play(
      [
        { hosts: ['n1', 'n2'], tasks: tasks() },
        { hosts: ['n1', 'n2'], tasks: tasks() },
      ],
      { n1: down, n2: up },
    );
    expect(run.code).toBe(4);
    expect(up.did).toEqual(['do x', 'do x']);
    const end = run.events.at(-1);
    expect(end).toMatchObject({
      event: 'run.finished',
      hosts: { n1: { unreachable: 1 }, n2: { changed: 2 } },
    });
  });
});

describe('handlers', () => {
  it('run once, in the order written, when a change notified them', async () => {
    const host = new ToyHost();
    const handlers = [
      task('do', { cmd: 'first' }, { name: value('first') }),
      task('do', { cmd: 'second' }, { name: value('second'), listen: ['topic'] }),
      task('do', { cmd: 'third' }, { name: value('third') }),
    ];
    const tasks = [
      task('do', { cmd: 'a' }, { notify: ['topic', 'first'] }),
      task('do', { cmd: 'b' }, { notify: ['first'] }),
      task('state', { name: 'same', value: '' }, { notify: ['third'] }),
      flush(),
      task('do', { cmd: 'c' }),
      flush(),
    ];
    await play([{ hosts: ['n1'], tasks, handlers }], { n1: host });
    expect(host.did).toEqual(['do a', 'do b', 'do first', 'do second', 'do c']);
  });
});

describe('several hosts', () => {
  it('does run_once on one host and shares the register', async () => {
    const [a, b] = [new ToyHost(), new ToyHost()];
    const tasks = [
      task('do', { cmd: 'token' }, { runOnce: true, register: 'r' }),
      task('do', { cmd: 'use {{ r.stdout }}' }),
    ];
    await play([{ hosts: ['a', 'b'], tasks }], { a, b });
    expect(a.did).toEqual(['do token', "do 'use token'"]);
    expect(b.did).toEqual(["do 'use token'"]);
  });

  it('delegates: the other host does it, and what was probed there before is stale', async () => {
    const [a, b] = [new ToyHost(), new ToyHost()];
    await play([{ hosts: ['a'], tasks: [task('do', { cmd: 'x' }, { delegateTo: value('b') })] }], { a, b });
    expect(a.did).toEqual([]);
    expect(b.did).toEqual(['do x']);
  });

  it('stops all hosts after any_errors_fatal', async () => {
    const [a, b] = [new ToyHost(), new ToyHost()];
    a.failing.set('x', 1);
    const tasks = [
      task('do', { cmd: 'x' }, { anyErrorsFatal: value(true) }),
      task('do', { cmd: 'y' }, { anyErrorsFatal: value(true) }),
    ];
    const run = await play([{ hosts: ['a', 'b'], strategy: 'linear', tasks }], { a, b });
    expect(b.did).toEqual(['do x']);
    expect(run.code).toBe(2);
    expect(run.events.filter(({ event }) => event === 'warning')).toMatchObject([
      { message: 'the run stops: a failed at "do", and any_errors_fatal is set' },
    ]);
  });

  it('stops all hosts after any_errors_fatal where one is unreachable', async () => {
    const [a, b] = [new ToyHost(), new ToyHost()];
    a.unreachable = true;
    const tasks = ['x', 'y'].map((cmd) => task('do', { cmd }, { anyErrorsFatal: value(true) }));
    const run = await play([{ hosts: ['a', 'b'], strategy: 'linear', tasks }], { a, b });
    expect(b.did).not.toContain('do y');
    expect(run.code).toBe(4);
    expect(run.events.filter(({ event }) => event === 'warning')).toMatchObject([
      { message: 'the run stops: a is unreachable at "do", and any_errors_fatal is set' },
    ]);
  });

  it('does not stop where a rescue takes the failure up', async () => {
    const [a, b] = [new ToyHost(), new ToyHost()];
    a.failing.set('x', 1);
    const fatal = { anyErrorsFatal: value(true) };
    const tasks = [
      block([task('do', { cmd: 'x' }, fatal)], [task('do', { cmd: 'rescue' }, fatal)]),
      task('do', { cmd: 'y' }, fatal),
    ];
    const run = await play([{ hosts: ['a', 'b'], strategy: 'linear', tasks }], { a, b });
    expect(a.did).toEqual(['do x', 'do rescue', 'do y']);
    expect(run.events.filter(({ event }) => event === 'warning')).toEqual([]);
  });

  it('ends with 99 when the run is interrupted', async () => {
    const controller = new AbortController();
    controller.abort();
    const host = new ToyHost();
    const run = await one([task('do', { cmd: 'x' })], host, { signal: controller.signal });
    expect(run.code).toBe(99);
    expect(host.did).toEqual([]);
  });
});

describe('throttle', () => {
  it('that is no number fails its task, so that a rescue can take it up', async () => {
    const wrong = task('state', { name: 'a', value: '1' }, { throttle: value('many') });
    const host = new ToyHost();
    const run = await one([block([wrong], [task('do', { cmd: 'x' })])], host);
    expect(status(run)).toEqual(['failed', 'changed']);
    expect(run.finished[0]?.result).toMatchObject({ msg: '`throttle` is "many", not a number' });
    expect(run.code).toBe(0);
  });
});
