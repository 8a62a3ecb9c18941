import { expect, test } from 'vitest';
import { recordScope } from '../../src/expression/scope.ts';
import { evaluate } from '../../src/expression/value.ts';
import type { Task } from '../../src/playbook/types.ts';
import { load, raw } from './playbook.ts';

/** One play with these tasks (YAML, indented by four). */
const play = (tasks: string, files: Record<string, string> = {}) =>
  load({
    'a.yml': `- hosts: all\n  tasks:\n${tasks.replace(/^(?=.)/gm, '    ').replace(/^\s*\n/, '')}`,
    ...files,
  });

const first = (tasks: string) => {
  const { playbooks, found } = play(tasks);
  expect(found).toEqual([]);
  return playbooks[0]!.plays[0]!.tasks[0] as Task;
};

test.each([
  ['- command: uptime -p', { cmd: 'uptime -p' }],
  ['- command: touch "/a b" creates=/x chdir=/tmp', { cmd: 'touch "/a b"', creates: '/x', chdir: '/tmp' }],
  ['- command: sed -e s=a=b= # kept', { cmd: 'sed -e s=a=b=' }],
  ["- command: 'echo # kept'", { cmd: 'echo # kept' }],
  ['- command: {cmd: a, chdir: /}', { cmd: 'a', chdir: '/' }],
  ['- command: a\n  args: {chdir: /}', { cmd: 'a', chdir: '/' }],
  ['- ansible.builtin.command: a', { cmd: 'a' }],
  ['- action: command a b', { cmd: 'a b' }],
  ['- action: {module: file, path: /x}', { path: '/x' }],
  ['- file: path=/x state=absent', { path: '/x', state: 'absent' }],
  ['- file: path={{ dir }}/x state="{{ s }}"', { path: '{{ dir }}/x', state: '{{ s }}' }],
  ['- command: echo {{ a }} creates={{ dir }}/x', { cmd: 'echo {{ a }}', creates: '{{ dir }}/x' }],
  ['- debug: msg="two words"', { msg: 'two words' }],
  ['- debug: plain words', { msg: 'plain words' }],
  ['- debug:', {}],
  ['- set_fact: {anything: 1, other: [2]}', { anything: 1, other: [2] }],
  [
    '- file: {path: "{{ p }}", recurse: yes, state: "{{ s }}"}',
    { path: '{{ p }}', recurse: 'yes', state: '{{ s }}' },
  ],
  ['- service: {name: ssh, state: started}', { name: 'ssh', state: 'started' }],
])('arguments of %s', (yaml, args) => {
  expect(raw(first(yaml).args)).toEqual(args);
});

test('a parameter that names a variable keeps the name beside its value', () => {
  const task = first('- debug: {var: colour.name}');
  const scope = recordScope({ colour: { name: 'green' } });
  expect(evaluate(task.args, scope)).toEqual({ var: { name: 'colour.name', value: 'green' } });
});

test('local_action runs on the controller', () => {
  const task = first('- local_action: command a');
  expect(raw(task.delegateTo)).toBe('localhost');
  expect(raw(task.args)).toEqual({ cmd: 'a' });
});

test('conditions of a module are parsed', () => {
  const task = first('- assert: {that: [a == 1, b > 2], fail_msg: no}');
  expect(task.conditions['that']!.map(({ text }) => text)).toEqual(['a == 1', 'b > 2']);
  expect(raw(task.args)).toEqual({ fail_msg: 'no' });
});

