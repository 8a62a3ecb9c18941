import { createHash } from 'node:crypto';
import { stringify } from 'yaml';
import { type Helper, HelperError, list, map, number, text } from './helper.ts';
import { describeType } from './kinds.ts';

function quote(word: string): string {
  if (word.includes('\0')) throw new HelperError('cannot quote a text that holds a NUL character');
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

function basename(path: string): string {
  return path.replace(/\/+$/, '').split('/').at(-1) ?? '';
}

function dirname(path: string): string {
  const cut = path.replace(/\/+$/, '').lastIndexOf('/');
  if (cut < 0) return '.';
  return path.slice(0, cut).replace(/\/+$/, '') || '/';
}

function indent(value: string, width: number, first: boolean): string {
  const pad = ' '.repeat(width);
  return value.replace(/\n(?=[^\n])/g, `\n${pad}`).replace(/^/, first ? pad : '');
}

/** By its shape: what a resolver would take for an address. */
function ipVersion(value: string): 0 | 4 | 6 {
  const parts = value.split('.');
  if (parts.length === 4 && parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) < 256)) return 4;
  const groups = value.split(':').filter((group) => group !== '');
  const gaps = value.split('::').length - 1;
  if (!/^[\da-f:]+$/i.test(value) || gaps > 1 || groups.some((group) => group.length > 4)) return 0;
  return (gaps === 1 ? groups.length < 8 : /^\w+(:\w+){7}$/.test(value)) ? 6 : 0;
}

function simple(
  name: string,
  summary: string,
  example: Helper['example'],
  change: (value: string) => string,
): Helper {
  return { name, summary, example, args: [1, 1], call: ([value]) => change(text(value)) };
}

export const textHelpers: readonly Helper[] = [
  simple('upper', 'In upper case.', { template: '{{upper "abc"}}', gives: 'ABC' }, (value) =>
    value.toUpperCase(),
  ),
  simple('lower', 'In lower case.', { template: '{{lower "ABC"}}', gives: 'abc' }, (value) =>
    value.toLowerCase(),
  ),
  simple('trim', 'Without white space around it.', { template: '{{trim "  a b "}}', gives: 'a b' }, (value) =>
    value.trim(),
  ),
  simple('string', 'As text.', { template: '{{string 6443}}', gives: '6443' }, (value) => value),
  simple(
    'quote',
    'As one word for a POSIX shell.',
    { template: '{{quote "it is"}}', gives: "'it is'" },
    quote,
  ),
  simple('b64encode', 'In base64.', { template: '{{b64encode "abc"}}', gives: 'YWJj' }, (value) =>
    Buffer.from(value).toString('base64'),
  ),
  simple('b64decode', 'Text from base64.', { template: '{{b64decode "YWJj"}}', gives: 'abc' }, (value) =>
    Buffer.from(value, 'base64').toString(),
  ),
  simple(
    'sha256',
    'The SHA-256 of a text, in lower-case hex.',
    {
      template: '{{sha256 "abc"}}',
      gives: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    },
    (value) => createHash('sha256').update(value).digest('hex'),
  ),
  simple(
    'basename',
    'The last part of a path.',
    { template: '{{basename "/etc/hosts"}}', gives: 'hosts' },
    basename,
  ),
  simple(
    'dirname',
    'A path without its last part.',
    { template: '{{dirname "/etc/hosts"}}', gives: '/etc' },
    dirname,
  ),
  {
    name: 'ip_version',
    summary: 'The 4 or 6 of an IP address or network; 0 for a name and for anything else.',
    example: { template: '{{ip_version "10.244.0.0/16"}}', gives: 4 },
    args: [1, 1],
    call: ([value]) => ipVersion(text(value).replace(/\/\d+$/, '')),
  },
  {
    name: 'concat',
    summary: 'Texts and numbers one after the other.',
    example: { template: '{{concat "node" 1}}', gives: 'node1' },
    args: [1, Infinity],
    call: (args) => args.map(text).join(''),
  },
  {
    name: 'split',
    summary: 'A list of the parts of a text; without a separator, its words.',
    example: { template: '{{split "a,b" ","}}', gives: ['a', 'b'] },
    args: [1, 2],
    call: ([value, by]) => (by === undefined ? text(value).trim().split(/\s+/) : text(value).split(text(by))),
  },
  {
    name: 'replace',
    summary: 'A text with every occurrence of one text replaced by another.',
    example: { template: '{{replace "a-b-c" "-" "_"}}', gives: 'a_b_c' },
    args: [3, 3],
    call: ([value, from, to]) => text(value).replaceAll(text(from), () => text(to)),
  },
  {
    name: 'indent',
    summary:
      'A text whose lines, but for the first, are moved right by so many spaces; `first=true` for all lines.',
    example: { template: '{{indent lines 2}}', variables: { lines: 'a:\nb' }, gives: 'a:\n  b' },
    args: [2, 2],
    named: ['first'],
    call: ([value, width], { first }) => indent(text(value), number(width), first === true),
  },
  {
    name: 'json',
    summary: 'A value as JSON; `indent=2` over several lines.',
    example: {
      template: '{{json node}}',
      variables: { node: { ip: '10.0.0.1' } },
      gives: '{"ip":"10.0.0.1"}',
    },
    args: [1, 1],
    named: ['indent'],
    call: ([value], options) =>
      JSON.stringify(value, undefined, options.indent === undefined ? undefined : number(options.indent)),
  },
  {
    name: 'yaml',
    summary: 'A value as YAML, without a line break at the end.',
    example: {
      template: '{{yaml node}}',
      variables: { node: { ip: '10.0.0.1', cpus: 2 } },
      gives: 'ip: 10.0.0.1\ncpus: 2',
    },
    args: [1, 1],
    call: ([value]) => stringify(value, { lineWidth: 0 }).trimEnd(),
  },
  {
    name: 'lookup',
    summary: 'A field of a map or an item of a list, by a name or number that is computed.',
    example: { template: '{{lookup ports "https"}}', variables: { ports: { https: 443 } }, gives: 443 },
    args: [2, 2],
    call: ([from, key]) => {
      const value = Array.isArray(from) ? list(from).at(number(key)) : own(map(from), text(key));
      if (value === undefined)
        throw new HelperError(`finds no ${JSON.stringify(key)} in ${describeType(from)}`);
      return value;
    },
  },
];

function own(from: Readonly<Record<string, unknown>>, key: string): unknown {
  return Object.hasOwn(from, key) ? from[key] : undefined;
}
