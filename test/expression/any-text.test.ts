import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SlipwayError, SlipwayErrors } from '../../src/base/errors.ts';
import { render, test } from './kit.ts';

const variables = { a: 'x', b: 3, l: [1, 'two', { a: null }], m: { a: { b: [true] } }, item: 0 };

/** Runs it; whatever is thrown must be an error of ours that points into the text. */
function sound(text: string, work: () => unknown): void {
  try {
    work();
  } catch (thrown) {
    const errors = thrown instanceof SlipwayErrors ? thrown.errors : [thrown];
    for (const error of errors) {
      if (!(error instanceof SlipwayError))
        throw new Error(`thrown for ${JSON.stringify(text)}: ${String(thrown)}`, { cause: thrown });
      const { start, end } = error.span!;
      if (start < 0 || start > text.length || end < start)
        throw new Error(`bad span for ${JSON.stringify(text)}`, { cause: thrown });
    }
  }
}

const pieces = [
  '{{',
  '}}',
  '{{{',
  '}}}',
  '{{#if ',
  '{{/if}}',
  '{{else}}',
  '{{#each ',
  ' as |x y|}}',
  '{{/each}}',
  '{{!',
  '--',
  '{%',
  '%}',
  '\\',
  '~',
  'a',
  'b',
  'l',
  'm',
  '.',
  '[',
  ']',
  '(',
  ')',
  '"',
  "'",
  ' ',
  '0',
  '1',
  '|',
  '=',
  'default',
  'join',
  'is',
  'defined',
  'not',
  'and',
  'or',
  'in',
  'has',
  'size',
  '==',
  '<',
  '+',
  '-',
  '/',
  '&&',
  '||',
  '!',
  '?',
  ':',
  ',',
  '\n',
  '{{{{raw}}}}',
  '{{{{/raw}}}}',
  'this',
  '../',
  '@index',
  '\u00e4',
  '.exists(',
  '.orValue(',
  'matches',
];
const text = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.array(fc.constantFrom(...pieces), { maxLength: 14 }).map((parts) => parts.join('')),
  },
  { weight: 1, arbitrary: fc.string({ unit: 'binary' }) },
);

describe('any text', () => {
  it('as a template gives a value or positioned errors', () =>
    fc.assert(
      fc.property(text, (given) => sound(given, () => render(given, variables))),
      { numRuns: 5000 },
    ));
  it('inside a mustache, too', () =>
    fc.assert(
      fc.property(text, (given) => sound(`{{ ${given} }}`, () => render(`{{ ${given} }}`, variables))),
      { numRuns: 5000 },
    ));
  it('as a condition gives true, false or a positioned error', () =>
    fc.assert(
      fc.property(text, (given) => sound(given, () => expect(typeof test(given, variables)).toBe('boolean'))),
      { numRuns: 5000 },
    ));
  it('without a mustache is rendered as it is', () =>
    fc.assert(
      fc.property(
        fc.string().filter((given) => !/\{\{|\{%/.test(given)),
        (given) => render(given) === given,
      ),
    ));
});
