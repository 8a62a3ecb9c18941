import { expect, test } from 'vitest';
import { Problems, type SlipwayErrors } from '../../src/base/errors.ts';

test('errors are thrown file by file, from top to bottom; what has no place comes first', () => {
  const problems = new Problems();
  const at = (path: string, start: number) => ({ span: { source: { path, text: '' }, start, end: start } });
  problems.error('schema.unknown-key', 'b9', at('b.yml', 9));
  problems.error('schema.unknown-key', 'a5', at('a.yml', 5));
  problems.error('schema.unknown-key', 'b1', at('b.yml', 1));
  problems.error('usage', 'nowhere');
  const thrown = (() => {
    try {
      problems.throwIfAny();
    } catch (error) {
      return error as SlipwayErrors;
    }
    return undefined;
  })();
  expect(thrown?.errors.map(({ message }) => message)).toEqual(['nowhere', 'b1', 'b9', 'a5']);
});
