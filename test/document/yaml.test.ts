import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Problems } from '../../src/base/errors.ts';
import { entry, type Node, toData } from '../../src/document/node.ts';
import { parseYaml } from '../../src/document/yaml.ts';
import { line } from '../expression/kit.ts';

const parse = (text: string) => {
  const problems = new Problems();
  const node = parseYaml({ path: 'f.yml', text }, problems);
  return {
    node,
    data: node && toData(node),
    errors: problems.errors.map(line),
    warnings: problems.warnings.map(line),
  };
};

describe('values', () => {
  it.each([
    [
      'a: 1\nb: [x, yes, on, 1.5, 0x10, 0o17, ~, null, "5"]\n',
      { a: 1, b: ['x', 'yes', 'on', 1.5, 16, 15, null, null, '5'] },
    ],
    ['a:\nb: ""\n', { a: null, b: '' }],
    ['80: x\ntrue: y\n1.10: z\nnull: n\n', { 80: 'x', true: 'y', '1.10': 'z', null: 'n' }],
    ['a: 2001-01-01\nb: 12345678901234567890\n', { a: '2001-01-01', b: '12345678901234567890' }],
    ['a: !!str 5\nb: !unsafe "{{ x }}"\nc: !!int "7"\n', { a: '5', b: '{{ x }}', c: 7 }],
    ['a: |\n  x\n  y\nb: >-\n  p\n  q\n', { a: 'x\ny\n', b: 'p q' }],
    ['- a\n- b\n...\n', ['a', 'b']],
    ['---\na: 1\n---\n', { a: 1 }],
    ['\uFEFFa: 1\r\nb: 2\r\n', { a: 1, b: 2 }],
    [
      '__proto__: {x: 1}\nconstructor: 2\n',
      Object.fromEntries([
        ['__proto__', { x: 1 }],
        ['constructor', 2],
      ]),
    ],
  ])('%j', (text, expected) => {
    const { data, errors } = parse(text);
    expect(errors).toEqual([]);
    expect(data).toEqual(expected);
    expect(Object.keys(data as object)).toEqual(Object.keys(expected));
  });

  it.each(['', '---\n', '# nothing\n', '\n\n'])('%j is nothing, and nothing is wrong', (text) =>
    expect(parse(text)).toMatchObject({ node: undefined, errors: [] }),
  );

  it('resolves aliases and merges', () => {
    const { data, errors } = parse(
      'x: &b {q: 1, w: 2}\nz: &z {w: 9, e: 3}\ny: {<<: *b, q: 3}\nl: {<<: [*b, *z]}\n"<<": 1\nt: [*b]\n',
    );
    expect(errors).toEqual([]);
    expect(data).toMatchObject({ y: { q: 3, w: 2 }, l: { q: 1, w: 2, e: 3 }, '<<': 1, t: [{ q: 1, w: 2 }] });
  });

  it('marks what is never a template', () => {
    const { node } = parse('a: !unsafe "{{ x }}"\n');
    expect(node?.kind === 'map' && entry(node, 'a')?.value).toMatchObject({ unsafe: true, quoted: true });
  });

  it('keeps the text of a number', () => {
    const { node } = parse('mode: 0644\n');
    expect(node?.kind === 'map' && entry(node, 'mode')?.value).toMatchObject({
      value: 644,
      source: '0644',
      quoted: false,
    });
  });

  it('warns of a version that lost its zero', () =>
    expect(parse('a: 1.30\nb: 1.5\n').warnings).toEqual([
      "schema.invalid-value 1:4 «1.30» 1.30 is read as the number 1.3 | Write '1.30' if it is a version.",
    ]));
});

describe('spans', () => {
  const text =
    'plain: one two\nquoted: "a\\tb"  # c\nblock: |\n  x\n  y\nflow: {k: [v, \'w\']}\nlist:\n  - p\n  - q: r\n';
  const slices = (node: Node, out: string[] = []): string[] => {
    out.push(text.slice(node.span.start, node.span.end));
    if (node.kind === 'list') for (const item of node.items) slices(item, out);
    if (node.kind === 'map')
      for (const { keySpan, value } of node.entries) {
        out.push(`${text.slice(keySpan.start, keySpan.end)}:`);
        slices(value, out);
      }
    return out;
  };
  it('are exact to the character', () =>
    expect(slices(parse(text).node!).slice(1)).toEqual([
      'plain:',
      'one two',
      'quoted:',
      '"a\\tb"',
      'block:',
      '|\n  x\n  y',
      'flow:',
      "{k: [v, 'w']}",
      'k:',
      "[v, 'w']",
      'v',
      "'w'",
      'list:',
      '- p\n  - q: r',
      'p',
      'q: r',
      'q:',
      'r',
    ]));
});

