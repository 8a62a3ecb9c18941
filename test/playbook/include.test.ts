import { expect, test } from 'vitest';
import { SlipwayErrors } from '../../src/base/errors.ts';
import type { Include } from '../../src/playbook/types.ts';
import { load, outline, raw, taskNamed } from './playbook.ts';

test('import_tasks: in place, with the keywords of the import', () => {
  const { playbooks, found } = load({
    'a.yml':
      '- hosts: all\n  tasks:\n    - import_tasks: sub/one.yml\n      when: a\n      vars: {v: 1}\n      tags: t\n',
    'sub/one.yml': '- {name: one, debug: {msg: x}, when: b, tags: u}\n- import_tasks: two.yml\n',
    'sub/two.yml': '- {name: two, debug: {msg: x}}\n',
  });
  expect(found).toEqual([]);
  const { tasks } = playbooks[0]!.plays[0]!;
  expect(outline(tasks)).toEqual(['one', 'two', 'meta:flush_handlers']);
  const one = taskNamed(tasks, 'one');
  expect(one.when.map(({ text }) => text)).toEqual(['a', 'b']);
  expect(one.tags).toEqual(['t', 'u']);
  expect([...one.layers.vars[0]!.keys()]).toEqual(['v']);
});

const includeOf = (files: Record<string, string>) => {
  const loaded = load(files);
  return { ...loaded, include: loaded.playbooks[0]!.plays[0]!.tasks[0] as Include };
};

test('include_tasks: its own when and tags stay outside, its vars go inside as parameters', () => {
  const { include, found } = includeOf({
    'a.yml': `
- hosts: all
  become: true
  tasks:
    - include_tasks: {file: one.yml, apply: {tags: inner}}
      when: a
      tags: outer
      vars: {v: 1}
`,
    'one.yml': '- {name: one, debug: {msg: x}}\n',
  });
  expect(found).toEqual([]);
  expect(include).toMatchObject({ what: 'tasks', tags: ['outer'], id: '0.1' });
  const one = taskNamed(include.load('one.yml').tasks, 'one');
  expect(one.id).toBe('0.1.1');
  expect(one.when).toEqual([]);
  expect(one.tags).toEqual(['inner']);
  expect(raw(one.become.become)).toBe(true);
  expect([...one.layers.params[0]!.keys()]).toEqual(['v']);
});

test('an include with a plain name is read ahead, so its errors are found', () => {
  const { found } = load({
    'a.yml': '- hosts: all\n  tasks:\n    - include_tasks: one.yml\n    - include_tasks: gone.yml\n',
    'one.yml': '- {debug: {msg: x}, wen: a}\n',
  });
  expect(found[0]).toBe('one.yml:1:21 schema.unknown-key: `wen` is not known in a task');
  expect(found[1]).toContain('a.yml:4:22 file.missing: `gone.yml` cannot be found');
});

test('an include with a template is read at run time, and its errors are kept', () => {
  const { include, found } = includeOf({
    'a.yml': '- hosts: all\n  tasks:\n    - include_tasks: "{{ os }}.yml"\n',
    'good.yml': '- {name: g, debug: {msg: x}}\n',
    'bad.yml': '- {name: b, dbug: {msg: x}}\n',
  });
  expect(found).toEqual([]);
  expect(include.load('good.yml').tasks[0]!.id).toBe('0.1(good.yml).1');
  expect(() => include.load('bad.yml')).toThrow(SlipwayErrors);
  expect(() => include.load('bad.yml')).toThrow(SlipwayErrors);
});

test('a file may include itself under a condition', () => {
  const { include, found } = includeOf({
    'a.yml': '- hosts: all\n  tasks:\n    - include_tasks: self.yml\n',
    'self.yml': '- {name: s, debug: {msg: x}}\n- include_tasks: self.yml\n  when: more\n',
  });
  expect(found).toEqual([]);
  const inner = include.load('self.yml').tasks[1] as Include;
  expect(inner.load('self.yml').tasks[0]!.id).toBe('0.1.2.1');
});

