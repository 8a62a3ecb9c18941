import { describe, expect, it } from 'vitest';
import { Problems } from '../../src/base/errors.ts';
import { compileConditions, parseCondition } from '../../src/expression/condition.ts';
import { Unknown } from '../../src/expression/types.ts';
import { complaints, line, spanOf, test, yaml } from './kit.ts';

const variables = {
  x: 'X',
  n: 5,
  l: ['a', 'b'],
  m: { k: ['p', { q: 7 }], u: new Unknown('reg') },
  groups: { cp: ['n1'] },
  item: 'n1',
  u: new Unknown('init.changed'),
  yes: true,
  word: 'yes',
  off: 'Off',
  nothing: null,
  reg: { stdout: 'hello', rc: 0, changed: true },
};

describe('holds', () => {
  const table: readonly [string, boolean][] = [
    ['x == "X"', true],
    ['n == 5', true],
    ['n == 5.0', true],
    ['n != 5', false],
    ['n > 3 && yes', true],
    ['5 / 2 == 2', true],
    ['5.0 / 2 == 2.5', true],
    ['-n < 0', true],
    ['7 % 4 == 3', true],
    ['x + "y" == "Xy"', true],
    ['[1] + [2] == [1, 2]', true],
    ['{"a": 1} == {"a": 1.0}', true],
    ['"a" in l', true],
    ['"hel" in reg.stdout', true],
    ["'hal' in reg.stdout", false],
    ["'x' not in reg.stdout and 'lo' in reg.stdout", true],
    ['"cp" in groups', true],
    ['word', true],
    ['off', false],
    ['!off', true],
    ['nothing == null', true],
    ['l.exists(i, i == "a")', true],
    ['l.all(i, i == "a")', false],
    ['l.exists_one(i, i == "a")', true],
    ['l.map(i, i + x) == ["aX", "bX"]', true],
    ['l.filter(i, i != "a") == ["b"]', true],
    ['l.map(i, i != "a", i + x) == ["bX"]', true],
    ['m.all(k, k.size() == 1)', true],
    ['cel.bind(a, n + 1, a * a) == 36', true],
    ['size(l) == 2 && l.size() == 2 && size(x) == 1', true],
    ['type(n) == int && type(x) == string && type(l) == list && type(m) == map', true],
    ['int("5") == n && string(n) == "5" && double("1.5") == 1.5 && bool("no") == false', true],
    ['x.matches("^X$") && x.matches("(?i)x")', true],
    ['reg.stdout.contains("ell") && reg.stdout.startsWith("h") && reg.stdout.endsWith("o")', true],
    ['" a,b ".trim().split(",").join("-") == "a-b"', true],
    ['reg.stdout.substring(1, 3) == "el" && reg.stdout.indexOf("l") == 2', true],
    ['reg.stdout.replace("l", "L") == "heLLo"', true],
    ['yes ? n == 5 : nope', true],
    ['versionCompare("v1.30.2", "1.9") > 0', true],
    ['versionCompare("1.30", "1.30.0") == 0', true],
    ['versionCompare("1.30.0-rc.1", "1.30.0") < 0', true],
    ['versionCompare("1.30.0-rc.2", "1.30.0-rc.10") < 0', true],
    ['versionCompare("1.7.27-1", "1.7.27-2+b1") < 0', true],
    ['has(nope)', false],
    ['has(m.k)', true],
    ['has(m.zz.q)', false],
    ['has(m["k"])', true],
    ['m.?zz.orValue(3) == 3', true],
    ['nope.orValue("a") == "a"', true],
    ['m.?zz.hasValue()', false],
    ['l[1] == "b"', true],
    ['groups["cp"][0] == "n1"', true],
  ];
  it.each(table)('%s is %s', (text, expected) => expect(test(text, variables)).toBe(expected));
});

describe("Ansible's simple conditions run unchanged", () => {
  const table: readonly [string, boolean][] = [
    ["x == 'X' and yes", true],
    ['not yes', false],
    ['not (yes and nothing == none)', false],
    ['x is defined', true],
    ['nope is defined', false],
    ['nope is not defined', true],
    ['nope is undefined', true],
    ['reg.stdut is not defined', true],
    ['nope is defined and nope.x > 3', false],
    ['x is defined and n > 3 or nope', true],
    ["'z' not in l", true],
    ['not "a" in l', false],
    ['x == "X" && y is defined', false],
    ['(x == "X") and (n in [5, 6])', true],
    ['m.k.1.q == 7', true],
    ['m.k.0 is defined', true],
    ['yes == True', true],
    ['nothing != None', false],
    ["item != groups['cp'][0]", false],
    ['reg is changed', true],
    ['reg is failed', false],
    ['reg is succeeded', true],
    ['reg is not skipped', true],
    ['"and" == "and" and x is defined', true],
    ['n + 1 == 6 and n * 2 - 1 == 9 and -n < 0', true],
    ['x.startsWith("X") and true', true],
  ];
  it.each(table)('%s is %s', (text, expected) => expect(test(text, variables)).toBe(expected));
});

