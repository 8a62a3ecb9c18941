import { expect, test } from 'vitest';
import { load, outline, raw, taskNamed } from './playbook.ts';

const names = (layers: readonly ReadonlyMap<string, unknown>[]) =>
  layers.map((vars) => [...vars.keys()].join());

test('a role: defaults, vars, tasks, handlers, dependencies', () => {
  const { playbooks, found, folder } = load({
    'site.yml': `
- hosts: all
  roles:
    - base
    - {role: web, vars: {called: 1}, port: 80, tags: w, when: "port == 80", become: true}
  tasks: [{name: main, debug: {msg: x}, notify: reload}]
`,
    'roles/base/tasks/main.yml': '- {name: base task, debug: {msg: x}}\n',
    'roles/base/defaults/main.yml': 'bd: 1\n',
    'roles/web/tasks/main.yml':
      '- {name: web task, debug: {msg: x}, notify: "web : reload"}\n- import_tasks: more.yml\n',
    'roles/web/tasks/more.yml': '- {name: more, debug: {msg: x}}\n',
    'roles/web/defaults/main.yml': 'wd: 1\n',
    'roles/web/vars/main.yaml': 'wv: 1\n',
    'roles/web/handlers/main.yml': '- {name: reload, debug: {msg: x}}\n',
    'roles/web/meta/main.yml': 'dependencies: [{role: dep, dp: 1}, base]\n',
    'roles/dep/tasks/main.yml': '- {name: dep task, debug: {msg: x}}\n',
    'roles/dep/vars/main.yml': 'dv: 1\n',
  });
  expect(found).toEqual([]);
  const play = playbooks[0]!.plays[0]!;
  expect(outline(play.tasks)).toEqual(
    ['base task', 'dep task', 'web task', 'more', 'main', 'meta:flush_handlers', 'meta:flush_handlers'].slice(
      0,
      6,
    ),
  );
  const web = taskNamed(play.tasks, 'web task');
  expect(web.tags).toEqual(['w']);
  expect(web.when.map(({ text }) => text)).toEqual(['port == 80']);
  expect(raw(web.become.become)).toBe(true);
  expect(web.layers).toMatchObject({ roleName: 'web', rolePath: `${folder}/roles/web` });
  expect(names(web.layers.roleDefaults).at(-1)).toBe('wd');
  expect(names(web.layers.roleVars).filter(Boolean)).toEqual(['dv', 'wv', 'called']);
  expect(names(web.layers.params)).toEqual(['port']);
  const dep = taskNamed(play.tasks, 'dep task');
  expect(dep.tags).toEqual(['w']);
  expect(names(dep.layers.params)).toEqual(['port', 'dp']);
  expect(names(dep.layers.roleVars).filter(Boolean)).toEqual(['wv', 'called', 'dv']);
  const main = taskNamed(play.tasks, 'main');
  expect(main.layers.roleName).toBeUndefined();
  expect(names(play.roleDefaults!).filter(Boolean)).toEqual(['bd', 'wd']);
  expect(names(play.roleVars!).filter(Boolean)).toEqual(['dv', 'wv']);
  expect(play.handlers[0]!.listen).toEqual(['web : reload']);
});

test('a role runs once with the same parameters, and again with others or where it allows it', () => {
  const { playbooks } = load({
    'site.yml':
      '- hosts: all\n  roles: [a, a, {role: a, x: 1}, {role: a, x: 2}, {role: a, x: 1}, twice, twice]\n',
    'roles/a/tasks/main.yml': '- {name: a, debug: {msg: x}}\n',
    'roles/twice/tasks/main.yml': '- {name: twice, debug: {msg: x}}\n',
    'roles/twice/meta/main.yml': 'allow_duplicates: true\n',
  });
  expect(outline(playbooks[0]!.plays[0]!.tasks)).toEqual([
    'a',
    'a',
    'a',
    'twice',
    'twice',
    'meta:flush_handlers',
  ]);
});

