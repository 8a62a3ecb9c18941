import { expect, it } from 'vitest';
import { Unclear } from '../../src/module/outlook.ts';
import { compareApt } from '../../src/modules/apt/compare.ts';
import { foreseeApt } from '../../src/modules/apt/outlook.ts';
import type { AptState } from '../../src/modules/apt/probe.ts';
import { HostOutlook } from '../../src/run/outlook.ts';

const state = (candidates: readonly (readonly [string, string])[]): AptState => ({
  apt: true,
  installed: new Map(),
  leftovers: new Set(),
  candidates: new Map(candidates),
  provided: new Set(),
  similar: [],
  listsAge: 10,
  listsTime: 1,
  simulated: [],
  deb: undefined,
});
const outlook = new HostOutlook();
outlook.expect([{ subject: 'path:/etc/apt/sources.list.d/more.sources' }], 'a source');

it('behind a new source a package that is known comes, in a version that is not', () => {
  const then = foreseeApt(state([['a', '1.0']]), { name: 'a' }, outlook) as AptState;
  expect(compareApt(then, { name: 'a' })).toMatchObject({
    verdict: 'change',
    diff: [{ subject: 'a', after: 'the newest version', open: true }],
  });
});

it('one that is not known may be there then', () => {
  expect(foreseeApt(state([]), { name: 'a' }, outlook)).toEqual(new Unclear('a source'));
});