describe('unknown', () => {
  it.each([
    'u',
    'u && yes',
    '[x, u].join(",") == x',
    'yes && u',
    '!u',
    'u == 1',
    'm.u > 3',
    'u.rc == 0',
    'u[0] == 1',
    'u in l',
    'size(u) > 0',
    'has(u.x)',
    'u.contains("a")',
    'yes ? u : false',
    'u ? 1 == 1 : 1 == 2',
    'l.exists(i, i == u)',
    '[u] == [1]',
    'u && nope',
    'u.exists(i, i)',
    'not u and yes',
  ])('%s is unknown', (text) => expect(test(text, variables)).toBeInstanceOf(Unknown));
  it.each([
    ['u && false', false],
    ['false && u', false],
    ['u || true', true],
    ['true || u', true],
    ['l.exists(i, i == "a" || i == u)', true],
    ['l.all(i, i == "a" && i == u)', false],
    ['1 in [u, 1]', true],
    ['[u, 1] == [2]', false],
    ['size([u]) == 1', true],
  ] as const)('%s is %s', (text, expected) => expect(test(text, variables)).toBe(expected));
  it('says why', () => expect(test('u.rc == 0', variables)).toEqual(new Unknown('init.changed')));
});

describe('is refused with its place and what to do', () => {
  it.each([
    [
      'foo == 1',
      'condition.undefined 1:1 «foo» `foo` is not defined | Define it in the inventory, in `vars`, or with `-e`.',
    ],
    ['yess', 'condition.undefined 1:1 «yess» `yess` is not defined | Did you mean `yes`?'],
    [
      '1 == 1 && reg.stdot == ""',
      'condition.undefined 1:11 «reg.stdot» `reg` has no `stdot` | Did you mean `stdout`?',
    ],
    ['x.y == 1', 'condition.undefined 1:1 «x.y» `x` is a string, so it has no `y`'],
    ['l[7] == 1', 'condition.undefined 1:1 «l[7]» `l` is a list of 2 items and has no [7]'],
    ['n', 'condition.type 1:1 «n» `n` is a number (5), not true or false | Say what it is to be: `n != 0`.'],
    ['l', 'condition.type 1:1 «l» `l` is a list, not true or false | Say what it is to be: `size(l) > 0`.'],
    [
      'yes && x',
      'condition.type 1:8 «x» `x` is a string ("X"), not true or false | Say what it is to be: `x != ""`.',
    ],
    [
      'n in reg.stdout',
      'condition.type 1:1 «n in reg.stdout» `in` looks for text in text, and `n` is a number | Write `string(n)`.',
    ],
    [
      'l in reg.stdout',
      'condition.type 1:1 «l in reg.stdout» `in` looks for text in text, and `l` is a list',
    ],
    ['1 in n', 'condition.type 1:1 «1 in n» `in` needs a list, a map or text, and `n` is a number'],
    [
      'l.contains("a")',
      'condition.type 1:1 «l.contains("a")» `l` is a list, which has no `contains()` | Write `"a" in l`.',
    ],
    [
      'x > 3',
      'condition.type 1:1 «x > 3» `>` cannot compare a string ("X") with a number (3) | Write `int(x)`.',
    ],
    [
      'x + n == 1',
      'condition.type 1:1 «x + n» `+` cannot take a string ("X") and a number (5) | Write `string(n)`.',
    ],
    ['int(x) == 1', 'condition.evaluate 1:1 «int(x)» "X" is not a whole number'],
    ['1 / 0 == 1', 'condition.evaluate 1:1 «1 / 0» Division by zero'],
    ['x.startsWith(3)', 'condition.type 1:14 «3» `startsWith()` needs a string, not a number (3)'],
    ['x.startsWith()', 'condition.type 1:1 «x.startsWith()» `startsWith()` takes 1 argument, not 0'],
    [
      'x.startwith("a")',
      'condition.syntax 1:3 «startwith» There is no method `startwith()` | Did you mean `startsWith`?',
    ],
    [
      'x.lower() == "a"',
      'condition.syntax 1:3 «lower» There is no method `lower()` | Write `x.lowerAscii() == "a"`.',
    ],
    ['length(l) > 0', 'condition.syntax 1:1 «length» There is no function `length` | Write `size(...)`.'],
    [
      'x.matches(word)',
      'condition.syntax 1:11 «word» `matches()` takes a pattern that is written out | Use `contains()`, `startsWith()` or `endsWith()` with a variable.',
    ],
    ['x ==', 'condition.syntax 1:5 «» The condition ends too early'],
    ['x = 1', 'condition.syntax 1:3 «=» Unexpected character: = | Compare with `==`.'],
    ['', 'condition.syntax 1:1 «» The condition is empty | Remove it, or write `true`.'],
    [
      '{{ x }} == "X"',
      'condition.syntax 1:1 «{{ x }}» A condition is an expression already: it takes no {{ }} | Write `x == "X"`.',
    ],
    [
      'x == "{{ item }}"',
      'condition.syntax 1:7 «{{ item }}» A condition is an expression already: it takes no {{ }} | Write `x == item`.',
    ],
    [
      "x is version('1.2', '>=')",
      "condition.syntax 1:1 «x is version('1.2', '>=')» The test `is version` is Jinja2; conditions are written in CEL | Write `versionCompare(x, \"1.2\") >= 0`.",
    ],
    [
      'yes and x | default(false)',
      'condition.syntax 1:9 «x | default(false)» The filter `default` is Jinja2; conditions are written in CEL | Write `yes && x.orValue(false)`.',
    ],
    [
      'n | int > 3',
      'condition.syntax 1:1 «n | int» The filter `int` is Jinja2; conditions are written in CEL | Write `int(n) > 3`.',
    ],
    [
      'reg.stdout is match("he")',
      'condition.syntax 1:1 «reg.stdout is match("he")» The test `is match` is Jinja2; conditions are written in CEL | Write `reg.stdout.matches("^he")`.',
    ],
    [
      'x | password_hash',
      'condition.syntax 1:1 «x | password_hash» The filter `password_hash` is Jinja2; conditions are written in CEL | CEL has no such thing: compute the value in a task before (`set_fact`, `command`) and test that.',
    ],
    [
      'x is defined and "a" in l and l | length > 1',
      'condition.syntax 1:31 «l | length» The filter `length` is Jinja2; conditions are written in CEL | Write `has(x) && "a" in l && size(l) > 1`.',
    ],
  ])('%s', (text, expected) => expect(complaints(() => test(text, variables))).toBe(expected));

  it('never reaches a prototype', () => {
    for (const text of [
      'constructor == 1',
      'm.constructor == 1',
      'm["__proto__"] == 1',
      'x.length == 1',
      'm.toString == 1',
    ])
      expect(complaints(() => test(text, variables))).toContain('condition.undefined');
  });
});

