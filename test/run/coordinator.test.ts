import { describe, expect, it } from 'vitest';
import type { PlannedPlay } from '../../src/plan/types.ts';
import { Coordinator, type CoordinatorHooks, type Ending } from '../../src/run/coordinator.ts';

interface Given {
  hosts: string[];
  batches?: string[][];
  strategy?: 'free' | 'linear';
  needs?: { play: number; scope: 'host' | 'all' }[];
}

function planned(given: Given, index: number): PlannedPlay {
  const { hosts, batches = [hosts], strategy = 'free', needs } = given;
  return {
    play: { index, strategy, needs, name: `p${index}` },
    hosts,
    batches,
    tasks: [],
    handlers: [],
  } as unknown as PlannedPlay;
}

function start(
  plays: Given[],
  body: (c: Coordinator, play: number, host: string, log: string[]) => Promise<Ending>,
) {
  const log: string[] = [];
  const lost = new Set<string>();
  const hooks: CoordinatorHooks = {
    run: async (play, host) => {
      log.push(`${host}${play}`);
      return body(coordinator, play, host, log);
    },
    playStarted: (play) => log.push(`start ${play}`),
    playFinished: (play) => log.push(`finish ${play}`),
    aborted: () => log.push('abort'),
  };
  const coordinator: Coordinator = new Coordinator(plays.map(planned), hooks, lost);
  return { log, lost, over: coordinator.run(), coordinator };
}

const tick = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('coordinator', () => {
  it('runs plays as barriers and batches one after the other', async () => {
    const { log, over } = start(
      [{ hosts: ['a', 'b'], batches: [['a'], ['b']] }, { hosts: ['a'] }],
      async () => 'done',
    );
    await over;
    expect(log).toEqual(['start 0', 'a0', 'b0', 'finish 0', 'start 1', 'a1', 'finish 1']);
  });

  it('keeps failed hosts out of later plays', async () => {
    const { log, over } = start([{ hosts: ['a', 'b'] }, { hosts: ['a', 'b'] }], async (_, play, host) =>
      play === 0 && host === 'a' ? 'failed' : 'done',
    );
    await over;
    expect(log).toEqual(['start 0', 'a0', 'b0', 'finish 0', 'start 1', 'b1', 'finish 1']);
  });

  it('keeps hosts in step where the strategy is linear', async () => {
    const { log, over } = start([{ hosts: ['a', 'b'], strategy: 'linear' }], async (c, play, host, log) => {
      for (let task = 0; task < 3; task++) {
        await c.step(play, host, [task]);
        log.push(`${host}:${task}`);
        if (host === 'a') await tick();
      }
      return 'done';
    });
    await over;
    const steps = log.slice(3, -1).map((entry) => entry.split(':')[1]);
    expect(steps).toEqual(['0', '0', '1', '1', '2', '2']);
  });

  it('does run_once work once and gives every host its result', async () => {
    let count = 0;
    const values: unknown[] = [];
    const { over } = start([{ hosts: ['a', 'b', 'c'] }], async (c, play, host) => {
      if (host === 'a') await tick();
      const { mine, value } = await c.once(play, host, 't', [0], async () => ++count);
      values.push([host, mine, value]);
      return 'done';
    });
    await over;
    expect(values).toContainEqual(['a', true, 1]);
    expect(values).toContainEqual(['b', false, 1]);
    expect(values).toContainEqual(['c', false, 1]);
  });

  it('throttles', async () => {
    let now = 0;
    let most = 0;
    const { over } = start([{ hosts: ['a', 'b', 'c', 'd'] }], async (c, play, host) => {
      await c.throttled(play, host, 't', 2, async () => {
        most = Math.max(most, ++now);
        await tick();
        now -= 1;
      });
      return 'done';
    });
    await over;
    expect(most).toBe(2);
  });

  it('lets waiting hosts go when the run is aborted', async () => {
    const { over, coordinator, log } = start(
      [{ hosts: ['a', 'b'], strategy: 'linear' }, { hosts: ['a'] }],
      async (c, play, host) => {
        if (host === 'b') await tick();
        await c.step(play, host, [0]);
        if (host === 'a') return 'excluded';
        return 'done';
      },
    );
    coordinator.abort();
    await over;
    expect(log).not.toContain('start 1');
  });

  it('tells which hosts are lost', async () => {
    const { lost, over } = start([{ hosts: ['a', 'b', 'c', 'd'] }], async (_c, _play, host) => {
      return ({ a: 'failed', b: 'unreachable', c: 'excluded' } as const)[host] ?? 'done';
    });
    await over;
    expect([...lost]).toEqual(['a', 'b']);
  });

  it('lets nobody start throttled work after the run was stopped', async () => {
    let worked = 0;
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const { over, coordinator } = start([{ hosts: ['a', 'b'] }], async (c, play, host) => {
      await c.throttled(play, host, 't', 1, async () => {
        worked += 1;
        await held;
      });
      return 'done';
    });
    await tick();
    coordinator.abort();
    release();
    await over;
    expect(worked).toBe(1);
  });

  it('ends a play: its hosts are let go at their gates, and later batches do not start', async () => {
    const { log, over, coordinator } = start(
      [{ hosts: ['a', 'b', 'c'], batches: [['a', 'b'], ['c']], strategy: 'linear' }, { hosts: ['c'] }],
      async (c, play, host, seen) => {
        if (play === 0 && host === 'a') {
          await tick();
          c.endPlay(0);
          return 'done';
        }
        await c.step(play, host, [1]);
        seen.push(`${host} over ${c.isOver(play)}`);
        return 'done';
      },
    );
    await over;
    expect(coordinator.aborted).toBe(false);
    expect(log).toEqual([
      'start 0',
      'a0',
      'b0',
      'b over true',
      'finish 0',
      'start 1',
      'c1',
      'c over false',
      'finish 1',
    ]);
  });
});
