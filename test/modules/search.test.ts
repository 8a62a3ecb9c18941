import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { forGrep, groupsOf } from '../../src/modules/control/search.ts';
import { shells } from '../kit/local-shell.ts';

// What Python's `re` finds in these lines; the real grep has to find the same.
const FOUND = [
  [String.raw`^pid (\d+)`, 'pid 42 up', true],
  [String.raw`^pid (\d+)`, 'pid d up', false],
  [String.raw`(?P<name>[\w.-]+)=(?:a|b)\D`, 'x.y-z=b!', true],
  [String.raw`(?P<name>[\w.-]+)=(?:a|b)\D`, 'x.y-z=b1', false],
  [String.raw`^[\]\-]$`, ']', true],
  [String.raw`^[\]\-]$`, '-', true],
  [String.raw`^[\]\-]$`, '\\', false],
  [String.raw`^[^\]\\]$`, 'x', true],
  [String.raw`^[^\]\\]$`, '\\', false],
  [String.raw`^[\^\-a]+$`, 'a^-', true],
  [String.raw`[[:digit:]]{2}`, 'a12', true],
  [String.raw`a\.b`, 'a.b', true],
  [String.raw`a\.b`, 'axb', false],
] as const;

describe.each(shells)('a pattern of Python for grep: %s', (_, { path }) => {
  it.each(FOUND)('%s in %s: %s', (pattern, line, there) => {
    const env = { ...process.env, LC_ALL: 'C', ...(path !== undefined && { PATH: path }) };
    const { status } = spawnSync('grep', ['-E', '-q', '-e', forGrep(pattern)], { input: `${line}\n`, env });
    expect(status).toBe(there ? 0 : 1);
  });
});

describe('groups of a match', () => {
  it.each([
    [String.raw`(\d+)/(\d+)?`, 'at 3/', ['3', null], {}],
    [String.raw`(?P<user>\w+)@(?P<host>[\w.]+)`, 'a@b.c', ['a', 'b.c'], { user: 'a', host: 'b.c' }],
    ['x', 'x', [], {}],
    ['(?R)', 'x', [], {}],
  ])('%s in %s', (pattern, line, groups, named) => {
    expect(groupsOf(pattern, line)).toEqual({ match_groups: groups, match_groupdict: named });
  });

  it('none without a match', () => {
    expect(groupsOf('(a)', undefined)).toEqual({ match_groups: [], match_groupdict: {} });
    expect(groupsOf(undefined, undefined)).toEqual({ match_groups: [], match_groupdict: {} });
  });
});
