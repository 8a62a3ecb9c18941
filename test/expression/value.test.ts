import { describe, expect, it } from 'vitest';
import { Problems } from '../../src/base/errors.ts';
import { HELPERS } from '../../src/expression/helpers.ts';
import { overlay, recordScope } from '../../src/expression/scope.ts';
import { type Scope, Unknown } from '../../src/expression/types.ts';
import { compileValue, evaluate, isStatic, literal, referencesOf } from '../../src/expression/value.ts';
import { line, render, yaml } from './kit.ts';

const compile = (text: string) => {
  const problems = new Problems();
  const value = compileValue(yaml(text).node!, problems);
  return { value, errors: problems.errors.map(line) };
};

describe('values', () => {
  const text = 'a: "{{ x }}"\nb: [1, "{{ y.z }}", {c: d}]\ne: !unsafe "{{ x }}"\n';
  it('give the data, with the templates rendered', () =>
    expect(evaluate(compile(text).value, recordScope({ x: [1], y: { z: 2 } }))).toEqual({
      a: [1],
      b: [1, 2, { c: 'd' }],
      e: '{{ x }}',
    }));
  it('are unknown when a part is', () =>
    expect(evaluate(compile(text).value, recordScope({ x: new Unknown('reg'), y: { z: 2 } }))).toEqual(
      new Unknown('reg'),
    ));
  it('are unknown when a map that they hand on is known in part only', () => {
    const scope = recordScope({ x: { changed: true, out: [new Unknown('reg')] }, y: { z: 1 } });
    expect(evaluate(compile('"{{ x }}"').value, scope)).toEqual(new Unknown('reg'));
    expect(evaluate(compile('"{{ x.changed }}"').value, scope)).toBe(true);
  });
  it('tell what they use', () =>
    expect(referencesOf(compile(text).value).map(({ path }) => path.join('.'))).toEqual(['x', 'y.z']));
  it('tell whether they use anything', () => {
    expect(isStatic(compile(text).value)).toBe(false);
    expect(isStatic(compile('a: [1, {b: c}]\nd: !unsafe "{{ x }}"\n').value)).toBe(true);
    expect(isStatic(literal('{{ x }}'))).toBe(true);
  });
  it('that are literal are never a template', () =>
    expect(evaluate(literal('{{ x }}'), recordScope({}))).toBe('{{ x }}'));
  it('keep a key like __proto__ a key', () => {
    const data = evaluate(compile('__proto__: {admin: true}\n').value, recordScope({})) as Record<
      string,
      unknown
    >;
    expect(Object.keys(data)).toEqual(['__proto__']);
    expect(data['admin']).toBeUndefined();
  });
  it('report every broken template', () =>
    expect(
      compile('a: "{{ x"\nb: ["{{ y | z }}"]\n').errors.map((error) =>
        error.split(' ').slice(0, 2).join(' '),
      ),
    ).toEqual(['template.syntax 1:5', 'template.jinja 2:6']));
  it('do not take templates for keys', () =>
    expect(compile('"{{ x }}": 1\n').errors).toEqual([
      'playbook.not-supported 1:1 «"{{ x }}"» The key {{ x }} is a template; only values can be | Write the key out, or build the map with the helper `merge`.',
    ]));
});

describe('scopes', () => {
  it('read only the variables that are used', () => {
    const asked: string[] = [];
    const scope: Scope = { get: (name) => (asked.push(name), `<${name}>`), has: () => true, names: () => [] };
    expect(
      evaluate(
        compile('- "{{ a }} {{#if b}}{{ c }}{{else}}{{ d }}{{/if}}"\n- "{{ default e f }}"\n').value,
        scope,
      ),
    ).toEqual(['<a> <c>', '<e>']);
    expect(asked).toEqual(['a', 'b', 'c', 'e']);
  });
  it('hold only what the record itself holds', () => {
    const scope = recordScope({ a: 1, gone: undefined });
    expect([scope.get('a'), scope.get('toString'), scope.has('constructor'), scope.has('gone')]).toEqual([
      1,
      undefined,
      false,
      false,
    ]);
  });
  it('can be laid over each other', () => {
    const scope = overlay(recordScope({ a: 1, b: 1 }), { b: 2, c: undefined });
    expect([scope.get('a'), scope.get('b'), scope.has('c'), [...scope.names()]]).toEqual([
      1,
      2,
      false,
      ['b', 'c', 'a'],
    ]);
  });
});

describe('helpers', () => {
  const helpers = [...HELPERS.values()];
  it.each(helpers.map((helper) => [helper.example.template, helper] as const))(
    '%s',
    (_, { example, summary }) => {
      expect(render(example.template, example.variables)).toEqual(example.gives);
      expect(summary).toMatch(/^[A-Z].*\.$/);
    },
  );
  it('are few enough to be known, and have each their name once', () =>
    expect(new Set(helpers.map(({ name }) => name)).size).toBe(helpers.length));

  it.each([
    ['{{basename "/a/b/"}}', 'b'],
    ['{{dirname "a"}}', '.'],
    ['{{dirname "/a"}}', '/'],
    ['{{dirname "/a/b/"}}', '/a'],
    ['{{quote ""}}', "''"],
    ['{{quote "a b; rm -rf $x"}}', "'a b; rm -rf $x'"],
    ['{{indent "a\\nb" 2 first=true}}', '  a\\nb'],
    ['{{default "" "y" empty=true}}', 'y'],
    ['{{default "" "y"}}', ''],
    ['{{sort l}}', [1, 2, 10]],
    ['{{unique (list 1 "1" 1)}}', [1, '1']],
    ['{{range 3}}', [0, 1, 2]],
    ['{{range 5 0 -2}}', [5, 3, 1]],
    ['{{in "b" "abc"}}', true],
    ['{{in "zone" m}}', true],
    ['{{int "-7.9"}}', -7],
    ['{{or "" 0 false}}', false],
    ['{{and 1 "a"}}', 'a'],
    ['{{eq l (list 2 10 1)}}', true],
    ['{{ne 1 "1"}}', true],
    ['{{lookup l 1}}', 10],
    ['{{replace "a.b" "." "$&"}}', 'a$&b'],
    ['{{json m indent=2}}', '{\n  "zone": "a"\n}'],
    ['{{length "äö"}}', 2],
  ])('%s', (text, expected) => expect(render(text, { l: [2, 10, 1], m: { zone: 'a' } })).toEqual(expected));

  it.each([
    '{{first (list)}}',
    '{{divide 1 0}}',
    '{{int "x"}}',
    '{{lookup m "x"}}',
    '{{bool "perhaps"}}',
    '{{lt 1 "2"}}',
    '{{range 1000000}}',
    '{{max (list)}}',
    '{{join m}}',
    '{{upper l}}',
    '{{range 1 2 0}}',
  ])('%s is refused', (text) => {
    expect(() => render(text, { l: [], m: {} })).toThrow(
      expect.objectContaining({ code: 'template.render' }),
    );
  });
});