test('a file that imports itself', () => {
  const { found } = load({
    'a.yml': '- hosts: all\n  tasks:\n    - import_tasks: b.yml\n',
    'b.yml': '- import_tasks: c.yml\n',
    'c.yml': '- import_tasks: b.yml\n',
  });
  expect(found).toEqual(['c.yml:1:17 playbook.cycle: `b.yml` imports itself: b.yml > c.yml > b.yml']);
});

test('an import cannot loop', () => {
  const { found } = load({
    'a.yml': '- hosts: all\n  tasks:\n    - import_tasks: b.yml\n      loop: [1]\n',
    'b.yml': '[]\n',
  });
  expect(found).toEqual(['a.yml:4:7 playbook.not-supported: `import_tasks` cannot have `loop`']);
});

test('include_vars: a file, a folder, a name', () => {
  const { playbooks, found } = load({
    'a.yml': `
- hosts: all
  tasks:
    - include_vars: one.yml
    - include_vars: {dir: many}
    - include_vars: {file: one.yml, name: boxed}
`,
    'vars/one.yml': 'a: 1\n',
    'many/1.yml': 'a: 1\nb: 1\n',
    'many/2.json': '{"b": 2}',
  });
  expect(found).toEqual([]);
  const [one, many, boxed] = playbooks[0]!.plays[0]!.tasks as Include[];
  const plain = (include: Include, target: string) =>
    Object.fromEntries([...include.load(target).variables!].map(([name, value]) => [name, raw(value)]));
  expect(plain(one!, 'one.yml')).toEqual({ a: 1 });
  expect(plain(many!, 'many')).toEqual({ a: 1, b: 2 });
  expect(plain(boxed!, 'one.yml')).toEqual({ boxed: { a: 1 } });
});

test('handlers: listen, import and include among them', () => {
  const { playbooks, found } = load({
    'a.yml': `
- hosts: all
  tasks:
    - {command: a, notify: [both, topic, one, inside]}
  handlers:
    - {name: h, command: a, listen: [topic, other]}
    - import_tasks: handlers.yml
    - {name: both, include_tasks: more.yml, when: c}
`,
    'handlers.yml': '- {name: one, command: a, notify: h}\n',
    'more.yml': '- {name: inside, command: a}\n- {command: b}\n',
  });
  expect(found).toEqual([]);
  expect(
    playbooks[0]!.plays[0]!.handlers.map((handler) => [
      raw(handler.name),
      handler.listen,
      handler.when.length,
    ]),
  ).toEqual([
    ['h', ['topic', 'other'], 0],
    ['one', [], 0],
    ['inside', ['both'], 1],
    [undefined, ['both'], 1],
  ]);
});

test('handlers that cannot be', () => {
  const { found } = load({
    'a.yml': `
- hosts: all
  handlers:
    - command: a
    - block: []
    - {name: x, include_tasks: "{{ y }}"}
`,
  });
  expect(found).toEqual([
    'a.yml:5:7 playbook.not-supported: a block cannot be a handler',
    'a.yml:6:7 playbook.not-supported: an include with a name that is not fixed cannot be a handler',
    'a.yml:4:7 schema.missing-key: a handler needs a `name` or `listen`',
  ]);
});

test('a role that is included by a template may bring any handler', () => {
  const files = (name: string) => ({
    'a.yml': `- hosts: all\n  tasks:\n    - {command: a, notify: h}\n    - include_role: {name: "${name}"}\n`,
    'roles/r/handlers/main.yml': '- {name: h, command: a}\n',
    'roles/s/tasks/main.yml': '[]\n',
  });
  expect(load(files('{{ any }}')).found).toEqual([]);
  expect(load(files('r')).found).toEqual([]);
  expect(load(files('s')).found).toEqual(['a.yml:3:28 playbook.unknown-handler: there is no handler `h`']);
});
