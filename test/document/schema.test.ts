import { Type } from 'typebox';
import { expect, it } from 'vitest';
import { Problems } from '../../src/base/errors.ts';
import { checkNode } from '../../src/document/schema.ts';
import { line, yaml } from '../expression/kit.ts';

const schema = Type.Array(
  Type.Object(
    {
      hosts: Type.String(),
      serial: Type.Optional(Type.Integer()),
      mode: Type.Optional(Type.String()),
      tasks: Type.Optional(Type.Array(Type.Object({ name: Type.String() }))),
    },
    { additionalProperties: false },
  ),
);

function check(text: string): string[] {
  const problems = new Problems();
  const fine = checkNode(yaml(text).node!, schema, problems, { what: 'a play' });
  expect(fine).toBe(problems.errors.length === 0);
  return problems.errors.map(line);
}

it('points at the key that is not known', () =>
  expect(check('- hosts: a\n  taks: []\n')).toEqual([
    'schema.unknown-key 2:3 «taks» `taks` is not known here (a play) | Did you mean `tasks`?',
  ]));
it('points at the value that is wrong', () =>
  expect(check('- hosts: a\n  serial: many\n')).toEqual([
    'schema.wrong-type 2:11 «many» `0.serial` of a play must be a whole number, not a string ("many")',
  ]));
it('points at the first key of a map that lacks one', () =>
  expect(check('- hosts: a\n  tasks:\n    - nam: x\n')).toContain(
    'schema.missing-key 3:7 «nam» `name` is missing in `0.tasks.0` | Add `name`.',
  ));
it('shows a mode as it must be written', () =>
  expect(check('- hosts: a\n  mode: 0755\n')).toEqual([
    "schema.wrong-type 2:9 «0755» `mode` is the number 755; a file mode must stand in quotes | Write `mode: '0755'`.",
  ]));
it('leaves templates to later', () => expect(check('- hosts: a\n  serial: "{{ n }}"\n')).toEqual([]));
it('accepts what is right', () =>
  expect(check('- hosts: a\n  serial: "2"\n  tasks: [{name: x}]\n')).toEqual([]));
