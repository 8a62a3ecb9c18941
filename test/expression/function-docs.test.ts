import { expect, it } from 'vitest';
import { CALLABLE, functionDoc } from '../../src/expression/function-docs.ts';
import { test } from './kit.ts';

it.each(CALLABLE)('the example of %s holds', (name) => {
  const doc = functionDoc(name);
  expect(doc?.summary).toMatch(/\.$/);
  expect(doc?.example).toContain(`${name}(`);
  expect(test(doc!.example)).toBe(true);
});
