import { describe, expect, it } from 'vitest';
import { block, meta, play, task, ToyHost, value } from './kit.ts';

describe('meta: end_play', () => {
  it('ends the play for all its hosts without failing them, and the next play begins', async () => {
    const [a, b] = [new ToyHost(), new ToyHost()];
    const first = [
      task('do', { cmd: 'one' }),
      meta('end_play', ["inventory_hostname == 'a'"]),
      task('do', { cmd: 'two' }),
    ];
    const plays = [
      { hosts: ['a', 'b'], strategy: 'linear' as const, tasks: first },
      { hosts: ['a', 'b'], tasks: [task('do', { cmd: 'three' })] },
    ];
    const { code } = await play(plays, { a, b });
    expect(code).toBe(0);
    expect(a.did).toEqual(["do 'one'", "do 'three'"].map((text) => text.replaceAll("'", '')));
    expect(b.did.at(-1)).toBe('do three');
    expect(b.did).not.toContain('do two');
  });
});

describe('a play that fails on all of its hosts', () => {
  it('ends the run: a later play does not touch other hosts', async () => {
    const [a, b] = [new ToyHost(), new ToyHost()];
    a.failing.set('confirm', 1);
    const plays = [
      { hosts: ['a'], tasks: [task('do', { cmd: 'confirm' })] },
      { hosts: ['a', 'b'], tasks: [task('do', { cmd: 'wipe' })] },
    ];
    const { code, events } = await play(plays, { a, b });
    expect(code).toBe(2);
    expect(b.messages).toEqual([]);
    expect(events.find(({ event }) => event === 'warning')).toMatchObject({
      message: 'the run stops: a failed, and an earlier play had no other host',
    });
  });

  it('ends nothing where one of them came through', async () => {
    const [a, b] = [new ToyHost(), new ToyHost()];
    a.failing.set('confirm', 1);
    const tasks = [task('do', { cmd: 'confirm' })];
    const { code } = await play(
      [
        { hosts: ['a', 'b'], tasks },
        { hosts: ['b'], tasks },
      ],
      { a, b },
    );
    expect(code).toBe(2);
    expect(b.did).toEqual(['do confirm', 'do confirm']);
  });
});

describe('delegate_facts', () => {
  it('gives what set_fact sets to the host that is delegated to', async () => {
    const delegateTo = value('b');
    const tasks = [
      task('set_fact', { mine: 'x' }, { delegateTo }),
      task('set_fact', { theirs: 'y' }, { delegateTo, delegateFacts: true }),
    ];
    const { vars } = await play([{ hosts: ['a'], tasks }], { a: new ToyHost(), b: new ToyHost() });
    expect(vars('a').get('mine')).toBe('x');
    expect(vars('a').get('theirs')).toBeUndefined();
    expect(vars('b').get('theirs')).toBe('y');
  });
});

describe('linear', () => {
  it('works out arguments when the others have done the task before', async () => {
    const [a, b] = [new ToyHost(), new ToyHost()];
    const shared = { who: 'nobody' };
    const run = b.run.bind(b);
    b.run = async (step) => {
      if (step.script === 'set x 1') shared.who = 'b';
      return run(step);
    };
    const tasks = [task('state', { name: 'x', value: '1' }), task('do', { cmd: '{{ shared.who }}' })];
    const { code } = await play(
      [{ hosts: ['a', 'b'], strategy: 'linear', tasks }],
      { a, b },
      { vars: { shared } },
    );
    expect(code).toBe(0);
    expect(a.did.at(-1)).toBe('do b');
  });
});

describe('an interrupt', () => {
  it('between two items of a loop begins no other', async () => {
    const a = new ToyHost();
    const stop = new AbortController();
    const run = a.run.bind(a);
    a.run = async (step) => {
      const output = await run(step);
      if (step.script === 'set one 1') stop.abort();
      return output;
    };
    const each = task('state', { name: '{{ item }}', value: '1' }, { loop: ['one', 'two'] });
    const { code } = await play(
      [{ hosts: ['a'], tasks: [block([each], [task('do', { cmd: 'rescue' })])] }],
      { a },
      {
        signal: stop.signal,
      },
    );
    expect(code).toBe(99);
    expect(a.did).toEqual(['set one 1']);
  });
});
