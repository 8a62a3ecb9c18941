import { Type } from 'typebox';
import { describe, expect, it } from 'vitest';
import { defineAction, type Module } from '../../src/module/contract.ts';
import { sh } from '../../src/module/program.ts';
import { play, task, ToyHost } from './kit.ts';

interface Group {
  readonly names: string[];
}

/** Hosts that meet at a task: each joins the group, and leaves something to be tidied up. */
function meeting(groups: Group[], fails?: string): Module {
  return defineAction({
    name: 'meet',
    summary: 'A toy.',
    params: Type.Object({}),
    returns: Type.Object({}),
    examples: [],
    run: () => async (host) => {
      const group = host.together<Group>(() => {
        const made = { names: [] };
        groups.push(made);
        return made;
      });
      group.names.push(host.name);
      host.afterwards(async (again) => void (await again.run(sh`do tidy`)));
      if (host.name === fails) throw new Error('broken');
      return host.run(sh`do work`);
    },
    read: () => ({}),
  }) as Module;
}

const hostsOf = (...names: string[]) =>
  Object.fromEntries(names.map((name): [string, ToyHost] => [name, new ToyHost()]));

describe('hosts that help each other', () => {
  it('share one thing a task, whenever they come to it', async () => {
    const hosts = hostsOf('n1', 'n2', 'n3');
    const groups: Group[] = [];
    const tasks = [task('meet', {}), task('meet', {})];
    await play([{ hosts: ['n1', 'n2', 'n3'], tasks }], hosts, { modules: [meeting(groups)] });
    expect(groups.map(({ names }) => names.toSorted())).toEqual([
      ['n1', 'n2', 'n3'],
      ['n1', 'n2', 'n3'],
    ]);
  });

  it('tidy up when the play is over for all of them, and before the run ends', async () => {
    const hosts = hostsOf('n1', 'n2');
    const tasks = [task('meet', {}), task('do', { cmd: 'later' })];
    await play([{ hosts: ['n1', 'n2'], tasks }], hosts, { modules: [meeting([])] });
    for (const host of Object.values(hosts)) expect(host.did).toEqual(['do work', 'do later', 'do tidy']);
  });

  it('tidy up also where the task failed', async () => {
    const hosts = hostsOf('n1', 'n2');
    const { code } = await play([{ hosts: ['n1', 'n2'], tasks: [task('meet', {})] }], hosts, {
      modules: [meeting([], 'n1')],
    });
    expect(code).not.toBe(0);
    expect(hosts['n1']!.did).toEqual(['do tidy']);
    expect(hosts['n2']!.did).toEqual(['do work', 'do tidy']);
  });

  it('tidy up after an interrupt, too', async () => {
    const hosts = hostsOf('n1');
    const stop = new AbortController();
    const module = meeting([]);
    const run = play([{ hosts: ['n1'], tasks: [task('meet', {}), task('do', { cmd: 'never' })] }], hosts, {
      modules: [module],
      signal: stop.signal,
    });
    while (hosts['n1']!.did.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    stop.abort();
    expect((await run).code).toBe(99);
    expect(hosts['n1']!.did.at(-1)).toBe('do tidy');
  });
});
