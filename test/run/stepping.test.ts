import { describe, expect, it } from 'vitest';
import { block, flush as flushHandlers, play, task, ToyHost, value } from './kit.ts';

const named = (name: string, more = {}) => task('do', { cmd: name }, { name: value(name), ...more });

/** Answers in turn, and keeps what was asked. */
function person(answers: readonly (string | undefined)[]) {
  const asked: string[] = [];
  const answer = async (question: string) => {
    asked.push(/^Perform task: (.*) \(N\)o\/\(y\)es\/\(c\)ontinue:$/.exec(question)?.[1] ?? question);
    if (asked.length > answers.length) throw new Error('asked once too often');
    return answers[asked.length - 1];
  };
  return { asked, answer };
}

const hosts = () => ({ a: new ToyHost(), b: new ToyHost() });

describe('--step', () => {
  it('asks once for all hosts, and runs nothing before the answer, also with free', async () => {
    const { a, b } = hosts();
    const { asked, answer } = person(['y', 'yes', 'y']);
    const seen: number[] = [];
    const tasks = [named('one'), named('two'), named('three')];
    const run = await play(
      [{ hosts: ['a', 'b'], tasks }],
      { a, b },
      {
        answer: async (question) => {
          seen.push(a.did.length);
          return answer(question);
        },
      },
    );
    expect(asked).toEqual(['one', 'two', 'three']);
    expect(seen).toEqual([0, 1, 2]);
    expect([a.did, b.did]).toEqual([
      ['do one', 'do two', 'do three'],
      ['do one', 'do two', 'do three'],
    ]);
    expect(run.code).toBe(0);
  });

  it('takes everything but yes and continue as no, and leaves no trace of it', async () => {
    const { a, b } = hosts();
    const { answer } = person(['', 'n', 'what?', undefined, 'Y']);
    const tasks = ['1', '2', '3', '4', '5'].map((name) => named(name, { register: `r${name}` }));
    const run = await play([{ hosts: ['a', 'b'], tasks }], { a, b }, { answer });
    expect(a.did).toEqual(['do 5']);
    expect(run.finished.map(({ name }) => name)).toEqual(['5', '5']);
    expect(run.vars('a').has('r1')).toBe(false);
    expect(run.code).toBe(0);
  });

  it('asks no more after continue, also in later plays', async () => {
    const { a, b } = hosts();
    const { asked, answer } = person(['n', 'c']);
    const plays = [
      { hosts: ['a', 'b'], tasks: [named('one'), named('two'), named('three')] },
      { hosts: ['a'], tasks: [named('four')] },
    ];
    await play(plays, { a, b }, { answer });
    expect(asked).toEqual(['one', 'two']);
    expect(a.did).toEqual(['do two', 'do three', 'do four']);
  });

  it('asks for tasks of blocks and for handlers; a handler that may not run is not due any more', async () => {
    const { a } = hosts();
    const { asked, answer } = person(['y', 'n', 'y']);
    const handlers = [named('h1'), named('h2')];
    const tasks = [block([named('one', { notify: ['h1', 'h2'] })]), flushHandlers(), flushHandlers()];
    await play([{ hosts: ['a'], tasks, handlers }], { a }, { answer });
    expect(asked).toEqual(['one', 'h1', 'h2']);
    expect(a.did).toEqual(['do one', 'do h2']);
  });

  it('stops where a question is interrupted', async () => {
    const { a, b } = hosts();
    const tasks = [named('one'), named('two')];
    const answer = async () => {
      throw new Error('Ctrl-C');
    };
    const run = await play([{ hosts: ['a', 'b'], tasks }], { a, b }, { answer });
    expect([...a.did, ...b.did]).toEqual([]);
    expect(run.finished).toEqual([]);
  });
});
