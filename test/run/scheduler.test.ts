import { describe, expect, it } from 'vitest';
import {
  comparePositions,
  decide,
  type HostState,
  type PlayState,
  type SchedulerState,
} from '../../src/run/scheduler.ts';

function play(index: number, hosts: Record<string, HostState>, more: Partial<PlayState> = {}): PlayState {
  return {
    index,
    strategy: 'free',
    needs: undefined,
    batches: [Object.keys(hosts)],
    batch: 0,
    finished: false,
    hosts: new Map(Object.entries(hosts)),
    maxFailPercentage: undefined,
    ...more,
  };
}

function state(plays: PlayState[], more: Partial<SchedulerState> = {}): SchedulerState {
  return { plays, out: new Set(), aborted: false, ...more };
}

const waiting: HostState = { status: 'waiting' };
const running: HostState = { status: 'running' };
const done: HostState = { status: 'done' };

describe('plays', () => {
  it('starts all hosts of the first play and none of the second', () => {
    expect(decide(state([play(0, { a: waiting, b: waiting }), play(1, { a: waiting })]))).toEqual([
      { do: 'start', play: 0, host: 'a' },
      { do: 'start', play: 0, host: 'b' },
    ]);
  });

  it('is a barrier: the second play waits for the slowest host of the first', () => {
    expect(decide(state([play(0, { a: done, b: running }), play(1, { a: waiting })]))).toEqual([]);
    expect(decide(state([play(0, { a: done, b: done }), play(1, { a: waiting })]))).toEqual([
      { do: 'finish', play: 0 },
    ]);
    expect(decide(state([play(0, { a: done }, { finished: true }), play(1, { a: waiting })]))).toEqual([
      { do: 'start', play: 1, host: 'a' },
    ]);
  });

  it('starts a play with needs for each host as soon as that host is ready', () => {
    const first = play(0, { a: done, b: running });
    const second = play(1, { a: waiting, b: waiting }, { needs: [{ play: 0, scope: 'host' }] });
    expect(decide(state([first, second]))).toEqual([{ do: 'start', play: 1, host: 'a' }]);
  });

  it('waits for all hosts of a play that is needed as a whole', () => {
    const needs = [{ play: 0, scope: 'all' as const }];
    const waits = state([play(0, { a: done, b: running }), play(1, { c: waiting }, { needs })]);
    expect(decide(waits)).toEqual([]);
    const free = state([play(0, { a: done }, { finished: true }), play(1, { c: waiting }, { needs })]);
    expect(decide(free)).toEqual([{ do: 'start', play: 1, host: 'c' }]);
  });

  it('never runs one host in two plays at once', () => {
    const second = play(1, { a: waiting, b: waiting }, { needs: [] });
    expect(decide(state([play(0, { a: running }), second]))).toEqual([{ do: 'start', play: 1, host: 'b' }]);
  });

  it('leaves out hosts that failed in an earlier play', () => {
    const plays = [
      play(0, { a: { status: 'failed' }, b: done }, { finished: true }),
      play(1, { a: waiting, b: waiting }),
    ];
    expect(decide(state(plays, { out: new Set(['a']) }))).toEqual([{ do: 'start', play: 1, host: 'b' }]);
  });

  describe('behind a play that failed on all its hosts', () => {
    const failed: HostState = { status: 'failed' };
    const lost = play(0, { a: failed, b: { status: 'unreachable' } }, { finished: true });
    const out = new Set(['a', 'b']);
    const why = 'all of a, b failed, and an earlier play had no other host';
    const needs = [{ play: 0, scope: 'all' as const }];

    it('no other begins, but for those that say what they need', () => {
      expect(decide(state([lost, play(1, { c: waiting })], { out }))).toEqual([
        { do: 'pass-over', play: 1, why },
      ]);
      expect(decide(state([lost, play(1, { c: waiting }, { needs })], { out }))).toEqual([
        { do: 'start', play: 1, host: 'c' },
      ]);
    });

    it('a play that needs one that did not begin does not begin either', () => {
      const passed = play(1, { c: waiting }, { finished: true, passedOver: why });
      const later = play(2, { d: waiting }, { needs: [{ play: 1, scope: 'host' }] });
      expect(decide(state([lost, passed, later], { out }))).toEqual([{ do: 'pass-over', play: 2, why }]);
    });

    it('others go on that run already, or have begun', () => {
      const running1 = play(1, { c: running }, { needs: [] });
      expect(decide(state([lost, running1, play(2, { d: waiting })], { out }))).toEqual([
        { do: 'pass-over', play: 2, why },
      ]);
      const begun = play(1, { c: done, d: waiting }, { batches: [['c'], ['d']], batch: 1 });
      expect(decide(state([lost, begun], { out }))).toEqual([{ do: 'start', play: 1, host: 'd' }]);
    });

    it('nothing is said where nobody is left for it anyway', () => {
      expect(decide(state([lost, play(1, { a: waiting })], { out }))).toEqual([{ do: 'finish', play: 1 }]);
    });

    it('a first batch of hosts that were lost before does not open the way to the second', () => {
      const serial = play(1, { a: waiting, c: waiting }, { batches: [['a'], ['c']] });
      expect(decide(state([lost, serial], { out }))).toEqual([{ do: 'pass-over', play: 1, why }]);
    });

    it('all is as ever where some had failed before it, or fail after it', () => {
      const some = play(1, { a: waiting, b: failed }, { finished: true });
      const mixed = play(0, { a: failed, b: done }, { finished: true });
      expect(decide(state([mixed, some, play(2, { c: waiting })], { out }))).toEqual([
        { do: 'start', play: 2, host: 'c' },
      ]);
    });
  });

  it('finishes a play that has no hosts', () => {
    expect(decide(state([play(0, {}, { batches: [] })]))).toEqual([{ do: 'finish', play: 0 }]);
  });
});

