import { describe, expect, it } from 'vitest';
import { Problems, SlipwayError } from '../../src/base/errors.ts';
import { recordScope } from '../../src/expression/scope.ts';
import { parseTemplate, renderFile } from '../../src/expression/template.ts';
import { Unknown } from '../../src/expression/types.ts';
import { complaints, line, render, spanOf, yaml } from './kit.ts';
import { compileValue } from '../../src/expression/value.ts';

const variables = {
  x: 'X',
  n: 5,
  l: ['a', 'b'],
  m: { k: ['p', { q: 7 }], u: new Unknown('reg'), 'a-b': 1, 'c d': 2 },
  groups: { cp: ['n1'] },
  hostvars: { n1: { ip: '10.0.0.1' } },
  item: 'n1',
  i: 1,
  u: new Unknown('init.changed'),
  yes: true,
  no: 'no',
  nothing: null,
  none: [],
  users: [{ name: 'a' }, { name: 'b' }],
};

it('what a variable of another host needs and nobody gathered is not there', () => {
  const missing = () => {
    throw new SlipwayError('template.undefined', '`ansible_default_ipv4` is not defined');
  };
  const scope = { get: missing, has: () => true, names: () => ['ip'] };
  const file = (text: string) => renderFile({ path: 'a.hbs', text }, scope);
  expect(file('{{default ip "-"}}{{defined ip}}')).toBe('-false');
  expect(() => file('{{ip}}')).toThrow('is not defined');
});

describe('renders', () => {
  it.each([
    ['plain', 'plain'],
    ['{{ x }}', 'X'],
    ['{{x}}{{n}} {{yes}}', 'X5 true'],
    ['{{{x}}}', 'X'],
    ['a {{~ x ~}} b', 'aXb'],
    ['{{! comment }}{{!-- {{ x }} --}}{{x}}', 'X'],
    ['a\\{{ x }} {{x}}', 'a{{ x }} X'],
    ['{{{{raw}}}}docker ps --format "{{.Names}}"{{{{/raw}}}}', 'docker ps --format "{{.Names}}"'],
    ['{{#if x}}a{{else}}b{{/if}}', 'a'],
    ['{{#if nope}}a{{else if yes}}b{{else}}c{{/if}}', 'b'],
    ['{{#if no}}a{{/if}}{{#unless none}}b{{/unless}}', 'b'],
    ['{{#if (eq x "X")}}a{{/if}}', 'a'],
    ['{{#each l}}{{@index}}{{this}}{{#unless @last}},{{/unless}}{{/each}}', '0a,1b'],
    ['{{#each users as |u i|}}{{u.name}}{{i}}{{/each}}', 'a0b1'],
    ['{{#each users}}{{name}}{{../x}}{{x}}{{/each}}', 'aXXbXX'],
    ['{{#each groups}}{{@key}}={{join this ","}}{{/each}}', 'cp=n1'],
    ['{{#each groups as |hosts name|}}{{name}}{{hosts.[0]}}{{/each}}', 'cpn1'],
    ['{{#each none}}a{{else}}empty{{/each}}', 'empty'],
    ['{{#each nope}}a{{else}}empty{{/each}}', 'empty'],
    ['{{#each l}}{{#each ../users}}{{../this}}{{name}}{{/each}}{{/each}}', 'aaabbabb'],
    ['{{#each l as |a|}}{{#each @root.l as |b|}}{{a}}{{b}} {{/each}}{{/each}}', 'aa ab ba bb '],
    ['{{#with m}}{{a-b}}{{/with}}{{#with m as |z|}}{{z.a-b}}{{/with}}', '11'],
    ["it's {{ x }}", "it's X"],
    ['"{{ x }}" \'{{ n }}\'', '"X" \'5\''],
    ['{{ join l " }} " }}', 'a }} b'],
    ['{{ x }}\n  {{ n }}\n', 'X\n  5\n'],
    ['{{ "a" }}{{ 5 }}{{ true }}', 'a5true'],
    ['${HOME} {a} }} {%', '${HOME} {a} }} {%'],
  ])('%j', (text, expected) => expect(render(text, variables)).toBe(expected));
});

