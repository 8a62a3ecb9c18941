import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Diagnostic, LanguageServer } from '../kit/language-server.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const schema = (kind: string) => path.join(root, `docs/generated/${kind}.schema.json`);

let server: LanguageServer;
beforeAll(async () => {
  server = await LanguageServer.start({
    [schema('playbook')]: ['playbooks/*.yml'],
    [schema('tasks')]: ['tasks/*.yml'],
    [schema('handlers')]: ['handlers/*.yml'],
    [schema('inventory')]: ['inventory/*.yml'],
    [schema('vars')]: ['defaults/*.yml', 'group_vars/*.yml'],
  });
}, 60_000);
afterAll(() => server.stop());

let count = 0;
const fresh = (folder: string) => `file:///made/${folder}/f${(count += 1)}.yml`;

function shown({ range: { start, end }, message }: Diagnostic): string {
  return `${start.line + 1}:${start.character + 1}-${end.line + 1}:${end.character + 1} ${message}`;
}

async function diagnosed(folder: string, text: string): Promise<string[]> {
  return (await server.diagnose(fresh(folder), text)).map(shown);
}

const shipped = ['playbooks', 'inventory'].flatMap((folder) =>
  readdirSync(path.join(root, folder), { recursive: true })
    .map((name) => `${folder}/${String(name)}`)
    .filter((name) => name.endsWith('.yml')),
);

test.each(shipped)(
  '%s has nothing underlined',
  async (file) => {
    const uri = pathToFileURL(path.join(root, file)).href;
    expect((await server.diagnose(uri, readFileSync(path.join(root, file), 'utf8'))).map(shown)).toEqual([]);
  },
  60_000,
);

test.each([
  ['playbooks', '- hosts: all\n  taks: []\n', '2:3-2:7 Property taks is not allowed.'],
  [
    'playbooks',
    '- hosts: all\n  tasks:\n    - command: x\n      async: 5\n',
    '4:7-4:12 `async` is not supported. Remove it: a step may take as long as it needs, and `timeout` bounds it.',
  ],
  [
    'tasks',
    '- file: { path: /x, state: dir }\n',
    '1:28-1:31 Value is not accepted. Valid values: "file", "directory", "link", "hard", "touch", "absent".',
  ],
  ['tasks', '- file: { path: /x, mode: 644 }\n', "1:27-1:30 Put it in quotes: '0644'."],
  ['tasks', '- copy: { content: x }\n', '1:3-1:7 `copy` needs `dest`.'],
  [
    'tasks',
    '- copy:\n    content: x\n    destination: /x\n    dest: /x\n',
    '3:5-3:16 Property destination is not allowed.',
  ],
  ['tasks', '- name: Nothing\n', '1:3-1:4 This task names no module.'],
  ['tasks', '- comand: x\n', '1:3-1:9 Property comand is not allowed.'],
  ['tasks', '- command: x\n  become: maybe\n', '2:11-2:16 Write true or false, or a template.'],
  ['tasks', '- command: x\n  loop: abc\n', '2:9-2:12 Write a list, or a template that gives one.'],
  ['tasks', '- import_tasks: x.yml\n  loop: [1]\n', '2:3-2:7 It cannot stand beside `import_tasks`.'],
  ['tasks', '- block:\n    - debg: { msg: x }\n', '2:7-2:11 Property debg is not allowed.'],
  ['tasks', '- apt: curl\n', '1:8-1:12 `apt` takes its arguments as a map.'],
  ['handlers', '- name: x\n  block: []\n', '2:3-2:8 Property block is not allowed.'],
  ['inventory', 'all:\n  hosts: [n1]\n', '2:10-2:14 Write each host as a key with a colon: `n1:`.'],
  [
    'inventory',
    'all:\n  hosts:\n    n1: { ansible_port: ssh }\n',
    '3:25-3:28 Write a whole number, or a template.',
  ],
  ['inventory', 'all:\n  host: {}\n', '2:3-2:7 Property host is not allowed.'],
  ['group_vars', 'ansible_become: maybe\n', '1:17-1:22 Write true or false, or a template.'],
])('in %s %j', async (folder, text, expected) => {
  expect(await diagnosed(folder, text)).toEqual([expected]);
});

const offered = (folder: string, text: string) => {
  const lines = text.split('\n');
  return server.complete(fresh(folder), text, { line: lines.length - 1, character: lines.at(-1)!.length });
};

test('a task is completed with keywords, modules and the words that stand in their place', async () => {
  const labels = await offered('tasks', '- name: x\n  ');
  expect(labels).toEqual(
    expect.arrayContaining([
      'become',
      'register',
      'when',
      'apt',
      'command',
      'kubeadm_init',
      'include_tasks',
      'meta',
    ]),
  );
  expect(labels).not.toContain('async');
  expect(labels).not.toContain('name');
});

test('the arguments of a module are completed, and their values', async () => {
  expect(await offered('tasks', '- copy:\n    dest: /x\n    ')).toEqual(
    expect.arrayContaining(['content', 'src', 'mode', 'owner', 'group']),
  );
  expect(await offered('tasks', '- systemd:\n    name: x\n    state: ')).toEqual(
    expect.arrayContaining(['started', 'stopped', 'restarted']),
  );
  expect(await offered('playbooks', '- hosts: all\n  tasks:\n    - apt:\n        ')).toEqual(
    expect.arrayContaining(['name', 'state', 'update_cache']),
  );
});

test('plays and inventories are completed', async () => {
  expect(await offered('playbooks', '- hosts: all\n  ')).toEqual(
    expect.arrayContaining(['become', 'gather_facts', 'roles', 'tasks', 'handlers', 'needs', 'serial']),
  );
  expect(await offered('inventory', 'all:\n  ')).toEqual(
    expect.arrayContaining(['hosts', 'children', 'vars']),
  );
  expect(await offered('inventory', 'all:\n  hosts:\n    n1:\n      ')).toEqual(
    expect.arrayContaining(['ansible_host', 'ansible_port', 'ansible_user', 'ansible_become']),
  );
});

test.each([
  ['tasks', '- copy: { dest: /x, content: y }', 4, 'A file or directory on the host'],
  ['tasks', '- copy: { dest: /x, content: y }', 12, 'Where it goes.'],
  ['tasks', '- { command: x, register: y }', 18, 'Keep the result in this variable.'],
  ['inventory', 'all: { hosts: { n1: { ansible_host: 10.0.0.1 } } }', 25, 'Name or address to connect to'],
])('in %s, %j explains what stands at column %i', async (folder, text, character, expected) => {
  expect(await server.hover(fresh(folder), text, { line: 0, character })).toContain(expected);
});
