import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { Debts, type Owed } from '../../src/run/debts.ts';
import { fileJournal, type JournalEntry, type RunLine } from '../../src/run/journal.ts';
import { leftBehind } from '../../src/run/left-behind.ts';
import { flush, play, task, ToyHost, value } from './kit.ts';

const first: RunLine = {
  at: 'run',
  run: 'r1',
  playbooks: ['/site.yml'],
  inventories: ['/hosts'],
  plays: ['play 0', 'play 1'],
  check: false,
};
const step = { play: 0, task: 't1', host: 'n1', time: 0 };
const restart = { play: 0, host: 'n1', handler: 'restart' };
const owed: Owed = { ...restart, playName: 'play 0', run: 'r1' };

function left(...lines: JournalEntry[]): Owed[] {
  const debts = new Debts();
  for (const line of [first, ...lines]) debts.take(line);
  return debts.left();
}

describe('what a journal says is owed', () => {
  it('is what was notified and not handled', () => {
    expect(left({ at: 'notified', ...restart })).toEqual([owed]);
    expect(left({ at: 'notified', ...restart }, { at: 'handled', ...restart })).toEqual([]);
    expect(left({ at: 'notified', ...restart }, { at: 'handled', ...restart, host: 'n2' })).toEqual([owed]);
  });

  it('is what a step would notify of which nobody knows how it ended', () => {
    const started: JournalEntry = { at: 'started', ...step, notify: ['restart'] };
    expect(left(started)).toEqual([owed]);
    expect(left(started, { at: 'finished', ...step, status: 'ok' })).toEqual([]);
  });

  it('is what was taken over from the run before, as that run is called', () => {
    const before = { ...owed, run: 'r0' };
    expect(left({ at: 'owed', owed: before })).toEqual([before]);
    expect(left({ at: 'owed', owed: before }, { at: 'handled', ...restart })).toEqual([]);
  });
});

describe('the runs before', () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'slipway-runs-'));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const at = (name: string) => path.join(folder, name);

  /** @param end how the run ended: in order, or killed within a line */
  function run(
    name: string,
    more: Partial<RunLine>,
    lines: JournalEntry[],
    end: 'order' | 'killed' = 'order',
  ) {
    const journal = fileJournal(at(name));
    for (const line of [{ ...first, run: name, ...more }, ...lines]) journal.write(line);
    journal.close();
    if (end === 'order') return;
    const file = path.join(at(name), 'journal.jsonl');
    const text = readFileSync(file, 'utf8').replace(/.*"at":"end".*\n/, '');
    rmSync(file);
    appendFileSync(file, `${text}{"at":"fini`);
  }

  it('count from the latest one of the same, but for dry runs', () => {
    run('1', {}, [{ at: 'notified', ...restart }]);
    run('2', { check: true }, []);
    run('3', { playbooks: ['/other.yml'] }, [{ at: 'notified', ...restart, handler: 'other' }]);
    expect(leftBehind([at('3'), at('2'), at('gone'), at('1')], first)).toEqual([{ ...owed, run: '1' }]);
    run('4', {}, []);
    expect(leftBehind([at('4'), at('1')], first)).toEqual([]);
  });

  it('tell what they owe also where they were killed', () => {
    run('1', {}, [{ at: 'notified', ...restart }], 'killed');
    expect(leftBehind([at('1')], first)).toEqual([{ ...owed, run: '1' }]);
  });
});

describe('a run after one that did not come to its handlers', () => {
  const named = (name: string, more = {}) => task('do', { cmd: name }, { name: value(name), ...more });
  const settled = () => task('state', { name: 'a', value: '' }, { notify: ['restart'] });
  const again = (tasks: Parameters<typeof play>[0][number]['tasks'], host: ToyHost, debts = [owed]) =>
    play([{ hosts: ['n1'], tasks, handlers: [named('restart')] }], { n1: host }, { owed: debts });

  it('runs them although nothing changes, at the place of handlers, and owes them no more', async () => {
    const host = new ToyHost();
    const { journal, events } = await again([settled(), flush(), task('do', { cmd: 'b' }), flush()], host);
    expect(host.did).toEqual(['do restart', 'do b']);
    expect(left(...journal)).toEqual([]);
    expect(events.filter(({ event }) => event === 'handler.owed')).toMatchObject([
      { host: 'n1', handler: 'restart', run: 'r1' },
    ]);
  });

  it('is done with what was notified by its topic', async () => {
    const host = new ToyHost();
    const handlers = [named('restart', { listen: ['changed'] })];
    const given = { hosts: ['n1'], tasks: [settled(), flush()], handlers };
    const { journal } = await play([given], { n1: host }, { owed: [{ ...owed, handler: 'changed' }] });
    expect(host.did).toEqual(['do restart']);
    expect(left(...journal)).toEqual([]);
  });

  it('owes them still when it fails before', async () => {
    const host = new ToyHost();
    host.failing.set('x', 1);
    const { journal } = await again([task('do', { cmd: 'x' }), flush()], host);
    expect(host.did).toEqual(['do x']);
    expect(left(...journal)).toEqual([owed]);
  });

  it('owes one that fails', async () => {
    const host = new ToyHost();
    host.failing.set('restart', 1);
    const { journal } = await again([settled(), flush()], host);
    expect(left(...journal)).toEqual([owed]);
  });

  it('gives up those that its playbook has no more, and says so', async () => {
    const debts = [
      { ...owed, handler: 'gone' },
      { ...owed, playName: 'gone' },
    ];
    const { journal, events } = await again([settled(), flush()], new ToyHost(), debts);
    expect(left(...journal)).toEqual([]);
    expect(events.flatMap((event) => (event.event === 'warning' ? [event.message] : []))).toEqual([
      'n1: no play is called "gone" any more, whose handler `restart` the run r1 did not come to',
      'n1: the play has no handler `gone` any more, which the run r1 did not come to',
    ]);
  });

  it('owes what a change has notified until it is done', async () => {
    const host = new ToyHost();
    host.failing.set('x', 1);
    const tasks = [task('do', { cmd: 'a' }, { notify: ['restart'] }), task('do', { cmd: 'x' }), flush()];
    const { journal } = await again(tasks, host, []);
    expect(host.did).toEqual(['do a', 'do x']);
    expect(left(...journal)).toMatchObject([{ handler: 'restart' }]);
  });
});