test('import_role and tasks_from', () => {
  const { playbooks, found } = load({
    'site.yml': `
- hosts: all
  tasks:
    - import_role: {name: r, tasks_from: other, vars_from: special.yml}
      vars: {given: 1}
      tags: t
`,
    'roles/r/tasks/other.yml': '- {name: other, debug: {msg: x}, notify: h}\n',
    'roles/r/vars/special.yml': 's: 1\n',
    'roles/r/handlers/main.yml': '- {name: h, debug: {msg: x}}\n',
  });
  expect(found).toEqual([]);
  const play = playbooks[0]!.plays[0]!;
  const other = taskNamed(play.tasks, 'other');
  expect(other.tags).toEqual(['t']);
  expect(names(other.layers.vars)).toEqual(['given']);
  expect(names(other.layers.roleVars)).toEqual(['s']);
  expect(play.handlers).toHaveLength(1);
});

test('include_role: read ahead for its errors, loaded when a host gets there', () => {
  const { playbooks, found } = load({
    'site.yml': `
- hosts: all
  tasks:
    - include_role: {name: r, tasks_from: "{{ what }}", apply: {tags: inner, become: true}}
      vars: {v: 1}
      tags: outer
      when: "true"
      loop: [1]
`,
    'roles/r/tasks/install.yml': '- {name: install, debug: {msg: x}}\n',
    'roles/r/handlers/main.yml': '- {name: h, debug: {msg: x}}\n',
  });
  expect(found).toEqual([]);
  const include = playbooks[0]!.plays[0]!.tasks[0]!;
  if (include.kind !== 'include') throw new Error('no include');
  expect(include).toMatchObject({ what: 'role', tags: ['outer'], loop: { variable: 'item' } });
  const { tasks, handlers } = include.load('r tasks_from=install');
  const install = taskNamed(tasks, 'install');
  expect(install.id).toBe('0.1(r tasks_from=install).1');
  expect(install.tags).toEqual(['inner']);
  expect(install.when).toEqual([]);
  expect(raw(install.become.become)).toBe(true);
  expect(names(install.layers.params)).toEqual(['v']);
  expect(handlers.map((handler) => raw(handler.name))).toEqual(['h']);
  expect(include.load('r tasks_from=install').tasks).toBe(tasks);
  expect(() => include.load('gone')).toThrow('1 error');
});

test('errors of roles', () => {
  const { found, problems } = load({
    'site.yml': `
- hosts: all
  roles: [commn, {nme: x}, 5]
  tasks:
    - import_role: {name: common, tasks_from: gone}
    - import_role: {name: "{{ later }}"}
    - include_role: {nam: common}
    - include_role: common
    - import_role: {name: loop}
`,
    'roles/common/tasks/main.yml': '- dbug: {msg: x}\n',
    'roles/loop/meta/main.yml': 'dependencies: [pool]\n',
    'roles/pool/meta/main.yml': 'dependencies: [loop]\n',
  });
  expect(found).toEqual([
    'site.yml:3:11 playbook.unknown-role: there is no role `commn`',
    'site.yml:3:18 schema.missing-key: a role has no name',
    'site.yml:3:28 schema.wrong-type: a role must be a name or a map',
    'site.yml:5:20 file.missing: the role has no file `gone` in roles/common/tasks',
    expect.stringContaining('site.yml:6:27 playbook.not-supported: `import_role` needs a name that is known'),
    'site.yml:7:22 schema.unknown-key: `nam` is not known in `include_role`',
    'site.yml:7:21 schema.missing-key: `include_role` names no role',
    'roles/common/tasks/main.yml:1:3 playbook.unknown-module: there is no module `dbug`',
    'roles/pool/meta/main.yml:1:16 playbook.cycle: the role `loop` leads back to itself: loop > pool > loop',
  ]);
  expect(problems.errors[0]!.hint).toBe(
    'Did you mean `common`? Looked for a folder of this name in roles and in the current folder.',
  );
});

test('a role that is used several times has its handlers once', () => {
  const { playbooks, found } = load({
    'site.yml': `
- hosts: all
  roles: [{role: r, x: 1}, {role: r, x: 2}]
  tasks:
    - import_role: {name: r}
    - include_role: {name: r}
`,
    'roles/r/tasks/main.yml': '- {name: t, debug: {msg: x}, notify: h}\n',
    'roles/r/handlers/main.yml': '- {name: h, debug: {msg: x}}\n',
  });
  expect(found).toEqual([]);
  const play = playbooks[0]!.plays[0]!;
  expect(play.handlers).toHaveLength(1);
  const include = play.tasks.find((node) => node.kind === 'include')!;
  expect(include.load('r').handlers).toEqual(play.handlers);
});