describe('keeps the type of a value that is one mustache', () => {
  it.each([
    ['{{ n }}', 5],
    ['{{ yes }}', true],
    ['{{ l }}', ['a', 'b']],
    ['{{ groups }}', { cp: ['n1'] }],
    ['{{ nothing }}', null],
    ['{{ m.k.[1].q }}', 7],
    ['{{ length l }}', 2],
    ['{{ split "a b" }}', ['a', 'b']],
    ['{{ not yes }}', false],
    ['{{ 5 }}', 5],
    [' {{ n }}', ' 5'],
  ])('%s', (text, expected) => expect(render(text, variables)).toEqual(expected));
});

describe("reads Ansible's paths", () => {
  it.each([
    ["{{ groups['cp'][0] }}", 'n1'],
    ["{{ hostvars['n1'].ip }}", '10.0.0.1'],
    ['{{ hostvars[item].ip }}', '10.0.0.1'],
    ["{{ hostvars[groups['cp'][0]]['ip'] }}/24", '10.0.0.1/24'],
    ['{{ l.1 }}', 'b'],
    ['{{ m.k.1.q }}', 7],
    ['{{ l[i] }}', 'b'],
    ['{{ l[-1] }}', 'b'],
    ['{{ m["a-b"] }}', 1],
    ['{{ m.[c d] }}', 2],
    ["{{ upper hostvars[item]['ip'] }}", '10.0.0.1'],
    ["{{ join groups['cp'] ',' }}", 'n1'],
    ["{{#each groups['cp'] as |h|}}{{ hostvars[h].ip }}{{/each}}", '10.0.0.1'],
    ['{{#each users}}{{ this["name"] }}{{/each}}', 'ab'],
    ["{{#if groups['cp']}}a{{/if}}", 'a'],
    ["{{ default groups['nope'] 'none' }}", 'none'],
    ["{{ default (lookup groups 'nope') 'none' }}", 'none'],
    ["{{ default (lookup (lookup hostvars item) 'nope') 'none' }}", 'none'],
    ["{{ default (lookup (lookup hostvars item) 'ip') 'none' }}", '10.0.0.1'],
    ['{{ defined (lookup l 2) }}', false],
    ["{{ ip_version x }}{{ ip_version '10.0.0.1' }}{{ ip_version 'fd00::/8' }}", '046'],
    [
      "{{ ip_version '10.0.0.256' }}{{ ip_version '1.2.3' }}{{ ip_version '::1' }}{{ ip_version '1::2::3' }}{{ ip_version 'a:b' }}",
      '00600',
    ],
  ])('%s', (text, expected) => expect(render(text, variables)).toEqual(expected));
});

describe('unknown', () => {
  it.each([
    '{{ u }}',
    'a{{ u }}b',
    '{{ u.rc }}',
    '{{ u[0] }}',
    '{{ l[u] }}',
    '{{ m.u }}',
    '{{ upper u }}',
    '{{ json m }}',
    '{{#if u}}a{{/if}}',
    '{{#each u}}a{{/each}}',
    '{{#if yes}}{{u}}{{/if}}',
    '{{ default u 1 }}',
    '{{ default u.rc 1 }}',
    '{{ ternary u 1 2 }}',
    '{{ or u "a" }}',
    '{{ and yes u }}',
  ])('%s is unknown', (text) => expect(render(text, variables)).toBeInstanceOf(Unknown));
  it.each([
    ['{{#if no}}{{u}}{{/if}}', ''],
    ['{{ default x u }}', 'X'],
    ['{{ ternary yes 1 u }}', 1],
    ['{{ or "a" u }}', 'a'],
    ['{{ and no u }}', 'no'],
    ['{{ length (list u 1) }}', 'unknown'],
  ])('%s does not hang on it', (text, expected) => {
    const value = render(text, variables);
    expect(value instanceof Unknown ? 'unknown' : value).toBe(expected);
  });
});

