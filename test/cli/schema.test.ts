import { Ajv } from 'ajv';
import { expect, test } from 'vitest';
import { playbookLines } from '../../src/cli/reference/playbook.ts';
import { SCHEMA_KINDS, type SchemaKind, schemaText } from '../../src/cli/schema/kinds.ts';
import { createProgram } from '../../src/cli/program.ts';

const kinds = Object.keys(SCHEMA_KINDS) as SchemaKind[];
function fits(kind: SchemaKind, data: unknown): boolean {
  return new Ajv({ strict: false }).compile(JSON.parse(schemaText(kind)) as object)(data);
}
const playbook = new Ajv({ strict: false }).compile(JSON.parse(schemaText('playbook')) as object);

const task = (given: object) => [{ hosts: 'all', tasks: [given] }];

test.each([
  [[{ hosts: 'all', tasks: [{ name: 'x', command: 'uptime', when: 'a == 1' }] }], true],
  [
    [{ hosts: ['a', 'b'], become: 'yes', serial: '30%', needs: 'x', roles: ['r', { role: 's', x: 1 }] }],
    true,
  ],
  [[{ import_playbook: 'x.yml' }], true],
  [task({ block: [{ debug: { msg: '{{ x }}' } }], rescue: [], when: true }), true],
  [[{ hosts: 'all', gather_facts: '{{ x }}' }], true],
  [[{ hosts: 'all', becme: true }], false],
  [[{ tasks: [] }], false],
  [[{ hosts: 'all', become: 5 }], false],
  [[{ hosts: 'all', tags: '{{ x }}' }], false],
  [[{ hosts: 'all', roles: [{ tags: 'x' }] }], false],
  [task({ comand: 'x' }), false],
  [task({ name: 'x' }), false],
  [task({ block: [{ debg: {} }] }), false],
  [task({ rescue: [{ debug: {} }] }), false],
  [task({ file: { pth: '/x' } }), false],
  [task({ file: { path: '/x', state: 'directory' } }), true],
  [task({ file: { path: '/x', state: '{{ x }}' } }), true],
  [task({ file: { path: '/x', state: 'dir' } }), false],
  [task({ file: { path: '/x', mode: 644 } }), false],
  [task({ file: 'path=/x state=touch' }), true],
  [task({ file: '/x' }), false],
  [task({ copy: { content: 'x' } }), false],
  [task({ copy: { content: 'x' }, args: { dest: '/x' } }), true],
  [task({ copy: null }), false],
  [task({ ping: null }), true],
  [task({ 'ansible.builtin.copy': { content: 'x', dest: '/x' } }), true],
  [task({ 'ansible.builtin.copy': { content: 'x', destination: '/x' } }), false],
  [task({ service: { name: 'x', state: 'started' } }), true],
  [task({ command: 'x', retries: 'three' }), false],
  [task({ command: 'x', retries: '3' }), true],
  [task({ command: 'x', async: 5 }), false],
  [task({ command: 'x', loop: 'x' }), false],
  [task({ command: 'x', loop: '{{ x }}' }), true],
  [task({ command: 'x', with_fileglob: 'x' }), false],
  [task({ meta: 'flush_handlers' }), true],
  [task({ meta: 'noop', loop: [] }), false],
  [task({ import_tasks: 'x.yml', loop: [] }), false],
  [task({ include_tasks: 'x.yml', loop: [] }), true],
  [task({ set_fact: { any: 1 } }), true],
])('a playbook %j: %s', (data, expected) => {
  expect(playbook(data)).toBe(expected);
});

test.each([
  ['inventory', { all: { hosts: { n1: null, 'n[2:9]': { ansible_port: 22 } } } }, true],
  ['inventory', { web: { children: { a: { hosts: 'n1' } }, vars: { x: [1] } } }, true],
  ['inventory', { all: { hosts: ['n1'] } }, false],
  ['inventory', { all: { host: {} } }, false],
  ['inventory', { all: { vars: { ansible_port: 'ssh' } } }, false],
  ['inventory', { all: { vars: { ansible_port: '{{ p }}' } } }, true],
  ['inventory', { plugin: 'aws_ec2' }, false],
  ['inventory', { 'a b': {} }, false],
  ['vars', { anything: { at: 'all' } }, true],
  ['vars', { ansible_become: 'maybe' }, false],
  ['tasks', [{ command: 'x' }, { block: [] }], true],
  ['tasks', [{ hosts: 'all' }], false],
  ['handlers', [{ name: 'x', block: [] }], false],
  ['handlers', [{ name: 'x', command: 'y', listen: ['z'] }], true],
] as const)('%s %j: %s', (kind, data, expected) => {
  expect(fits(kind, data)).toBe(expected);
});

test('every keyword has a description', () => {
  const rows = playbookLines().filter((line) => line.startsWith('| `'));
  expect(rows.length).toBeGreaterThan(80);
  expect(rows.filter((row) => /\|\s*\|$/.test(row))).toEqual([]);
});

test('the command line knows all kinds', () => {
  const command = createProgram(() => undefined).commands.find((each) => each.name() === 'schema')!;
  expect(command.registeredArguments[0]!.argChoices).toEqual(kinds);
});
