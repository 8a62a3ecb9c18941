import { describe, expect, it, vi } from 'vitest';
import { cut, paintFor, plain, widthOf } from '../../src/views/colour.ts';
import { diffLines } from '../../src/views/diff.ts';
import { duration } from '../../src/views/duration.ts';
import { frameLines } from '../../src/views/frame.ts';
import { emptyModel, fold } from '../../src/views/model.ts';
import { openView } from '../../src/views/open.ts';
import { event, finished, options, screen, started } from './kit.ts';

const recap = { ok: 3, changed: 1, unreachable: 0, failed: 0, skipped: 2, rescued: 0, ignored: 0 };

describe('lines', () => {
  it('tells changed and failed tasks, with what helps, and the recap', async () => {
    const { written, stdout } = screen();
    const view = await openView(options(stdout));
    view.handle(started(['n1', 'n2']));
    view.handle(event('play.started', { play: 0, name: 'Prepare', hosts: ['n1', 'n2'] }));
    view.handle(finished('n1', { status: 'changed', why: 'curl is not installed', duration: 2100 }));
    view.handle(finished('n2', { status: 'skipped' }));
    const failure = {
      code: 'task.command',
      message: 'exit code 100: no such package',
      hint: 'Check the name.',
      stderr: 'E: a\nE: b\n',
    };
    view.handle(finished('n2', { status: 'failed', failure }));
    view.handle(
      event('run.finished', {
        duration: 4200,
        exitCode: 2,
        hosts: { n1: recap, n2: { ...recap, failed: 1 } },
        roundTrips: {},
      }),
    );
    await view.end();
    expect(written.join('')).toBe(
      [
        '',
        'PLAY [Prepare] 2 hosts',
        'changed: [n1] Install  2.1s  curl is not installed',
        'failed: [n2] Install',
        '    exit code 100: no such package [task.command]',
        '    stderr:',
        '      E: a',
        '      E: b',
        '    Check the name.',
        '',
        'PLAY RECAP',
        'n1   : ok=3    changed=1    unreachable=0    failed=0    skipped=2    rescued=0    ignored=0',
        'n2   : ok=3    changed=1    unreachable=0    failed=1    skipped=2    rescued=0    ignored=0',
        '4.2s',
        '',
      ].join('\n'),
    );
  });

  it('says of a dry run what would happen, and of a lab that it is simulated', async () => {
    const { written, stdout } = screen();
    const view = await openView(options(stdout));
    view.handle(started(['n1'], { check: true, simulated: true }));
    view.handle(event('play.started', { play: 0, name: 'Prepare', hosts: ['n1'] }));
    view.handle(finished('n1', { status: 'changed' }));
    view.handle(finished('n1', { status: 'skipped', forecast: 'may-run', why: 'depends on init.changed' }));
    await view.end();
    expect(written.join('')).toContain('[dry run] [simulated Kubernetes]');
    expect(written.join('')).toContain('would change: [n1] Install');
    expect(written.join('')).toContain('may run: [n1] Install  depends on init.changed');
  });

  it('says in a dry run what a forecast rests on: how many do, and with -v each', async () => {
    const shown = async (verbose: number) => {
      const { written, stdout } = screen();
      const view = await openView(options(stdout, { verbose }));
      view.handle(started(['n1'], { check: true }));
      view.handle(finished('n1', { forecast: 'same', why: 'as wanted', assuming: 'Migrate' }));
      const counts = { same: 1, change: 0, run: 1, 'may-run': 0, unknown: 0 };
      const forecast = { n1: { ...counts, assuming: 1 }, n2: { ...counts, assuming: 2 } };
      view.handle(event('run.finished', { duration: 5, exitCode: 0, hosts: {}, forecast, roundTrips: {} }));
      await view.end();
      return written.join('');
    };
    const plain = await shown(0);
    expect(plain).toContain('ok: [n1] Install  as wanted\n');
    expect(plain).toContain(
      'FORECAST  nothing was changed; 3 forecasts hold if the commands before change nothing else (-v)\n',
    );
    expect(plain).toContain(
      'all hosts : same=2    would change=0    would run=2    may run=0    unknown=0\n',
    );
    expect(await shown(1)).toContain('ok: [n1] Install  as wanted  if "Migrate" changes nothing here\n');
  });

  it('shows skipped tasks and live output only with -v', async () => {
    const { written, stdout } = screen();
    const view = await openView(options(stdout, { verbose: 1 }));
    view.handle(started(['n1']));
    view.handle(
      event('task.output', { play: 0, task: '0.1', host: 'n1', stream: 'stdout', text: 'Get:1\nGet:2\n' }),
    );
    view.handle(finished('n1', { status: 'skipped' }));
    await view.end();
    expect(written.join('')).toBe('n1 | Get:1\nn1 | Get:2\nskipped: [n1] Install\n');
  });
});

describe('jsonl', () => {
  it('prints every event as one line of JSON', async () => {
    const { written, stdout } = screen();
    const view = await openView(options(stdout, { output: 'jsonl' }));
    view.handle(finished('n1', { says: ['a\nb'] }));
    expect(written).toHaveLength(1);
    expect(JSON.parse(written[0]!)).toMatchObject({
      event: 'task.finished',
      time: 1000,
      host: 'n1',
      says: ['a\nb'],
    });
  });
});

