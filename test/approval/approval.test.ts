import { describe, expect, it } from 'vitest';
import { driftBetween, exceeds } from '../../src/approval/drift.ts';
import { Gate } from '../../src/approval/gate.ts';
import { isPending, type UnknownRule } from '../../src/approval/saved-plan.ts';
import type { EventMap, Proposal } from '../../src/events/types.ts';
import { event } from '../views/kit.ts';

type Finished = EventMap['task.finished'];

function told(forecast: Finished['forecast'], more: Partial<Finished> = {}) {
  const status = forecast === 'change' || forecast === 'run' ? 'changed' : 'ok';
  const place = { play: 0, task: '0.1', host: 'n1', name: 'Install', module: 'apt' } as const;
  return event('task.finished', { ...place, status, duration: 0, ...(forecast && { forecast }), ...more });
}

const content = (before: string, after: string) => ({
  subject: '/etc/x',
  kind: 'content' as const,
  before,
  after,
});

describe('drift', () => {
  const same = told('change', { diff: [content('a\n', 'b\n')] });

  it('is nothing where all is foretold as before', () => {
    expect(driftBetween([same], [same])).toEqual([]);
    // How it is said does not matter.
    expect(driftBetween([told('same', { why: 'x' })], [told('same', { why: 'y' })])).toEqual([]);
  });

  it.each([
    ['another forecast', told('same'), 'nothing to do, planned was: would change'],
    [
      'another state of the host',
      told('change', { diff: [content('c\n', 'b\n')] }),
      '/etc/x is c, and was a when it was planned',
    ],
    [
      'another outcome',
      told('change', { diff: [content('a\n', 'c\n')] }),
      '/etc/x would become c, planned was b',
    ],
    [
      'one more difference',
      told('change', { diff: [content('a\n', 'b\n'), { subject: 'mode', kind: 'value', after: '0600' }] }),
      'mode would change, too',
    ],
    ['one less', told('change', { diff: [] }), '/etc/x would not change any more'],
  ])('is %s', (_, now, what) => {
    expect(driftBetween([same], [now])).toEqual([{ title: 'n1: Install', what }]);
  });

  it('is a task that is new, or not reached any more', () => {
    const other = told('change', { task: '0.2', name: 'Remove', item: 'vim' });
    expect(driftBetween([same], [same, other])).toEqual([
      { title: 'n1: Remove (vim)', what: 'it is new: would change' },
    ]);
    expect(driftBetween([same, other], [same])).toEqual([
      { title: 'n1: Remove (vim)', what: 'it is not reached any more; it was: would change' },
    ]);
  });
});

it('what is approved allows to change less, and what is open to become anything', () => {
  const approved = [
    content('a\n', 'b\n'),
    { subject: 'vim', kind: 'value' as const, after: 'new', open: true },
  ];
  expect(exceeds(approved, [content('z\n', 'b\n')])).toBeUndefined();
  expect(exceeds(approved, [{ subject: 'vim', kind: 'value', after: '9.1' }])).toBeUndefined();
  expect(exceeds(approved, [content('a\n', 'c\n')])).toBe('/etc/x would become c, approved was b');
  expect(exceeds(approved, [{ subject: '/etc/y', kind: 'value' }])).toContain('/etc/y would change');
});

describe('the gate', () => {
  const proposal: Proposal = {
    play: 0,
    task: '0.1',
    host: 'n1',
    handler: false,
    name: 'Install',
    kind: 'change',
    why: 'it is not there',
    diff: [content('a\n', 'b\n')],
  };
  const gate = (forecast: Finished['forecast'], unknown: UnknownRule = 'ask', answers: string[] = []) =>
    new Gate({ events: [told(forecast, { diff: [content('a\n', 'b\n')] })], unknown }, () =>
      Promise.resolve(answers.shift()),
    );

  it('lets through what was approved', async () => {
    await gate('change').allow(proposal);
    await gate('run').allow({ ...proposal, kind: 'run', diff: [] });
  });

  it('stops at what was not, and at everything after that', async () => {
    const it = gate('same');
    await expect(it.allow(proposal)).rejects.toThrow('the plan says that it would not');
    await expect(it.allow({ ...proposal, host: 'n2' })).rejects.toThrow(
      'nothing more is done since n1: Install',
    );
    await expect(gate('change').allow({ ...proposal, task: '0.9' })).rejects.toThrow('it is not in the plan');
    await expect(gate('change').allow({ ...proposal, diff: [content('a\n', 'evil\n')] })).rejects.toThrow(
      '/etc/x would become evil, approved was b',
    );
  });

  it.each(['unknown', 'may-run'] as const)('decides of %s by the rule of the plan', async (forecast) => {
    await gate(forecast, 'allow').allow(proposal);
    await expect(gate(forecast, 'stop').allow(proposal)).rejects.toThrow('says to stop there');
    await expect(gate(forecast, 'ask').allow(proposal)).rejects.toThrow('there is nobody to ask');
    await expect(gate(forecast, 'ask', ['n']).allow(proposal)).rejects.toThrow('you said no');
    const all = gate(forecast, 'ask', ['a']);
    await all.allow(proposal);
    await all.allow(proposal);
  });

  it('takes a task that hides its differences by its forecast', async () => {
    const hidden = new Gate({ events: [told('change')], unknown: 'stop' }, () => Promise.resolve(undefined));
    await hidden.allow(proposal);
  });
});

it('a plan is pending where something would be done, and not for a command that changes nothing', () => {
  expect(isPending({ events: [told('same'), told('run', { status: 'ok' }), told(undefined)] })).toBe(false);
  for (const forecast of ['change', 'run', 'may-run', 'unknown'] as const)
    expect(isPending({ events: [told(forecast)] })).toBe(true);
  expect(isPending({ events: [told('unknown')] }, (module) => module === 'apt')).toBe(false);
});