describe('is refused with its place and what to do', () => {
  it.each([
    [
      'a {{ foo }}',
      'template.undefined 1:6 «foo» `foo` is not defined | Define it in the inventory, in `vars`, or with `-e`.',
    ],
    ['{{ itm }}', 'template.undefined 1:4 «itm» `itm` is not defined | Did you mean `item`?'],
    ['{{ m.kk }}', 'template.undefined 1:4 «m.kk» `m` has no `kk` | Did you mean `k`?'],
    [
      '{{ hostvars[item].pi }}',
      'template.undefined 1:4 «hostvars[item].pi» `hostvars[item]` has no `pi` | Did you mean `ip`?',
    ],
    ['{{ l[5] }}', 'template.undefined 1:4 «l[5]» `l` is a list of 2 items and has no [5]'],
    ['{{ x.y }}', 'template.undefined 1:4 «x.y» `x` is a string, so it has no `y`'],
    [
      '{{ upper absent }}',
      'template.undefined 1:10 «absent» `absent` is not defined | Define it in the inventory, in `vars`, or with `-e`.',
    ],
    [
      '{{#each users}}{{ nmae }}{{/each}}',
      'template.undefined 1:19 «nmae» `nmae` is not defined | Did you mean `name`?',
    ],
    [
      'x{{ l }}',
      'template.render 1:5 «l» `l` is a list and cannot stand in a text | Write `{{join l ","}}` or `{{json l}}`.',
    ],
    [
      'x{{ m }}',
      'template.render 1:5 «m» `m` is a map and cannot stand in a text | Write `{{json m}}`, or name a field.',
    ],
    [
      'x{{ nothing }}',
      'template.render 1:5 «nothing» `nothing` is null and cannot stand in a text | Give it a value, or write `{{default nothing "" empty=true}}`.',
    ],
    ['{{ join x "," }}', 'template.render 1:1 «{{ join x "," }}» `join` needs a list, not a string ("X")'],
    ['{{#each x}}{{/each}}', 'template.render 1:9 «x» `#each` needs a list or a map, and `x` is a string'],
    ['{{ uper x }}', 'template.unknown-helper 1:4 «uper» There is no helper `uper` | Did you mean `upper`?'],
    ['{{#fi x}}{{/fi}}', 'template.unknown-helper 1:4 «fi» There is no block `#fi` | Did you mean `if`?'],
    [
      '{{#join x}}{{/join}}',
      'template.unknown-helper 1:4 «join» `join` is a helper, not a block | Write `{{join ...}}`.',
    ],
    [
      '{{ upper x x }}',
      'template.syntax 1:1 «{{ upper x x }}» `upper` takes 1 argument, not 2 | For example `{{upper "abc"}}`.',
    ],
    [
      '{{ json x indnt=2 }}',
      'template.syntax 1:1 «{{ json x indnt=2 }}» `json` has no option `indnt` | For example `{{json node}}`.',
    ],
    [
      '{{#if x n}}{{/if}}',
      'template.syntax 1:4 «if» `#if` takes one value, not 2 | Put a helper in brackets: `{{#if (eq a "b")}}`.',
    ],
    ['{{ x', 'template.syntax 1:1 «{{» A {{ is never closed | Add the }}; a literal {{ is written \\{{.'],
    ['{{#if x}}a', 'template.syntax 1:1 «{{#if x}}» {{#if}} is never closed | Add {{/if}}.'],
    ['a{{/if}}', 'template.syntax 1:2 «{{/if}}» {{/if}} closes nothing'],
    [
      '{{#if x}}{{/each}}',
      'template.syntax 1:10 «{{/each}}» {{/each}} does not close {{#if}} | Write {{/if}}.',
    ],
    [
      '{{> part}}',
      'template.syntax 1:1 «{{> part}}» Partials (`{{> name}}`) are not supported | Put the text here, or render it before with `set_fact`.',
    ],
    [
      'docker ps --format {{.Names}}',
      'template.syntax 1:20 «{{.Names}}» {{.Names}} is not a Handlebars expression | If it is meant for another program, write \\{{ or tag the value with !unsafe.',
    ],
    [
      '{{json .State}}',
      'template.syntax 1:3 «json .State» json .State is not a Handlebars expression | If it is meant for another program, write \\{{ or tag the value with !unsafe.',
    ],
    ['{{this}}', 'template.undefined 1:3 «this» `this` has no meaning outside of a block'],
  ])('%s', (text, expected) => expect(complaints(() => render(text, variables))).toBe(expected));

  it('all that is wrong at once', () =>
    expect(
      complaints(() => render('{{ a | b }}\n{{ x + }} {{ y }}\n{{ c ~ d }}'))
        .split('\n')
        .map((error) => error.split(' ')[1]),
    ).toEqual(['1:1', '2:1', '3:1']));

  it('never reaches a prototype', () => {
    for (const text of [
      '{{ constructor }}',
      '{{ x.constructor }}',
      '{{ m.__proto__ }}',
      '{{ m["constructor"] }}',
      '{{ l.map }}',
      '{{ x.length }}',
    ])
      expect(complaints(() => render(text, variables))).toContain('template.undefined');
    expect(complaints(() => render('{{ lookup l "map" }}', variables))).toContain('template.render');
  });
});

