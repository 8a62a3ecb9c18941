import { type Helper, HelperError, list, map, text } from './helper.ts';
import { describeType, equal } from './kinds.ts';

function sorted(values: readonly unknown[]): unknown[] {
  const numbers = values.every((value) => typeof value === 'number');
  if (numbers) return [...values].sort((a, b) => (a as number) - (b as number));
  // By code point, so that the order is the same on every machine.
  return values
    .map((value) => [text(value), value] as const)
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([, value]) => value);
}

function unique(values: readonly unknown[]): unknown[] {
  const seen = new Set<string>();
  return values.filter((value) => {
    const key = `${typeof value}:${JSON.stringify(value)}`;
    return seen.has(key) ? false : seen.add(key);
  });
}

function size(value: unknown): number {
  if (typeof value === 'string') return [...value].length;
  if (value !== null && typeof value === 'object') return Object.keys(value).length;
  throw new HelperError(`needs a string, list or map, not ${describeType(value)}`);
}

function end(value: unknown, at: 0 | -1): unknown {
  const found = typeof value === 'string' ? value.at(at) : list(value).at(at);
  if (found === undefined)
    throw new HelperError('finds nothing: the list is empty', 'Guard it with `{{#if list}}`.');
  return found;
}

export const listHelpers: readonly Helper[] = [
  {
    name: 'join',
    summary: 'The items of a list as one text, with a separator between them.',
    example: {
      template: '{{join ips ","}}',
      variables: { ips: ['10.0.0.1', '10.0.0.2'] },
      gives: '10.0.0.1,10.0.0.2',
    },
    args: [1, 2],
    call: ([values, by]) =>
      list(values)
        .map(text)
        .join(by === undefined ? '' : text(by)),
  },
  {
    name: 'length',
    summary: 'How many items a list or map has, or characters a text.',
    example: { template: '{{length nodes}}', variables: { nodes: ['a', 'b'] }, gives: 2 },
    args: [1, 1],
    call: ([value]) => size(value),
  },
  {
    name: 'first',
    summary: 'The first item of a list.',
    example: { template: '{{first nodes}}', variables: { nodes: ['a', 'b'] }, gives: 'a' },
    args: [1, 1],
    call: ([value]) => end(value, 0),
  },
  {
    name: 'last',
    summary: 'The last item of a list.',
    example: { template: '{{last nodes}}', variables: { nodes: ['a', 'b'] }, gives: 'b' },
    args: [1, 1],
    call: ([value]) => end(value, -1),
  },
  {
    name: 'sort',
    summary: 'A list in order: numbers by size, else by code point.',
    example: { template: '{{sort names}}', variables: { names: ['b', 'a'] }, gives: ['a', 'b'] },
    args: [1, 1],
    call: ([values]) => sorted(list(values)),
  },
  {
    name: 'reverse',
    summary: 'A list the other way round.',
    example: { template: '{{reverse names}}', variables: { names: ['a', 'b'] }, gives: ['b', 'a'] },
    args: [1, 1],
    call: ([values]) => [...list(values)].reverse(),
  },
  {
    name: 'unique',
    summary: 'A list with each value once, the first of its kind kept.',
    example: { template: '{{unique names}}', variables: { names: ['a', 'b', 'a'] }, gives: ['a', 'b'] },
    args: [1, 1],
    call: ([values]) => unique(list(values)),
  },
  {
    name: 'flatten',
    summary: 'The items of all lists in a list.',
    example: {
      template: '{{flatten lists}}',
      variables: { lists: [['a'], ['b', 'c']] },
      gives: ['a', 'b', 'c'],
    },
    args: [1, 1],
    call: ([values]) => list(values).flat(Infinity),
  },
  {
    name: 'list',
    summary: 'A list of the values given.',
    example: { template: '{{list "a" 2}}', gives: ['a', 2] },
    args: [0, Infinity],
    call: (args) => [...args],
  },
  {
    name: 'dict',
    summary: 'A map of names and values, one after the other.',
    example: { template: '{{json (dict "a" 1 "b" "x")}}', gives: '{"a":1,"b":"x"}' },
    args: [0, Infinity],
    call: (args) => {
      if (args.length % 2 === 1) throw new HelperError('needs a value for each name', '`{{dict "a" 1}}`');
      return Object.fromEntries(
        args.flatMap((arg, at) => (at % 2 === 0 ? [[text(arg), args[at + 1]] as const] : [])),
      );
    },
  },
  {
    name: 'in',
    summary: 'Whether a list has an item, a map a key, or a text a part: the part first.',
    example: { template: '{{in "cp" groups}}', variables: { groups: ['cp', 'etcd'] }, gives: true },
    args: [2, 2],
    call: ([item, container]) => {
      if (typeof container === 'string') return container.includes(text(item));
      if (Array.isArray(container)) return container.some((candidate) => equal(item, candidate) === true);
      return Object.hasOwn(map(container), text(item));
    },
  },
  {
    name: 'keys',
    summary: 'The names in a map, in the order written.',
    example: {
      template: '{{keys labels}}',
      variables: { labels: { zone: 'a', rack: 1 } },
      gives: ['zone', 'rack'],
    },
    args: [1, 1],
    call: ([value]) => Object.keys(map(value)),
  },
  {
    name: 'values',
    summary: 'The values in a map, in the order written.',
    example: {
      template: '{{values labels}}',
      variables: { labels: { zone: 'a', rack: 1 } },
      gives: ['a', 1],
    },
    args: [1, 1],
    call: ([value]) => Object.values(map(value)),
  },
  {
    name: 'merge',
    summary: 'Maps put together; later ones win.',
    example: {
      template: '{{json (merge a b)}}',
      variables: { a: { x: 1, y: 1 }, b: { y: 2 } },
      gives: '{"x":1,"y":2}',
    },
    args: [1, Infinity],
    call: (args) => Object.fromEntries(args.flatMap((arg) => Object.entries(map(arg)))),
  },
];