describe('mistakes', () => {
  it.each([
    [
      'a: 1\na: 2\n',
      'yaml.duplicate-key 2:1 «a» `a` is given twice in this mapping | Keep one of them; the other is at f.yml:1:1.',
    ],
    [
      'a: {{ foo }}\n',
      'yaml.unquoted-template 1:4 «{{ foo }}» {{ foo }} is read as a mapping because it is not quoted | Write "{{ foo }}".',
    ],
    [
      'a: {{ foo }}/b\n',
      'yaml.unquoted-template 1:4 «{{ foo }}/b» {{ foo }}/b is read as a mapping because it is not quoted | Write "{{ foo }}/b".',
    ],
    [
      '- {{ x | default("y") }}\n',
      `yaml.unquoted-template 1:3 «{{ x | default("y") }}» {{ x | default("y") }} is read as a mapping because it is not quoted | Write '{{ x | default("y") }}'.`,
    ],
    ['a:\n\t- b\n', 'yaml.syntax 2:1 «\t» Tabs are not allowed as indentation | Indent with spaces.'],
    [
      'a: b: c\n',
      'yaml.syntax 1:4 «b» Nested mappings are not allowed in compact mappings | Put the value in quotes, or its keys on lines of their own.',
    ],
    [
      'a: 1\n---\nb: 2\n',
      'yaml.syntax 2:1 «---» The file holds more than one YAML document | Remove the `---` line, or put the second document into a file of its own.',
    ],
    [
      'a: !foo x\n',
      'yaml.unknown-tag 1:4 «!foo» The tag !foo is not known for a scalar | Remove it. Known tags: !unsafe (a text that is never a template), !!str, !!int, !!float, !!bool, !!null.',
    ],
    [
      'a: !!set {x}\n',
      'yaml.unknown-tag 1:4 «!!set» The tag !!set is not known for a map | Remove it. Known tags: !unsafe (a text that is never a template), !!str, !!int, !!float, !!bool, !!null.',
    ],
    [
      'a: !vault |\n  $ANSIBLE_VAULT\n',
      'playbook.not-supported 1:4 «!vault» Values encrypted with ansible-vault cannot be read | Give the secret with `-e @file` or `vars_prompt` instead.',
    ],
    [
      'a: *nope\n',
      'yaml.syntax 1:4 «*nope» There is no anchor &nope before this | Put the value in quotes if it is meant to start with `*`.',
    ],
    ['a: &a [*a]\n', 'yaml.syntax 1:8 «*a» *a stands inside itself'],
    [
      '? [1]\n: 2\n',
      'yaml.syntax 1:3 «[1]» A key must be a plain text | Put the key in quotes if it is meant as text.',
    ],
    ['a: {<<: 3}\n', '`<<` takes a mapping or a list of mappings'],
    ['a: "b\n', 'yaml.syntax'],
    ['a: @b\n', 'Put the value in quotes: YAML gives this character a meaning of its own.'],
  ])('%j', (text, expected) => {
    const { node, errors } = parse(text);
    expect(node).toBeUndefined();
    expect(errors.join('\n')).toContain(expected);
    expect(errors).toHaveLength(1);
  });

  it('are found all at once', () => {
    const { errors } = parse('a: {{ x }}\nb: 1\nb: 2\nc: !foo y\nd: {{ z }}/q\n');
    expect(errors.map((error) => error.split(' ').slice(0, 2).join(' '))).toEqual([
      'yaml.unquoted-template 1:4',
      'yaml.duplicate-key 3:1',
      'yaml.unknown-tag 4:4',
      'yaml.unquoted-template 5:4',
    ]);
  });
});

describe('size', () => {
  it('a few lines of aliases cannot stand for billions of values', () => {
    let text = 'a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n';
    for (let i = 1; i < 12; i++)
      text += `a${i}: &a${i} [${Array(10)
        .fill(`*a${i - 1}`)
        .join(', ')}]\n`;
    const { errors } = parse(text);
    expect(errors).toHaveLength(1);
    expect(errors[0]).toContain('expand to more than is sensible');
  });

  it('many aliases of one thing are fine', () =>
    expect(parse(`a: &a 1\nb:\n${'  - *a\n'.repeat(10_000)}`).errors).toEqual([]));

  it('duplicate keys are found among thousands', () => {
    const text = Array.from({ length: 20_000 }, (_, i) => `k${i}: ${i}\n`).join('') + 'k7: 1\n';
    expect(parse(text).errors).toHaveLength(1);
  });
});

describe('any text', () => {
  it('gives nodes or positioned errors, and never throws', () => {
    const yamlish = fc.string({
      unit: fc.constantFrom(...'ab:- \n\t{}[]"\'|>&*!#?%@,<.0'.split('')),
      maxLength: 60,
    });
    fc.assert(
      fc.property(fc.oneof(yamlish, fc.string({ unit: 'binary' })), (text) => {
        const problems = new Problems();
        const node = parseYaml({ path: 'f', text }, problems);
        expect(node !== undefined && problems.errors.length > 0).toBe(false);
        for (const error of problems.errors) {
          expect(error.span!.start).toBeGreaterThanOrEqual(0);
          expect(error.span!.start).toBeLessThanOrEqual(text.length);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('that JSON writes is read back as it was', () =>
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
        const { data, errors } = parse(JSON.stringify({ value }));
        expect(errors).toEqual([]);
        expect(data).toEqual({ value: JSON.parse(JSON.stringify(value)) });
      }),
    ));
});
