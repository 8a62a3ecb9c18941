import { expect, it } from 'vitest';
import { lazyRecord } from '../../src/base/lazy.ts';

it('is made when it is looked into, once, and then is as the record itself', () => {
  let made = 0;
  const record = lazyRecord(() => {
    made += 1;
    return { a: 1, b: { c: 2 } };
  });
  const kept = { record };
  expect(made).toBe(0);
  expect(kept.record['a']).toBe(1);
  expect({ ...record, d: 3 }).toEqual({ a: 1, b: { c: 2 }, d: 3 });
  expect(Object.entries(record)).toEqual([
    ['a', 1],
    ['b', { c: 2 }],
  ]);
  expect('b' in record && Object.hasOwn(record, 'b')).toBe(true);
  expect(Object.hasOwn(record, 'x')).toBe(false);
  expect(JSON.stringify(record)).toBe('{"a":1,"b":{"c":2}}');
  expect(Object.getPrototypeOf(record)).toBe(Object.prototype);
  expect(made).toBe(1);
});