test('all task keywords', () => {
  const task = first(`
- name: x
  command: a
  register: out
  changed_when: out.code == 0
  failed_when: [out.code > 1, "true"]
  until: out.code == 0
  retries: 5
  delay: 2
  timeout: 30
  delegate_to: n2
  delegate_facts: true
  run_once: true
  throttle: 2
  no_log: true
  check_mode: false
  diff: true
  ignore_errors: yes
  ignore_unreachable: "{{ x }}"
  any_errors_fatal: true
  vars: {v: 1}
`);
  expect(task).toMatchObject({ id: '0.1', register: 'out', delegateFacts: true, runOnce: true });
  expect(task.changedWhen).toHaveLength(1);
  expect(task.failedWhen).toHaveLength(2);
  expect(task.until).toHaveLength(1);
  const values = [
    task.retries,
    task.delay,
    task.timeout,
    task.delegateTo,
    task.throttle,
    task.noLog,
    task.checkMode,
  ];
  expect(values.map(raw)).toEqual([5, 2, 30, 'n2', 2, true, false]);
  expect([task.diff, task.ignoreErrors, task.ignoreUnreachable, task.anyErrorsFatal].map(raw)).toEqual([
    true,
    true,
    '{{ x }}',
    true,
  ]);
  expect(task.layers.vars.map((vars) => [...vars.keys()])).toEqual([['v']]);
});

test.each([
  ['loop: [1, 2]', [1, 2]],
  ['loop: "{{ l }}"', ['x', ['y', 'z']]],
  ['with_list: "{{ l }}"', ['x', ['y', 'z']]],
  ['with_items: "{{ l }}"', ['x', 'y', 'z']],
  ['with_items: [a, [b, c]]', ['a', 'b', 'c']],
  ['with_items: [a, "{{ l }}"]', ['a', 'x', ['y', 'z']]],
  [
    'with_dict: {a: 1, b: "{{ v }}"}',
    [
      { key: 'a', value: 1 },
      { key: 'b', value: 7 },
    ],
  ],
  ['with_dict: "{{ d }}"', [{ key: 'k', value: 1 }]],
])('the loop %s', (yaml, items) => {
  const { loop } = first(`- command: a\n  ${yaml}`);
  expect(loop!.variable).toBe('item');
  expect(evaluate(loop!.items, recordScope({ l: ['x', ['y', 'z']], v: 7, d: { k: 1 } }))).toEqual(items);
});

test('loop_control', () => {
  const { loop } = first(
    '- command: a\n  loop: [1]\n  loop_control: {loop_var: n, index_var: i, label: "{{ n }}", pause: 3, extended: yes, extended_allitems: false}',
  );
  expect(loop).toMatchObject({ variable: 'n', indexVariable: 'i', extended: true, allItems: false });
  expect([loop!.label, loop!.pause].map(raw)).toEqual(['{{ n }}', 3]);
});

