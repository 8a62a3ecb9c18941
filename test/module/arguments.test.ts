import { describe, expect, it } from 'vitest';
import { Type } from 'typebox';
import { checkArguments, parseFreeForm } from '../../src/module/arguments.ts';
import { modules } from '../../src/modules/index.generated.ts';

describe('checkArguments', () => {
  const params = Type.Object({ name: Type.String(), count: Type.Optional(Type.Integer({ default: 1 })) });

  it('knows no parameter that the module does not name', () => {
    const { problems } = checkArguments(params, { nmae: 'x', name: 'y' }, { module: 'thing' });
    expect(problems).toMatchObject([
      {
        key: 'nmae',
        code: 'schema.unknown-key',
        message: '`nmae` is not known here (`thing`)',
        hint: 'Did you mean `name`?',
      },
    ]);
  });

  it('takes nothing as no arguments', () =>
    expect(checkArguments(params, null, { module: 'thing' }).problems).toMatchObject([
      { message: '`name` is missing in `thing`' },
    ]));

  it('fills in defaults and converts', () =>
    expect(checkArguments(params, { name: 5, count: '2' }).data).toEqual({ name: '5', count: 2 }));

  it('leaves templates alone', () => {
    const template = { kind: 'template', text: '{{ x }}' };
    const isTemplated = (value: unknown) => value === template;
    expect(checkArguments(params, { name: template, count: template }, { isTemplated })).toEqual({
      data: { name: template, count: template },
      problems: [],
    });
  });

  it.each([...modules.values()].map((module) => [module.name, module] as const))(
    'can check %s',
    (_, module) => {
      const { problems } = checkArguments(module.params, { 'no such parameter': 1 });
      const keys = problems.map(({ key }) => key);
      // set_fact and the like take any name.
      const open = 'additionalProperties' in module.params;
      expect(keys.includes('no such parameter')).toBe(!open);
    },
  );
});

describe('parseFreeForm', () => {
  const parse = (text: string) =>
    parseFreeForm(text, { param: 'cmd', keyValue: true, known: ['chdir', 'creates', 'name', 'state'] });
  it.each([
    ['uptime', { cmd: 'uptime' }],
    ['ls -l  "a b"', { cmd: 'ls -l  "a b"' }],
    ['chdir=/tmp ls  -l', { chdir: '/tmp', cmd: 'ls  -l' }],
    [
      'tar xf a.tar creates=/opt/a chdir="/opt dir"',
      { cmd: 'tar xf a.tar', creates: '/opt/a', chdir: '/opt dir' },
    ],
    ["name='it is' state=absent", { name: 'it is', state: 'absent' }],
    ['name="say \\"hi\\""', { name: 'say "hi"' }],
    ['FOO=bar make', { cmd: 'FOO=bar make' }],
    ['env chdir=/a chdir=/b', { cmd: 'env chdir=/b', chdir: '/a' }],
    ['creates={{ dir }}/x make {{ target }}', { creates: '{{ dir }}/x', cmd: 'make {{ target }}' }],
    ['creates="{{ dir }}/a b" make', { creates: '{{ dir }}/a b', cmd: 'make' }],
    ["echo it's fine", { cmd: "echo it's fine" }],
    ['printf "a\\nb"\nls', { cmd: 'printf "a\\nb"\nls' }],
    ['name=', { name: '' }],
    ['echo "chdir=/x"', { cmd: 'echo "chdir=/x"' }],
  ])('%s', (text, expected) => expect(parse(text)).toEqual(expected));

  it('leaves a text alone where there is no k=v form', () =>
    expect(parseFreeForm('chdir=/tmp ls', { param: 'msg', known: ['chdir'] })).toEqual({
      msg: 'chdir=/tmp ls',
    }));
});