describe('terminal', () => {
  it('never paints more rows than the screen has, and puts failed hosts first', () => {
    const model = emptyModel();
    const names = Array.from({ length: 50 }, (_, index) => `n${index + 1}`);
    fold(model, started(names));
    fold(model, event('task.started', { play: 0, task: '0.1', host: 'n30', name: 'Install', module: 'apt' }));
    fold(model, finished('n40', { status: 'failed' }));
    const lines = frameLines(model, { columns: 60, rows: 12, now: 5000 }, plain);
    expect(lines.length).toBeLessThanOrEqual(11);
    expect(lines[1]).toContain('n40');
    expect(lines[2]).toContain('n30');
    expect(lines.at(-1)).toBe('… 42 more: 42 waiting');
    for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(60);
  });

  it('does not count as failed what was ignored or rescued', () => {
    const model = emptyModel();
    fold(model, started(['n1']));
    fold(model, finished('n1', { status: 'failed', ignored: true }));
    fold(model, finished('n1', { status: 'failed', rescued: true }));
    const now = { columns: 80, rows: 24, now: 4000 };
    expect(frameLines(model, now, plain)[1]).toContain('ok 1 changed 0 ');
    expect(frameLines(model, now, plain)[1]).not.toContain('failed');
    fold(model, finished('n1', { status: 'failed' }));
    expect(frameLines(model, now, plain)[1]).toContain('ok 1 changed 0 failed 1');
  });

  it('shows progress and elapsed time of the current task', () => {
    const model = emptyModel();
    fold(model, started(['n1']));
    fold(
      model,
      event('task.started', {
        play: 0,
        task: '0.1',
        host: 'n1',
        name: 'Load images',
        module: 'container_image',
      }),
    );
    fold(
      model,
      event('task.progress', { play: 0, task: '0.1', host: 'n1', text: '12 MB of 48 MB', fraction: 0.25 }),
    );
    const lines = frameLines(model, { columns: 80, rows: 24, now: 4000 }, plain);
    expect(lines[1]).toContain('Load images 25% · 12 MB of 48 MB  3.0s');
  });

  it('keeps failures on the screen and leaves the cursor visible', async () => {
    const { written, stdout } = screen({ isTTY: true, columns: 80, rows: 10 });
    const view = await openView(options(stdout, { output: 'terminal' }));
    view.handle(started(['n1']));
    view.handle(finished('n1', { status: 'failed', failure: { code: 'task.failed', message: 'it broke' } }));
    view.handle(
      event('run.finished', {
        duration: 1,
        exitCode: 2,
        hosts: { n1: { ...recap, failed: 1 } },
        roundTrips: {},
      }),
    );
    await view.end();
    const text = written.join('');
    expect(text).toContain('it broke');
    expect(text.lastIndexOf('\u001b[?25h')).toBeGreaterThan(text.lastIndexOf('\u001b[?25l'));
    expect(text.trimEnd().split('\n').at(-2)).toContain('failed=1');
  });
});

describe('a question meanwhile', () => {
  it('keeps the live part still; what happened is told after the answer', async () => {
    vi.useFakeTimers();
    const { written, stdout } = screen({ isTTY: true, columns: 80, rows: 10 });
    const view = await openView(options(stdout, { output: 'terminal' }));
    view.handle(started(['n1']));
    vi.advanceTimersByTime(500);
    const goOn = view.hold();
    const before = written.length;
    expect(written.at(-1)).toBe('\u001b[?25h');
    vi.advanceTimersByTime(1000);
    view.handle(finished('n1', { status: 'failed', failure: { code: 'task.failed', message: 'it broke' } }));
    expect(written.length).toBe(before);
    goOn();
    expect(written.slice(before).join('')).toContain('it broke');
    const painted = written.length;
    vi.advanceTimersByTime(500);
    expect(written.length).toBeGreaterThan(painted);
    await view.end();
    vi.useRealTimers();
  });

  it('is asked behind the lines that were told before', async () => {
    const { written, stdout } = screen();
    const view = await openView(options(stdout));
    view.handle(event('play.started', { play: 0, name: 'Prepare', hosts: ['n1'] }));
    expect(written).toEqual([]);
    view.hold()();
    expect(written.join('')).toContain('PLAY [Prepare]');
  });
});

describe('words', () => {
  it('honours NO_COLOR before all else', () => {
    expect(paintFor(true, { NO_COLOR: '1', FORCE_COLOR: '1' })('red', 'x')).toBe('x');
    expect(paintFor(true, {})('red', 'x')).toBe('\u001b[31mx\u001b[0m');
    expect(paintFor(false, {})('red', 'x')).toBe('x');
  });

  it('cuts wide characters by their width', () => {
    expect(cut('配置节点', 5)).toBe('配置…');
    expect(cut('short', 5)).toBe('short');
  });

  it('shows contents as a unified diff and settings as before and after', () => {
    const content = diffLines(
      { subject: '/etc/x', kind: 'content', before: 'a\nb\n', after: 'a\nc\n' },
      plain,
    );
    expect(content).toEqual(['--- /etc/x', '+++ /etc/x', '@@ -1,2 +1,2 @@', ' a', '-b', '+c']);
    expect(diffLines({ subject: 'mode', kind: 'value', before: '0644', after: '0600' }, plain)).toEqual([
      'mode: 0644 -> 0600',
    ]);
    expect(diffLines({ subject: '/etc/x', kind: 'content', after: 'a\n' }, plain)[0]).toBe('--- (nothing)');
  });

  it('writes durations for people', () => {
    expect([340, 4200, 187_000, 3_720_000].map(duration)).toEqual(['340ms', '4.2s', '3m07s', '1h02m']);
  });
});
