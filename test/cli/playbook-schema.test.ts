import { Ajv } from 'ajv';
import { expect, test } from 'vitest';
import { playbookLines, playbookSchema } from '../../src/cli/reference/playbook.ts';

const check = new Ajv({ strict: false }).compile(JSON.parse(playbookSchema()));

test.each([
  [[{ hosts: 'all', tasks: [{ name: 'x', command: 'uptime', when: 'a == 1' }] }], true],
  [
    [{ hosts: ['a', 'b'], become: 'yes', serial: '30%', needs: 'x', roles: ['r', { role: 's', x: 1 }] }],
    true,
  ],
  [[{ import_playbook: 'x.yml' }], true],
  [[{ hosts: 'all', tasks: [{ block: [{ debug: { msg: '{{ x }}' } }], rescue: [], when: true }] }], true],
  [[{ hosts: 'all', gather_facts: '{{ x }}' }], true],
  [[{ hosts: 'all', becme: true }], false],
  [[{ tasks: [] }], false],
  [[{ hosts: 'all', tasks: [{ comand: 'x' }] }], false],
  [[{ hosts: 'all', tasks: [{ block: [{ debg: {} }] }] }], false],
  [[{ hosts: 'all', tasks: [{ file: { pth: '/x' } }] }], false],
  [[{ hosts: 'all', become: 5 }], false],
])('the schema for editors on %j: %s', (data, expected) => {
  expect(check(data)).toBe(expected);
});

test('every keyword has a description', () => {
  const rows = playbookLines().filter((line) => line.startsWith('| `'));
  expect(rows.length).toBeGreaterThan(80);
  expect(rows.filter((row) => /\|\s*\|$/.test(row))).toEqual([]);
});
