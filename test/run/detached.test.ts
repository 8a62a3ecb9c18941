import { Type } from 'typebox';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { SlipwayError } from '../../src/base/errors.ts';
import { change, defineState, type Module, same } from '../../src/module/contract.ts';
import { sh } from '../../src/module/program.ts';
import { runDetached, type DetachedOptions } from '../../src/transport/detached.ts';
import type { Output, Remote, Step } from '../../src/transport/types.ts';
import { play, task, ToyHost } from './kit.ts';

vi.mock('../../src/transport/detached.ts', () => ({ runDetached: vi.fn() }));

const text = Type.String();
const install = (how: 'program' | 'function'): Module =>
  defineState({
    name: 'install',
    summary: 'A toy.',
    params: Type.Object({ name: text, value: text }),
    returns: Type.Object({}),
    examples: [],
    detached: how === 'program',
    probe: (p) => sh`get ${p.name}`,
    read: (output) => output.stdout,
    compare: (current, p) => (current === p.value ? same('there') : change('is missing', [], p.value)),
    apply: (value, p) => {
      const program = sh`set ${p.name} ${value}`;
      if (how === 'program') return program;
      return async (host) => void (await host.run(program, { detached: true }));
    },
  }) as Module;

const unknown = () =>
  new SlipwayError('connect.lost', 'a: the host was restarted', { data: { host: 'a', outcome: 'unknown' } });

describe.each(['program', 'function'] as const)('a detached step given as a %s', (how) => {
  const runs: { step: Step; options: DetachedOptions }[] = [];
  let after: (host: ToyHost) => Output;
  const host = () => new ToyHost();

  async function run(toy: ToyHost, tasks = 1) {
    vi.mocked(runDetached).mockImplementation(async (_remote: Remote, step, options) => {
      runs.push({ step, options });
      return after(toy);
    });
    const all = Array.from({ length: tasks }, (_, n) => task('install', { name: `x${n}`, value: '1' }));
    return play([{ hosts: ['a'], tasks: all }], { a: toy }, { modules: [install(how)] });
  }

  beforeEach(() => {
    runs.length = 0;
  });

  it('is proved by a probe, and each execution has an id of its own', async () => {
    after = (toy) => {
      toy.values.set(`x${runs.length - 1}`, '1');
      return { code: 0, stdout: '', stderr: '' };
    };
    const { code, finished } = await run(host(), 2);
    expect(code).toBe(0);
    expect(finished.map(({ status }) => status)).toEqual(['changed', 'changed']);
    expect(runs.map(({ step }) => step.script)).toEqual(['set x0 1', 'set x1 1']);
    expect(new Set(runs.map(({ options }) => options.id)).size).toBe(2);
  });

  it('that fails is a failed command', async () => {
    after = () => ({ code: 5, stdout: '', stderr: 'no space' });
    const { code, finished } = await run(host());
    expect(code).toBe(2);
    expect(finished[0]?.failure).toMatchObject({ code: 'task.command', message: 'exit code 5: no space' });
  });

  it('of unknown outcome is done when the probe finds it done', async () => {
    after = (toy) => {
      toy.values.set('x0', '1');
      throw unknown();
    };
    const { code, finished } = await run(host());
    expect(code).toBe(0);
    expect(finished[0]?.status).toBe('changed');
  });

  it('of unknown outcome that is not found done is a failure that says so, and the host counts as reached', async () => {
    after = () => {
      throw unknown();
    };
    const { code, finished } = await run(host());
    expect(code).toBe(2);
    expect(finished[0]?.failure?.code).toBe('task.failed');
    expect(finished[0]?.failure?.message).toBe(
      'a: the host was restarted, and the host is not as it should be: is missing',
    );
  });

  it('tells of a connection that was lost', async () => {
    after = (toy) => {
      runs[0]!.options.onLost?.();
      toy.values.set('x0', '1');
      return { code: 0, stdout: '', stderr: '' };
    };
    const { events } = await run(host());
    expect(events.find(({ event }) => event === 'warning')).toMatchObject({
      code: 'connect.lost',
      message: 'a: the connection was lost; the step goes on there, reconnecting',
    });
  });
});