describe('batches', () => {
  const batches = [['a'], ['b']];

  it('runs the second batch after the first', () => {
    expect(decide(state([play(0, { a: running, b: waiting }, { batches })]))).toEqual([]);
    expect(decide(state([play(0, { a: done, b: waiting }, { batches })]))).toEqual([
      { do: 'next-batch', play: 0 },
    ]);
  });

  it('stops the run when a whole batch failed: no later play touches those that were to follow', () => {
    const plays = [
      play(0, { a: { status: 'failed' }, b: waiting }, { batches }),
      play(1, { b: waiting }, { needs: [] }),
    ];
    const out = new Set(['a']);
    expect(decide(state(plays, { out }))).toMatchObject([{ do: 'abort', play: 0 }, {}]);
    expect(decide(state(plays.slice(0, 1), { out, aborted: true }))).toEqual([{ do: 'finish', play: 0 }]);
  });

  it('passes over a batch whose hosts failed in an earlier play', () => {
    const given = state([play(0, { a: waiting, b: waiting }, { batches })], { out: new Set(['a']) });
    expect(decide(given)).toEqual([{ do: 'next-batch', play: 0 }]);
  });

  it('finishes the play when its last batch failed', () => {
    const hosts = { a: done, b: { status: 'failed' as const } };
    const given = state([play(0, hosts, { batches, batch: 1 })], { out: new Set(['b']) });
    expect(decide(given)).toEqual([{ do: 'finish', play: 0 }]);
  });

  it('aborts above max_fail_percentage, not at it', () => {
    const hosts = { a: { status: 'failed' } as const, b: running };
    const at = state([play(0, hosts, { maxFailPercentage: 50 })], { out: new Set(['a']) });
    expect(decide(at)).toEqual([]);
    const above = state([play(0, hosts, { maxFailPercentage: 49 })], { out: new Set(['a']) });
    expect(decide(above)).toMatchObject([{ do: 'abort', play: 0 }]);
  });

  it('starts nothing once aborted, and ends when the last host has stopped', () => {
    expect(decide(state([play(0, { a: running, b: waiting })], { aborted: true }))).toEqual([]);
    expect(decide(state([play(0, { a: done, b: waiting })], { aborted: true }))).toEqual([
      { do: 'finish', play: 0 },
    ]);
  });
});

describe('gates', () => {
  const step = (...at: number[]): HostState => ({ status: 'running', gate: { kind: 'step', at } });
  const once = (...at: number[]): HostState => ({ status: 'running', gate: { kind: 'once', key: 'k', at } });

  it('linear: releases the hosts at the earliest task when all have come to a gate', () => {
    const linear = { strategy: 'linear' as const };
    expect(decide(state([play(0, { a: step(0), b: running }, linear)]))).toEqual([]);
    expect(decide(state([play(0, { a: step(1), b: step(0), c: step(0) }, linear)]))).toEqual([
      { do: 'release', play: 0, host: 'b' },
      { do: 'release', play: 0, host: 'c' },
    ]);
  });

  it('linear: a host in a rescue section catches up before the others go on', () => {
    const linear = { strategy: 'linear' as const };
    expect(decide(state([play(0, { a: step(2), b: step(1, 1, 0) }, linear)]))).toEqual([
      { do: 'release', play: 0, host: 'b' },
    ]);
  });

  it('run_once: elects the first host in order, and waits for it while it is on its way', () => {
    expect(decide(state([play(0, { a: running, b: once(3) })]))).toEqual([]);
    expect(decide(state([play(0, { a: done, b: once(3), c: once(3) })]))).toEqual([
      { do: 'release', play: 0, host: 'b', elected: true },
    ]);
  });

  it('run_once in linear: a host that is past the task does not hold it up', () => {
    const given = state([play(0, { a: step(5), b: once(3) }, { strategy: 'linear' })]);
    expect(decide(given)).toEqual([{ do: 'release', play: 0, host: 'b', elected: true }]);
  });

  it('throttle: lets in as many as the limit leaves', () => {
    const gate: HostState = { status: 'running', gate: { kind: 'throttle', key: 't', limit: 2 } };
    const holder: HostState = { status: 'running', holds: 't' };
    expect(decide(state([play(0, { a: holder, b: gate, c: gate })]))).toEqual([
      { do: 'release', play: 0, host: 'b' },
    ]);
  });
});

it('orders positions as the tasks are written', () => {
  const sorted = [[2], [1, 0], [1], [1, 1, 0], [0]].sort(comparePositions);
  expect(sorted).toEqual([[0], [1], [1, 0], [1, 1, 0], [2]]);
});