describe('Jinja2 is translated in the hint', () => {
  it.each([
    ['{{ x | default("y") }}', '{{ default x "y" }}'],
    ["{{ x | default('y', true) | upper }}", '{{ upper (default x "y" empty=true) }}'],
    ['{{ x is defined }}', '{{ defined x }}'],
    ['{{ a ~ "-" ~ b }}', '{{ concat a "-" b }}'],
    ['{{ n + 1 }}', '{{ add n 1 }}'],
    ['{{ (n + 1) * 2 }}', '{{ multiply (add n 1) 2 }}'],
    ["{{ ',' | join(l) }}", '{{ join "," l }}'],
    ["{{ groups['cp'] | map('extract') | list }}", undefined],
    ["{{ groups['cp'] | length }}", '{{ length groups.cp }}'],
    ['{{ x if yes else n }}', '{{ ternary yes x n }}'],
    ["{{ x.split(',')[0] }}", '{{ lookup (split x ",") 0 }}'],
    ["{{ x | hash('sha256') }}", '{{ sha256 x }}'],
    ['{{ m | to_nice_json }}', '{{ json m indent=2 }}'],
    ['{{ m | to_json | b64encode }}', '{{ b64encode (json m) }}'],
    ['{{ x == "X" }}', '{{ eq x "X" }}'],
    ['{{ x not in l and not yes }}', '{{ and (not (in x l)) (not yes) }}'],
    ['{{ m.get("k", "v") }}', '{{ default m.k "v" }}'],
    ['{{#if x == "X" and yes}}a{{/if}}', '{{#if (and (eq x "X") yes)}}'],
    ['{% if x is defined and n > 3 %}a{% endif %}', '{{#if (and (defined x) (gt n 3))}}'],
    ['{%- for h in groups["cp"] -%}', '{{#each groups.cp as |h|}}'],
    ['{% endfor %}', '{{/each}}'],
    ['{% else %}', '{{else}}'],
    ['{% set a = 1 %}', undefined],
  ])('%s', (text, expected) => {
    const said = complaints(() => render(text, variables));
    expect(said).toMatch(/^template\.jinja /);
    expect(/Write `(.*)`\.$/m.exec(said)?.[1]).toBe(expected);
  });

  it('all of it at once, but not in raw blocks', () => {
    const said = complaints(() =>
      render('{% if a %}{{{{raw}}}}{% if b %}{{{{/raw}}}}\n{{ c | d }}\n{% endif %}'),
    );
    expect(said.split('\n').map((error) => error.split(' ')[1])).toEqual(['1:1', '2:1', '3:1']);
    expect(render('{{{{raw}}}}{% if b %}{{{{/raw}}}}')).toBe('{% if b %}');
  });

  it('as something that renders', () => {
    const hint = /Write `(.*)`\.$/.exec(
      complaints(() => render("{{ x | default('y') | lower ~ '/' ~ l[0] }}")),
    )?.[1];
    expect(render(hint!, variables)).toBe('x/a');
  });
});