test.each([
  ['- commnd: a', 'playbook.unknown-module', 'there is no module `commnd`', 'Did you mean `command`?'],
  [
    '- command: a\n  wen: "true"',
    'schema.unknown-key',
    '`wen` is not known in a task',
    'Did you mean `when`?',
  ],
  [
    '- {name: x, becme: true}',
    'schema.unknown-key',
    '`becme` is not known in a task',
    'Did you mean `become`?',
  ],
  ['- name: x', 'playbook.no-module', 'this task names no module', 'Write the module'],
  ['- {command: a, debug: b}', 'playbook.no-module', 'two modules: `command` and `debug`', 'Make two tasks'],
  [
    '- file: {pth: /x, path: /y}',
    'schema.unknown-key',
    '`pth` is no argument of `file`',
    'Did you mean `path`?',
  ],
  ['- file: {state: absent}', 'schema.missing-key', '`file` needs `path`', 'The path.'],
  [
    '- file: {path: /x, state: gone}',
    'schema.wrong-type',
    '`state` must be one of `file`, `absent` or `directory`, not `gone`',
    '',
  ],
  ['- file: {path: /x, state: directry}', 'schema.wrong-type', 'not `directry`', 'Did you mean `directory`?'],
  ['- command: a\n  delay: -1', 'schema.invalid-value', '`delay` must be 0 or more, not -1', ''],
  ['- command: a\n  timeout: -5', 'schema.invalid-value', '`timeout` must be 0 or more, not -5', ''],
  [
    '- command: a\n  tags: [x, {y: z}]',
    'schema.wrong-type',
    '`tags` must be text, not a map',
    'Names to select by',
  ],
  [
    '- command: a\n  loop: [1]\n  loop_control: {pause: soon}',
    'schema.wrong-type',
    '`pause` must be a number, not `soon`',
    'Seconds between items.',
  ],
  ['- file: {path: /x, recurse: 5}', 'schema.wrong-type', '`recurse` must be true or false, not `5`', ''],
  ['- file: {path: /x, retries: 0}', 'schema.invalid-value', '`retries` must be 1 or more, not 0', ''],
  [
    '- file: {path: /x, mode: 0644}',
    'schema.invalid-value',
    '`mode: 0644` is read as the number 644',
    "'0644'",
  ],
  ['- file: {path: /x, mode: 755}', 'schema.invalid-value', '`mode: 755` is read as', "'0755'"],
  ['- file: [a]', 'schema.wrong-type', '`file` takes a map of arguments, not a list', ''],
  ['- file: just text', 'schema.wrong-type', '`file` takes its arguments as a map', 'path, mode'],
  ['- command: a\n  async: 5', 'playbook.not-supported', '`async` is not supported', 'Remove it'],
  [
    '- command: a\n  with_fileglob: "*"',
    'playbook.not-supported',
    '`with_fileglob` is not supported',
    'loop',
  ],
  ['- include: x.yml', 'playbook.not-supported', '`include` is not supported', 'include_tasks'],
  ['- command: a\n  loop: 5', 'schema.wrong-type', '`loop` must be a list', ''],
  ['- command: a\n  loop: word', 'schema.wrong-type', '`loop` must be a list', 'template'],
  ['- command: a\n  register: 1x', 'schema.invalid-value', '`1x` is not a name for a variable', ''],
  ['- command: a\n  when: a ==', 'condition.syntax', '', ''],
  ['- command: a\n  when: {a: 1}', 'condition.type', '', ''],
  ['- command: "echo {{ a"', 'template.syntax', '', ''],
  ['- command: a\n  tags: "{{ t }}"', 'playbook.not-supported', '`tags` cannot be a template', ''],
  ['- command: a\n  run_once: "{{ t }}"', 'playbook.not-supported', '`run_once` cannot be a template', ''],
  ['- meta: refresh_inventory', 'playbook.not-supported', '`meta: refresh_inventory`', 'Run Slipway again'],
  ['- meta: flush', 'schema.invalid-value', '`meta` cannot be `flush`', 'flush_handlers'],
  ['- rescue: []', 'schema.missing-key', '`rescue` and `always` need a `block`', ''],
  [
    '- command: a\n  notify: nobody',
    'playbook.unknown-handler',
    'there is no handler `nobody`',
    'no handlers',
  ],
  ['- 5', 'schema.wrong-type', 'a task must be a map', ''],
])('%s is an error', (yaml, code, message, hint) => {
  const { problems } = play(yaml);
  expect(problems.errors.map((error) => error.code)).toEqual([code]);
  expect(problems.errors[0]!.message).toContain(message);
  expect(problems.errors[0]!.hint ?? '').toContain(hint);
  expect(problems.errors[0]!.span).toBeDefined();
});

test('all that is wrong in loop_control is told at its place', () => {
  const { problems } = play('- command: a\n  loop: [1]\n  loop_control: {index: x, pause: abc}');
  expect(problems.errors.map(({ message }) => message)).toEqual([
    '`index` is not known in `loop_control`',
    '`pause` must be a number, not `abc`',
  ]);
});

test('meta and ids', () => {
  const { playbooks } = play(
    '- meta: end_host\n  when: "true"\n- block: [{command: a}, {command: b}]\n- command: c',
  );
  const [meta, block, last] = playbooks[0]!.plays[0]!.tasks;
  expect(meta).toMatchObject({ kind: 'meta', action: 'end_host', id: '0.1' });
  expect(block).toMatchObject({ id: '0.2', tasks: [{ id: '0.3' }, { id: '0.4' }] });
  expect(last!.id).toBe('0.5');
});
