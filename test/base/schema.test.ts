import { describe, expect, it } from 'vitest';
import { Type } from 'typebox';
import { Ajv } from 'ajv';
import { fits } from '../../src/base/schema-fits.ts';
import { adoptValidator, validateData } from '../../src/base/schema.ts';
import { closed } from '../../src/module/arguments.ts';
import { modules } from '../../src/modules/index.generated.ts';

const schema = Type.Object(
  {
    path: Type.String({ description: 'Where.' }),
    state: Type.Optional(
      Type.Union([Type.Literal('present'), Type.Literal('absent'), Type.Literal('latest')], {
        default: 'present',
      }),
    ),
    port: Type.Optional(Type.Integer({ minimum: 1, maximum: 65535 })),
    factor: Type.Optional(Type.Number()),
    force: Type.Optional(Type.Boolean({ default: false })),
    mode: Type.Optional(Type.String()),
    umask: Type.Optional(Type.String({ octal: true })),
    names: Type.Optional(Type.Array(Type.String(), { minItems: 1 })),
    name: Type.Optional(Type.Union([Type.String(), Type.Array(Type.String())])),
    size: Type.Optional(Type.Union([Type.Integer(), Type.Literal('all')])),
    labels: Type.Optional(Type.Record(Type.String(), Type.String())),
    nested: Type.Optional(Type.Object({ deep: Type.Boolean() }, { additionalProperties: false })),
    either: Type.Optional(
      Type.Union([
        Type.Object({ url: Type.String(), timeout: Type.Integer() }, { additionalProperties: false }),
        Type.Object({ file: Type.String() }, { additionalProperties: false }),
      ]),
    ),
    user: Type.Optional(Type.String({ pattern: '^[a-z]+$' })),
    maybe: Type.Optional(Type.Union([Type.String(), Type.Null()])),
  },
  { additionalProperties: false },
);

const check = (data: Record<string, unknown>) => validateData(schema, { path: '/x', ...data });
const wrong = (data: Record<string, unknown>) =>
  check(data).problems.map(
    ({ path, key, code, message, hint }) =>
      `${[...path, ...(key === undefined ? [] : [`${key}!`])].join('/')} ${code}: ${message}${hint ? ` | ${hint}` : ''}`,
  );

describe('converts as Ansible does', () => {
  it.each([
    [{ force: 'yes' }, { force: true }],
    [{ force: 'Off' }, { force: false }],
    [{ force: 'True' }, { force: true }],
    [{ force: 1 }, { force: true }],
    [{ port: '80' }, { port: 80 }],
    [{ port: ' 80 ' }, { port: 80 }],
    [{ factor: '1.5' }, { factor: 1.5 }],
    [{ user: 'yes' }, { user: 'yes' }],
    [{ names: 'a, b' }, { names: ['a', 'b'] }],
    [{ names: [1, 'b'] }, { names: ['1', 'b'] }],
    [{ names: 7 }, { names: ['7'] }],
    [{ name: 'a,b' }, { name: 'a,b' }],
    [{ size: '10' }, { size: 10 }],
    [{ size: 'all' }, { size: 'all' }],
    [{ labels: { zone: 1 } }, { labels: { zone: '1' } }],
    [{ nested: { deep: 'no' } }, { nested: { deep: false } }],
    [{ either: { url: 'u', timeout: '5' } }, { either: { url: 'u', timeout: 5 } }],
    [{ mode: '0644' }, { mode: '0644' }],
    [{ maybe: null }, { maybe: null }],
    [{ path: 5 }, { path: '5' }],
  ] as const)('%j to %j', (given, expected) => {
    const { data, problems } = check(given);
    expect(problems).toEqual([]);
    expect(data).toMatchObject(expected);
  });

  it('fills in defaults, and takes null as not given', () => {
    expect(check({ user: null, port: null }).data).toEqual({ path: '/x', state: 'present', force: false });
  });

  it('leaves what it was given alone', () => {
    const given = { path: '/x', names: [1], nested: { deep: 'yes' } };
    validateData(schema, given);
    expect(given).toEqual({ path: '/x', names: [1], nested: { deep: 'yes' } });
  });
});

