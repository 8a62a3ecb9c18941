import path from 'node:path';
import { expect, test } from 'vitest';
import { findFile } from '../../src/playbook/files.ts';
import { folderOf } from '../kit/folder.ts';
import { load, outline } from './playbook.ts';

test('files are looked for in the role, beside the file of the task, beside the playbook', () => {
  const root = folderOf({
    'roles/r/files/a': '',
    'roles/r/b': '',
    'roles/r/tasks/c': '',
    'files/a': '',
    'files/d': '',
    e: '',
  });
  const places = {
    rolePath: path.join(root, 'roles/r'),
    taskFileFolder: path.join(root, 'roles/r/tasks'),
    playbookFolder: root,
  };
  const found = (name: string) => path.relative(root, findFile(name, 'files', places));
  expect(['a', 'b', 'c', 'd', 'e'].map(found)).toEqual([
    'roles/r/files/a',
    'roles/r/b',
    'roles/r/tasks/c',
    'files/d',
    'e',
  ]);
  expect(found(path.join(root, 'e'))).toBe('e');
  expect(() => found('gone')).toThrow('`gone` cannot be found');
});

test('a file of tasks names its neighbours first', () => {
  const { playbooks, found } = load({
    'a.yml': '- hosts: all\n  roles: [r]\n',
    'roles/r/tasks/main.yml': '- import_tasks: sub/one.yml\n',
    'roles/r/tasks/sub/one.yml': '- import_tasks: two.yml\n- import_tasks: three.yml\n',
    'roles/r/tasks/sub/two.yml': '- {name: near, debug: {msg: x}}\n',
    'roles/r/tasks/two.yml': '- {name: far, debug: {msg: x}}\n',
    'roles/r/tasks/three.yml': '- {name: three, debug: {msg: x}}\n',
  });
  expect(found).toEqual([]);
  expect(outline(playbooks[0]!.plays[0]!.tasks)).toEqual(['near', 'three', 'meta:flush_handlers']);
});

test('an error in a file that is imported twice is told once', () => {
  const { found } = load({
    'a.yml': '- hosts: all\n  tasks: [{import_tasks: b.yml}, {import_tasks: b.yml}, {command: a, wen: b}]\n',
    'b.yml': '- dbug: {msg: x}\n',
  });
  expect(found).toEqual([
    'b.yml:1:3 playbook.unknown-module: there is no module `dbug`',
    'a.yml:2:70 schema.unknown-key: `wen` is not known in a task',
  ]);
});
