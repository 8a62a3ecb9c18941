import { expect, test } from 'vitest';
import { load, outline, raw, taskNamed } from './playbook.ts';

test('a play with all its parts', () => {
  const { playbooks, found } = load({
    'site.yml': `
- name: Everything
  hosts: [web, db]
  become: yes
  become_user: root
  gather_facts: false
  serial: [1, "50%"]
  max_fail_percentage: 30
  strategy: linear
  remote_user: admin
  tags: site
  vars: {a: 1}
  environment: {LANG: C}
  pre_tasks: [{name: before, command: a}]
  tasks:
    - name: t1
      command: echo {{ a }}
      become: false
      when: a == 1
      tags: [x, y]
      environment: {PATH: /bin}
      notify: restart
    - block:
        - {name: inner, debug: {msg: hello}, when: "true"}
      rescue: [{name: saved, debug: {msg: x}}]
      always: [{name: cleaned, debug: {msg: x}}]
      when: has(a)
      become_user: app
      tags: b
  post_tasks: [{name: after, debug: {msg: bye}}]
  handlers: [{name: restart, command: restart it}]
`,
  });
  expect(found).toEqual([]);
  const play = playbooks[0]!.plays[0]!;
  expect(play).toMatchObject({ index: 0, name: 'Everything', strategy: 'linear', gatherFacts: false });
  expect(raw(play.hosts)).toBe('web,db');
  expect(raw(play.serial)).toEqual([1, '50%']);
  expect(raw(play.maxFailPercentage)).toBe(30);
  expect(raw(play.connection!.get('ansible_user'))).toBe('admin');
  expect(outline(play.tasks)).toEqual([
    'before',
    'meta:flush_handlers',
    't1',
    'inner',
    'rescue saved',
    'always cleaned',
    'meta:flush_handlers',
    'after',
    'meta:flush_handlers',
  ]);
  const t1 = taskNamed(play.tasks, 't1');
  expect(t1.tags).toEqual(['site', 'x', 'y']);
  expect(raw(t1.become.become)).toBe(false);
  expect(raw(t1.become.user)).toBe('root');
  expect(t1.environment.map(raw)).toEqual([{ LANG: 'C' }, { PATH: '/bin' }]);
  expect(raw(t1.args)).toEqual({ cmd: 'echo {{ a }}' });
  expect(t1.notify.map(raw)).toEqual(['restart']);
  const inner = taskNamed(play.tasks, 'inner');
  expect(inner.when.map(({ text }) => text)).toEqual(['has(a)', 'true']);
  expect(raw(inner.become.become)).toBe(true);
  expect(raw(inner.become.user)).toBe('app');
  expect(inner.tags).toEqual(['site', 'b']);
  expect(play.handlers.map((handler) => raw(handler.name))).toEqual(['restart']);
});

test('what is not written has its default', () => {
  const play = load({ 'a.yml': '- hosts: all\n  tasks: []\n' }).playbooks[0]!.plays[0]!;
  expect(play).toMatchObject({
    name: 'all',
    strategy: 'free',
    gatherFacts: true,
    needs: undefined,
    tasks: [],
  });
});

test('needs: names of earlier plays', () => {
  const { playbooks, found, problems } = load({
    'a.yml': `
- {name: one, hosts: all}
- {name: two, hosts: all, needs: []}
- {name: three, hosts: all, needs: one}
- name: four
  hosts: all
  needs: [{play: one, scope: all}, {play: two, scope: host}]
- {name: five, hosts: all, needs: [tow, six]}
- {name: six, hosts: all}
- {name: seven, hosts: all, needs: {play: one, scope: some}}
`,
  });
  expect(playbooks[0]!.plays.map(({ needs }) => needs)).toEqual([
    undefined,
    [],
    [{ play: 0, scope: 'all', auto: true }],
    [
      { play: 0, scope: 'all' },
      { play: 1, scope: 'host' },
    ],
    [],
    undefined,
    [{ play: 0, scope: 'all', auto: true }],
  ]);
  expect(found).toEqual([
    'a.yml:8:36 playbook.unknown-play: there is no earlier play `tow`',
    'a.yml:8:41 playbook.unknown-play: there is no earlier play `six`',
    'a.yml:10:55 schema.wrong-type: `scope` must be one of `host` or `all`, not `some`',
  ]);
  expect(problems.errors[0]!.hint).toBe('Did you mean `two`?');
});

