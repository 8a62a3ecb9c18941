import { expect, test } from 'vitest';
import { SlipwayError } from '../../src/base/errors.ts';
import { expandLimit } from '../../src/inventory/limit.ts';
import { matchHosts } from '../../src/inventory/patterns.ts';
import { folderOf } from '../kit/folder.ts';
import { load } from './inventory.ts';

const FILE = { hosts: 'lone\nfe80::1\n[web]\nw[1:4]\n[db]\nd1\nd2\nw4\n[empty]\n' };

test.each([
  ['all', 'lone fe80::1 w1 w2 w3 w4 d1 d2'],
  ['*', 'lone fe80::1 w1 w2 w3 w4 d1 d2'],
  ['web', 'w1 w2 w3 w4'],
  ['d2,w1', 'w1 d2'],
  ['d2:w1', 'w1 d2'],
  ['web:&db', 'w4'],
  ['web:!db', 'w1 w2 w3'],
  ['!db', 'lone fe80::1 w1 w2 w3'],
  ['&db,web,!w4', ''],
  ['all:!web:!db', 'lone fe80::1'],
  ['web[0]', 'w1'],
  ['web[-1]', 'w4'],
  ['web[0:2]', 'w1 w2 w3'],
  ['web[2:]', 'w3 w4'],
  ['web[1-2]', 'w2 w3'],
  ['~w[12]', 'w1 w2'],
  ['~(web|lone)$', 'lone w1 w2 w3 w4'],
  ['w?', 'w1 w2 w3 w4'],
  ['*1', 'fe80::1 w1 d1'],
  ['w[!12]', 'w3 w4'],
  ['fe80::1', 'fe80::1'],
  ['ungrouped', 'lone fe80::1'],
  ['empty', ''],
  ['localhost', 'localhost'],
])('%s selects %s', async (pattern, expected) => {
  const { inventory } = await load(FILE);
  expect(inventory.select(pattern).join(' ')).toBe(expected);
});

test('a part that fits nothing is named, with what was meant', async () => {
  const { inventory } = await load(FILE);
  expect(matchHosts(inventory, 'wbe,d1,x*')).toEqual({
    hosts: ['d1'],
    unmatched: [
      { part: 'wbe', hint: 'Did you mean `web`?' },
      { part: 'x*', hint: 'No name of a host or group fits it.' },
    ],
  });
  expect(() => inventory.select('wbe')).toThrow(SlipwayError);
  expect(matchHosts(inventory, 'web[:2]').unmatched).toEqual([
    {
      part: 'web[:2]',
      hint: 'A range of hosts starts with a number from 0 and includes its end: `web[0:2]`.',
    },
  ]);
  expect(matchHosts(inventory, 'web[-2:]').unmatched[0]?.hint).toContain('starts with a number from 0');
  expect(matchHosts(inventory, 'web[9]').unmatched[0]?.hint).toBe('`web` has 4 hosts, counted from 0.');
});

test('a wrong regular expression', async () => {
  const { inventory } = await load(FILE);
  expect(() => inventory.select('~w(')).toThrow('`~w(` is not a regular expression');
});

test('-l reads names from files', () => {
  const cwd = folderOf({ retry: 'w1\n# comment\nw2 # why\n\n' });
  expect(expandLimit('d1,@retry', cwd)).toBe('d1,w1,w2');
  expect(() => expandLimit('@gone', cwd)).toThrow('gone: does not exist');
});