describe('says what is wrong', () => {
  it.each([
    [{ stat: 'x' }, 'stat! schema.unknown-key: `stat` is not known here | Did you mean `state`?'],
    [
      { nested: { deep: true, depp: 1 } },
      'nested/depp! schema.unknown-key: `depp` is not known here | Did you mean `deep`?',
    ],
    [{ path: null }, ' schema.missing-key: `path` is missing | Add `path`: Where.'],
    [{ nested: {} }, 'nested schema.missing-key: `deep` is missing in `nested` | Add `deep`.'],
    [
      { state: 'presnt' },
      'state schema.wrong-type: `state` must be `present`, `absent` or `latest`, not a string ("presnt") | Did you mean `present`?',
    ],
    [
      { state: 3 },
      'state schema.wrong-type: `state` must be `present`, `absent` or `latest`, not a number (3)',
    ],
    [{ port: 'http' }, 'port schema.wrong-type: `port` must be a whole number, not a string ("http")'],
    [{ port: 1.5 }, 'port schema.wrong-type: `port` must be a whole number, not a number (1.5)'],
    [{ port: 0 }, 'port schema.invalid-value: `port` must be at least 1, not 0'],
    [{ port: '70000' }, 'port schema.invalid-value: `port` must be at most 65535, not 70000'],
    [{ force: 'maybe' }, 'force schema.wrong-type: `force` must be true or false, not a string ("maybe")'],
    [{ names: [] }, 'names schema.invalid-value: `names` must not be empty'],
    [{ names: [{}] }, 'names/0 schema.wrong-type: `names.0` must be a string, not a map'],
    [{ name: { a: 1 } }, 'name schema.wrong-type: `name` must be a string or a list, not a map'],
    [{ name: ['a', []] }, 'name/1 schema.wrong-type: `name.1` must be a string, not a list'],
    [
      { user: 'R2' },
      'user schema.invalid-value: `user` is "R2", which has not the right form | It must match ^[a-z]+$.',
    ],
    [
      { user: true },
      'user schema.wrong-type: `user` must be a string, not a boolean (true) | Put it in quotes: `user: "true"`.',
    ],
    [
      { mode: 644 },
      "mode schema.wrong-type: `mode` is the number 644; a file mode must stand in quotes | Write `mode: '0644'`.",
    ],
    [
      { umask: 22 },
      "umask schema.wrong-type: `umask` is the number 22; a file mode must stand in quotes | Write `umask: '0644'`.",
    ],
    [
      { either: { url: 'u', timeout: 'x' } },
      'either/timeout schema.wrong-type: `either.timeout` must be a whole number, not a string ("x")',
    ],
    [
      { either: { fil: 'u', file: 'x' } },
      'either/fil! schema.unknown-key: `fil` is not known here | Did you mean `file`?',
    ],
    [{ either: 3 }, 'either schema.wrong-type: `either` must be a map, not a number (3)'],
    [{ maybe: [] }, 'maybe schema.wrong-type: `maybe` must be a string or null, not a list'],
  ])('%j', (given, expected) => expect(wrong(given)).toEqual([expected]));

  it('all of it at once', () => expect(wrong({ a: 1, port: 'x', nested: { b: 2 } })).toHaveLength(4));

  it('says what was checked', () => {
    expect(
      validateData(schema, { pth: 1 }, { what: '`copy`' }).problems.map(({ message }) => message),
    ).toEqual(['`path` is missing in `copy`', '`pth` is not known here (`copy`)']);
    expect(validateData(schema, [], { what: 'A task' }).problems[0]?.message).toBe(
      'A task must be a map, not a list',
    );
  });
});

describe('templates', () => {
  const isTemplated = (value: unknown) => typeof value === 'string' && value.includes('{{');
  const open = (data: unknown) =>
    validateData(schema, data, { isTemplated }).problems.map(({ message }) => message);
  it('are not judged, what stands beside them is', () => {
    expect(open({ path: '/x', port: '{{ p }}', names: ['{{ n }}', {}], nested: '{{ n }}' })).toEqual([
      '`names.1` must be a string, not a map',
    ]);
    expect(open({ path: '/x', either: { file: '{{ f }}', url: 'x', timeout: 1 } })).not.toEqual([]);
    expect(open('{{ all }}')).toEqual([]);
    expect(open({ pth: '{{ p }}' })).toEqual(['`path` is missing', '`pth` is not known here']);
  });
  it('stay as they are', () => {
    const { data } = validateData(schema, { path: '/x', names: '{{ a }},{{ b }}' }, { isTemplated });
    expect(data).toMatchObject({ names: '{{ a }},{{ b }}' });
  });
});

it('takes data as it is, with defaults, where a validator of the build accepts it', () => {
  const built = Type.Object({
    port: Type.Optional(Type.Integer({ default: 22 })),
    name: Type.Optional(Type.String()),
    mode: Type.Optional(Type.String({ octal: true })),
  });
  const isText = (value: unknown) => value === undefined || typeof value === 'string';
  adoptValidator(built, (data) => {
    const { port, name, mode } = data as Record<string, unknown>;
    return Number.isInteger(port) && isText(name) && isText(mode);
  });
  expect(validateData(built, {}).data).toEqual({ port: 22 });
  expect(validateData(built, { port: '80', name: null }).data).toEqual({ port: 80 });
  expect(validateData(built, { mode: 644 }).problems).toMatchObject([{ path: ['mode'] }]);
});

it('uses validators that the build made while they say yes', () => {
  const built = Type.Object({ only: Type.Number() });
  const asked: unknown[] = [];
  adoptValidator(built, (data) => {
    asked.push(data);
    return (data as { only: unknown }).only === 5;
  });
  expect(validateData(built, { only: 5 }).problems).toEqual([]);
  expect(asked).toEqual([{ only: 5 }]);
  expect(validateData(built, { only: 'x' }).problems).toMatchObject([{ path: ['only'] }]);
});

describe('what fits is told without ajv', () => {
  const never = () => false;
  const ajv = new Ajv({ strict: false });

  it.each([...modules.values()].map((module) => [module.name, closed(module.params)] as const))(
    'as ajv tells it, for arguments of any kind: %s',
    (_, params) => {
      const validate = ajv.compile(params);
      const names = Object.keys(params.properties);
      const values = [
        0,
        1,
        -1,
        1.5,
        'x',
        '',
        '0644',
        'present',
        true,
        false,
        null,
        [],
        ['a'],
        [1],
        {},
        { a: 'b' },
      ];
      for (const name of [...names, 'unknown'])
        for (const value of values) {
          const data = { [name]: value, ...(params.required ? { [params.required[0]!]: 'x' } : {}) };
          expect([name, value, fits(params, data, never)]).toEqual([name, value, validate(data)]);
        }
    },
  );

  it('leaves to ajv what it does not understand', () => {
    expect(fits(Type.String({ format: 'date' }), '2024-01-01', never)).toBe(false);
  });

  it('takes what is not known for right', () => {
    const wanted = Type.Object({ port: Type.Integer(), name: Type.String() });
    const unknown = Symbol('unknown');
    const isTemplated = (value: unknown) => value === unknown;
    expect(fits(wanted, { port: unknown, name: 'x' }, isTemplated)).toBe(true);
    expect(fits(wanted, { port: unknown, name: 5 }, isTemplated)).toBe(false);
  });
});