test('every error of a play is found', () => {
  const { found, problems } = load({
    'a.yml': `
- hots: all
- hosts: all
  becme: true
  gather_facts: maybe
  serial: {}
  strategy: debug
  force_handlers: true
  vars: [1]
  tasks: {a: 1}
- 5
- hosts: all
  roles: nginx
`,
  });
  expect(found).toEqual([
    'a.yml:2:3 schema.unknown-key: `hots` is not known in a play',
    'a.yml:2:3 schema.missing-key: a play needs `hosts`',
    'a.yml:7:13 playbook.not-supported: the strategy `debug` is not supported',
    'a.yml:4:3 schema.unknown-key: `becme` is not known in a play',
    'a.yml:5:17 schema.wrong-type: `gather_facts` must be true or false, not `maybe`',
    'a.yml:6:11 schema.wrong-type: `serial` must be a whole number, text or a list, not a map',
    'a.yml:8:3 playbook.not-supported: `force_handlers` is not supported',
    'a.yml:9:9 schema.wrong-type: `vars` must be a map, not a list',
    'a.yml:10:10 schema.wrong-type: `tasks` must be a list, not a map',
    'a.yml:11:3 schema.wrong-type: a play must be a map',
    'a.yml:13:10 schema.wrong-type: `roles` must be a list, not `nginx`',
  ]);
  expect(problems.errors[3]!.hint).toBe('Did you mean `become`?');
});

test('vars_files, vars_prompt and vars', () => {
  const { playbooks, found } = load({
    'a.yml': `
- hosts: all
  vars_files: [one.yml, [gone.yml, two.yml], "{{ x }}.yml"]
  vars_prompt: [{name: pw, prompt: Password}, {name: user, private: no, default: root}]
`,
    'vars/one.yml': 'v: 1',
    'two.yml': 'w: 2',
    'three.yml': 't: 3',
  });
  expect(found).toEqual([]);
  const { varsFiles, varsPrompt } = playbooks[0]!.plays[0]!;
  expect(varsFiles.map(({ target }) => raw(target))).toEqual(['one.yml', 'two.yml', '{{ x }}.yml']);
  expect(raw(varsFiles[0]!.load('one.yml').get('v'))).toBe(1);
  expect(raw(varsFiles[2]!.load('three.yml').get('t'))).toBe(3);
  expect(() => varsFiles[2]!.load('four.yml')).toThrow('`four.yml` cannot be found');
  expect(varsPrompt).toMatchObject([
    { name: 'pw', prompt: 'Password', private: true },
    { name: 'user', private: false },
  ]);
});

test('a file of variables that is wrong is found while loading', () => {
  const { found } = load({
    'a.yml': '- hosts: all\n  vars_files: [gone.yml, list.yml, bad.yml, [no.yml, none.yml]]\n',
    'list.yml': '- 1\n',
    'bad.yml': 'a: "{{ x"\n',
  });
  expect(found.map((line) => line.split(': ')[0])).toEqual([
    'a.yml:2:16 file.missing',
    'list.yml:1:1 schema.wrong-type',
    'bad.yml:1:5 template.syntax',
    'a.yml:2:45 file.missing',
  ]);
});

test('import_playbook with vars, tags and when; plays are numbered through', () => {
  const { playbooks, found } = load(
    {
      'site.yml': `
- name: first
  hosts: all
- import_playbook: "sub/{{ which }}.yml"
  vars: {v: imported}
  tags: sub
  when: v == "imported"
`,
      'sub/more.yml':
        '- name: second\n  hosts: all\n  vars: {v: own, w: 1}\n  tags: own\n  tasks: [{name: t, import_tasks: t.yml}]\n',
      'sub/t.yml': '- {name: inside, debug: {msg: x}, when: "true"}\n',
    },
    { which: 'more' },
  );
  expect(found).toEqual([]);
  const [first, second] = playbooks[0]!.plays;
  expect(first!.index).toBe(0);
  expect(second!.index).toBe(1);
  expect(second!.folder).toMatch(/sub$/);
  expect(raw(second!.vars.get('v'))).toBe('imported');
  const inside = taskNamed(second!.tasks, 'inside');
  expect(inside.tags).toEqual(['sub', 'own']);
  expect(inside.when.map(({ text }) => text)).toEqual(['v == "imported"', 'true']);
  expect(inside.id).toMatch(/^1\./);
});

test('playbooks that are not there, or import each other', () => {
  const { found } = load({
    'a.yml': '- import_playbook: b.yml\n- import_playbook: gone.yml\n- import_playbook: "{{ nope }}"\n',
    'b.yml': '- import_playbook: a.yml\n',
  });
  expect(found[0]).toBe('b.yml:1:20 playbook.cycle: the playbook imports itself: a.yml > b.yml > a.yml');
  expect(found[1]).toBe('a.yml:2:20 file.missing: there is no playbook at gone.yml');
  expect(found[2]).toContain('a.yml:3:');
  expect(found).toHaveLength(3);
});
