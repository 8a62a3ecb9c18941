import { Type } from 'typebox';
import { expect, it } from 'vitest';
import { Problems } from '../../src/base/errors.ts';
import { parseYaml } from '../../src/document/yaml.ts';
import { checkKeywords } from '../../src/playbook/check-keywords.ts';
import { unknownModuleHint } from '../../src/playbook/module-names.ts';
import { load, TOYS } from './playbook.ts';

it.each([
  ['file', []],
  ['"{{ x }}"', []],
  ['fil', ['`state` must be one of `file` or `absent`, not `fil`']],
  ['[file]', ['`state` must be one of `file` or `absent`, not a list']],
])('a value of a list of choices: %s', (text, expected) => {
  const problems = new Problems();
  const node = parseYaml({ path: 'f.yml', text: `state: ${text}\n` }, problems);
  if (node?.kind !== 'map') throw new Error('no map');
  const table = Type.Object({ state: Type.Enum(['file', 'absent']) });
  checkKeywords(node, table, { what: 'a test', at: 'task' }, problems);
  expect(problems.errors.map(({ message }) => message)).toEqual(expected);
});

it.each([
  ['comand', 'Did you mean `command`?'],
  ['ansible.builtin.yum', 'Use `apt`'],
  ['add_host', 'Put the host into the inventory'],
  ['zypper_repository', '`slipway doc` lists the modules'],
])('a module that does not exist: %s', (name, hint) => expect(unknownModuleHint(name, TOYS)).toContain(hint));

it('is said at the task', () => {
  const { problems } = load({ 'p.yml': '- hosts: all\n  tasks:\n    - dnf: { name: x }\n' });
  expect(problems.errors).toMatchObject([
    { code: 'playbook.unknown-module', hint: expect.stringContaining('`apt`') },
  ]);
});
