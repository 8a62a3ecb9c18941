import { expect, it } from 'vitest';
import { readFileSync } from 'node:fs';
import { OnDemand } from '../../src/base/on-demand.ts';
import { modules } from '../../src/modules/index.generated.ts';

it('a value is made when it is asked for, once', () => {
  const made: string[] = [];
  const make = (name: string) => () => (made.push(name), name.toUpperCase());
  const map = new OnDemand({ a: make('a'), b: make('b') });
  expect([map.size, map.has('a'), map.has('c'), map.has('toString')]).toEqual([2, true, false, false]);
  expect([...map.keys()]).toEqual(['a', 'b']);
  expect(made).toEqual([]);
  expect([map.get('b'), map.get('b'), map.get('c')]).toEqual(['B', 'B', undefined]);
  expect(made).toEqual(['b']);
  expect([...map]).toEqual([
    ['a', 'A'],
    ['b', 'B'],
  ]);
  expect([...map.values()]).toEqual(['A', 'B']);
  const seen: string[] = [];
  map.forEach((value, key) => seen.push(key + value));
  expect([seen, made]).toEqual([
    ['aA', 'bB'],
    ['b', 'a'],
  ]);
});

// The bundle finds a module by it (scripts/bundled-modules.mjs).
it('a module has the name of its file', () => {
  const text = readFileSync(new URL('../../src/modules/index.generated.ts', import.meta.url), 'utf8');
  const files = [...text.matchAll(/^import \{ \w+ \} from '.*\/([\w-]+)\.ts';$/gm)].map(([, name]) =>
    name!.replaceAll('-', '_'),
  );
  expect(files.toSorted()).toEqual([...modules.keys()].toSorted());
});
