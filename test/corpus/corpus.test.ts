import { describe, expect, it, test } from 'vitest';
import { ERROR_CODES } from '../../src/base/errors.ts';
import { corpus, findsOf } from './kit.ts';

const all = corpus();

describe.each(all)('%s', (_, cases) => {
  it.each(cases)('$case', async (given) => {
    expect(await findsOf(given)).toBe(given.finds);
  });
});

test('the corpus is broad', () => {
  const broken = all.flatMap(([, cases]) => cases).filter(({ finds }) => finds !== '');
  expect(broken.length).toBeGreaterThanOrEqual(150);
});

// What no file causes: connections, steps on hosts, labs, bundles, saved plans, the command line, faults of ours.
const ELSEWHERE = /^(connect|lab|bundle)\.|^task\.(?!invalid)|^plan\.(changed|drifted)$|^(usage|internal)$/;

test('every code that a file can cause is in the corpus', () => {
  const found = new Set(all.flatMap(([, cases]) => cases).flatMap(({ finds }) => finds.split(/\s+/)));
  const codes = Object.keys(ERROR_CODES).filter((code) => !ELSEWHERE.test(code));
  expect(codes.filter((code) => !found.has(code))).toEqual([]);
});