describe('references', () => {
  it('are every variable with its place, not the names bound inside', () => {
    const text = 'a.b[0].c == 1 && has(d.e) && l.exists(h, h.x == f[g].y) && z.?q.orValue(w)';
    const condition = parseCondition(text, spanOf(text), new Problems())!;
    const shown = condition.references.map(
      ({ path, optional, span }) =>
        `${path.join('/')}${optional ? '?' : ''} ${text.slice(span.start, span.end)}`,
    );
    expect(shown).toEqual(['a/b/0/c a.b[0].c', 'd/e? d.e', 'l l', 'g g', 'f f', 'z/q? z.?q', 'w w']);
  });
});

describe('compileConditions', () => {
  const compile = (text: string) => {
    const problems = new Problems();
    const { node } = yaml(text);
    return { conditions: compileConditions(node, problems), errors: problems.errors.map(line) };
  };

  it('takes a text, a boolean, or a list of these', () => {
    expect(compile('- a == 1\n- true\n- [b]\n').conditions.map(({ text }) => text)).toEqual([
      'a == 1',
      'true',
      'b',
    ]);
    expect(compile('false').conditions[0]?.test({ get: () => 1, has: () => true, names: () => [] })).toBe(
      false,
    );
    expect(compileConditions(undefined, new Problems())).toEqual([]);
  });

  it('says what else is wrong', () => {
    expect(compile('- 3\n- a: b\n-\n').errors).toEqual([
      'condition.type 1:3 «3» A condition is a text or a boolean, not the number 3 | Write `true`, `false` or an expression.',
      'condition.type 2:3 «a: b» A condition is a text or a boolean, not a map | Put the condition in quotes if it holds a `: `.',
      'condition.type 3:2 «» A condition is a text or a boolean, not nothing | Write `true`, `false` or an expression.',
    ]);
  });

  it('points into the file, through quotes and folded lines', () => {
    expect(compile('- "x &&"').errors[0]).toContain('condition.syntax 1:8');
    expect(compile('- >-\n  a == 1\n  && b ==\n  ! == c').errors[0]).toMatch(/^condition\.syntax 4:5/);
  });
});
