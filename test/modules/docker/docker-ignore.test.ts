import { describe, expect, test } from 'vitest';
import { readIgnores } from '../../../src/modules/docker/docker-ignore.ts';

describe('.dockerignore', () => {
  // Pattern lines, a path, whether it is left out: as `docker build` decides it.
  test.each([
    ['node_modules', 'node_modules/a/b.js', true],
    ['node_modules', 'src/node_modules/a', false],
    ['**/node_modules', 'src/node_modules/a', true],
    ['**/node_modules', 'node_modules/a', true],
    ['*.md', 'README.md', true],
    ['*.md', 'docs/a.md', false],
    ['**/*.md', 'docs/a.md', true],
    ['docs/**', 'docs/a/b', true],
    ['a/**/z', 'a/z', true],
    ['a/**/z', 'a/b/c/z', true],
    ['a?c', 'abc', true],
    ['a?c', 'a/c', false],
    ['[a-c].txt', 'b.txt', true],
    ['[^a-c].txt', 'b.txt', false],
    ['a.txt', 'axtxt', false],
    ['/abs', 'abs/x', true],
    ['./here/', 'here/x', true],
    ['# a', '# a', false],
    ['  spaced  ', 'spaced', true],
    ['\\*', '*', true],
    ['\\*', 'a', false],
    ['*\n!keep', 'keep', false],
    ['*\n!keep', 'other', true],
    ['!keep\n*', 'keep', true],
    ['a\n!a/b', 'a/b/c', false],
    ['a\n!a/b', 'a/c', true],
    ['*', 'Dockerfile', false],
    ['*', '.dockerignore', false],
    ['', 'a', false],
    ['(a|b)+$', '(a|b)+$', true],
  ])('%j: %s', (text, path, left) => {
    expect(readIgnores(text, 'Dockerfile')(path)).toBe(left);
  });
});