describe('references', () => {
  const shown = (text: string) =>
    parseTemplate(text, spanOf(text), new Problems())!.references.map(
      ({ path, optional, span }) =>
        `${path.join('/')}${optional ? '?' : ''} ${text.slice(span.start, span.end)}`,
    );
  it('are every variable with its place', () =>
    expect(
      shown("{{ a.b }} {{upper c}} {{ d['e'][0].f }} {{ g[h.i].j }} {{default k.l (lower m)}} {{defined n}}"),
    ).toEqual(['a/b a.b', 'c c', "d/e/0/f d['e'][0].f", 'h/i h.i', 'g g', 'k/l? k.l', 'm m', 'n? n']));
  it('leave out what blocks bind, and cannot be sure inside of them', () =>
    expect(
      shown(
        '{{#each a as |b i|}}{{b.c}}{{i}}{{@index}}{{this.d}}{{../e}}{{f}}{{/each}}{{#if g}}{{h}}{{/if}}',
      ),
    ).toEqual(['a? a', 'f? f', 'g? g', 'h h']));
});

describe('in a file', () => {
  const file = (text: string) => renderFile({ path: 'templates/a.hbs', text }, recordScope(variables));

  it('is always text, and blocks on lines of their own leave no line', () =>
    expect(file('top\n{{#each l}}\n- {{this}}\n{{/each}}\n  {{#if yes}}\nend\n  {{/if}}\n{{n}}')).toBe(
      'top\n- a\n- b\nend\n5',
    ));
  it('of one mustache is text, too', () => expect(file('{{n}}')).toBe('5'));
  it('may hang on what is not known', () => expect(file('a\n{{u}}')).toEqual(new Unknown('init.changed')));
  it('has its errors at their place', () => {
    expect(complaints(() => file('one\r\ntwo {{ nope }}\n'))).toContain('template.undefined 2:8 «nope»');
    expect(complaints(() => file('a {{ x | y }}\n{{#if}}{{/if}}\n{{ q r }}'))).toContain(
      'template.jinja 1:3',
    );
    expect(complaints(() => file('a {{ x }}\n{{#if}}{{/if}}\n{{ q r }}')).split('\n')).toHaveLength(2);
  });
});

describe('places in a YAML file', () => {
  const place = (text: string) => {
    const problems = new Problems();
    const { node } = yaml(text);
    const value = compileValue(node!, problems);
    const errors = problems.errors.map(line);
    const references =
      value.kind === 'map'
        ? value.entries.flatMap((entry) => (entry.value.kind === 'template' ? entry.value.references : []))
        : [];
    return [
      ...errors,
      ...references.map(
        ({ path, span }) => `${path.join('.')} ${span.start} ${text.slice(span.start, span.end)}`,
      ),
    ];
  };
  it.each([
    ['a: "x {{ foo }}"\n', ['foo 9 foo']],
    ["a: 'it''s {{ foo }} {{ bar }}'\n", ['foo 13 foo', 'bar 23 bar']],
    ['a: x {{ foo }}\n', ['foo 8 foo']],
    ['a: "\\t\\"{{ foo }}\\" \\x41 {{ bar }}"\n', ['foo 11 foo', 'bar 28 bar']],
    ['a: |\n  one\n  two {{ foo }}\n\n    {{ foo }}\n', ['foo 20 foo', 'foo 35 foo']],
    ['a: >-\n  one\n  two {{ foo.bar }}\n', ['foo.bar 21 foo.bar']],
    [
      'a: "{{ x | y }}"\n',
      [
        'template.jinja 1:5 «{{ x | y }}» {{ x | y }} is Jinja2 | There is no helper like the filter `y`. Known here: default, defined,',
      ],
    ],
    ['a: |\n  b\n  {{ x y }}\n', ['template.unknown-helper 3:6 «x» There is no helper `x` | Known here: ']],
  ])('%j', (text, expected) => {
    const found = place(text);
    expect(found).toHaveLength(expected.length);
    for (const [i, part] of expected.entries()) expect(found[i]).toContain(part);
  });
});
