import { describe, expect, test } from 'vitest';
import { findings, tasks } from './kit.ts';

const NOWHERE = 'Define it in the inventory, in `vars`, or with `-e`.';

test('texts of a list that only a host tells have no fields that could be meant', async () => {
  const text = `
    - command: ls
      register: it
    - debug: { msg: "{{#each (split it.stdout) as |word|}}{{word}}{{wrod}}{{/each}}" }
`;
  expect(await findings(tasks(text))).toEqual([expect.stringContaining('`wrod` is not defined')]);
});

describe('a variable that is not defined', () => {
  test('in an argument, with the name that was meant', async () => {
    expect(await findings(tasks('    - debug: { msg: "{{ inventory_hostnam }}" }\n'))).toEqual([
      'site.yml:4:25 | error | template.undefined | `inventory_hostnam` is not defined | Did you mean `inventory_hostname`?',
    ]);
  });

  test('in conditions of every kind', async () => {
    const text = `
    - command: uname
      when: a1 == 1
    - command: uname
      changed_when: a2 == 1
    - command: uname
      failed_when: a3 == 1
    - command: uname
      until: a4 == 1
    - assert: { that: a5 == 1 }
`;
    expect(await findings(tasks(text))).toEqual(
      [
        [5, 13, 'a1'],
        [7, 21, 'a2'],
        [9, 20, 'a3'],
        [11, 14, 'a4'],
        [12, 23, 'a5'],
      ].map(
        ([line, column, name]) =>
          `site.yml:${line}:${column} | error | condition.undefined | \`${name}\` is not defined | ${NOWHERE}`,
      ),
    );
  });

  test('in keywords', async () => {
    const text = `
    - command: uname
      become: true
      become_user: "{{ b1 }}"
      environment: { A: "{{ b2 }}" }
      delegate_to: "{{ b3 }}"
      timeout: "{{ b4 }}"
      loop: "{{ b5 }}"
`;
    const found = await findings(tasks(text));
    expect(found.map((line) => line.split(' | ').slice(0, 4).join(' | '))).toEqual([
      'site.yml:6:24 | error | template.undefined | `b1` is not defined',
      'site.yml:7:29 | error | template.undefined | `b2` is not defined',
      'site.yml:8:24 | error | template.undefined | `b3` is not defined',
      'site.yml:9:20 | error | template.undefined | `b4` is not defined',
      'site.yml:10:17 | error | template.undefined | `b5` is not defined',
    ]);
  });

  test('in a variable that is made of others, at the place of the fault', async () => {
    const vars = 'gather_facts: false\n  vars: { a: "{{ b }}", b: "x{{ c }}" }';
    expect(await findings(tasks('    - debug: { msg: "{{ a }}" }\n', vars))).toEqual([
      `site.yml:3:33 | error | template.undefined | \`c\` is not defined | ${NOWHERE}`,
    ]);
  });

  test('in blocks of a template file, in what it names, and in the file as a whole', async () => {
    const found = await findings({
      'site.yml': tasks('    - template: { src: a.hbs, dest: /etc/a }\n', 'vars: { list: [x] }'),
      'templates/a.hbs':
        '{{#each list}}{{this}} {{one}}{{/each}}\n{{#if ansible_hostname}}{{two}}{{/if}}\n{{upper three}}\n',
    });
    expect(found.map((line) => line.split(' | ').slice(0, 4).join(' | '))).toEqual([
      'templates/a.hbs:1:26 | error | template.undefined | `one` is not defined',
      'templates/a.hbs:2:27 | error | template.undefined | `two` is not defined',
      'templates/a.hbs:3:9 | error | template.undefined | `three` is not defined',
    ]);
  });

  test('in included tasks, roles and handlers', async () => {
    const found = await findings({
      'site.yml': `- hosts: all
  gather_facts: false
  roles: [r]
  tasks:
    - include_tasks: more.yml
    - command: uname
      notify: Restart
  handlers:
    - name: Restart
      debug: { msg: "{{ in_handler }}" }
`,
      'more.yml': '- debug: { msg: "{{ in_include }}" }\n',
      'roles/r/tasks/main.yml': '- debug: { msg: "{{ in_role }}" }\n',
    });
    expect(found.map((line) => line.split(' | ').slice(0, 4).join(' | '))).toEqual([
      'more.yml:1:21 | error | template.undefined | `in_include` is not defined',
      'roles/r/tasks/main.yml:1:21 | error | template.undefined | `in_role` is not defined',
      'site.yml:10:25 | error | template.undefined | `in_handler` is not defined',
    ]);
  });

  test('on some hosts', async () => {
    const found = await findings({
      'site.yml': tasks('    - debug: { msg: "{{ rack }}" }\n'),
      hosts: 'h1\nh2 rack=1\nh3\nh4 rack=2\n',
    });
    expect(found).toEqual([
      `site.yml:4:25 | error | template.undefined | \`rack\` is not defined | ${NOWHERE} | on 2 of 4 hosts, first h1`,
    ]);
  });

  test('behind a condition that is not known: an error only if nobody defines it', async () => {
    const found = await findings({
      'site.yml': tasks(
        `    - debug: { msg: "{{ rack }} {{ nobody }}" }\n      when: ansible_os_family == 'Debian'\n`,
        'gather_facts: true',
      ),
      hosts: 'h1\nh2 rack=1\n',
    });
    expect(found).toEqual([
      `site.yml:4:36 | error | template.undefined | \`nobody\` is not defined | ${NOWHERE}`,
      `site.yml:4:25 | warning | template.undefined | \`rack\` is not defined | ${NOWHERE} | on 1 of 2 hosts: h1`,
    ]);
  });

  test('a loop variable outside of its loop, and a register before its task', async () => {
    const text = `
    - debug: { msg: "{{ item }}" }
    - debug: { msg: "{{ later.rc }}" }
    - command: uname
      register: later
`;
    expect(await findings(tasks(text))).toEqual([
      'site.yml:4:25 | error | template.undefined | `item` is not defined | `item` is only there in a task that has a `loop`.',
      'site.yml:5:25 | error | template.undefined | `later` is not defined | It is set by the task at site.yml:6:7, which is not before this one.',
    ]);
  });

  test('facts that were not gathered, and facts that do not exist', async () => {
    expect(await findings(tasks('    - debug: { msg: "{{ ansible_hostname }}" }\n'))).toEqual([
      'site.yml:4:25 | error | template.undefined | `ansible_hostname` is not defined | The facts of these hosts have not been gathered: leave out `gather_facts: false`, or run `setup` before.',
    ]);
    const text = `
    - debug: { msg: "{{ ansible_memtotal_mbb }}" }
    - debug: { msg: "{{ ansible_facts.distributon }}" }
    - debug: { msg: "{{ ansible_default_ipv4.adress }}" }
`;
    expect(await findings(tasks(text, 'gather_facts: true'))).toEqual([
      'site.yml:4:25 | error | template.undefined | `ansible_memtotal_mbb` is not defined | Did you mean `ansible_memtotal_mb`?',
      'site.yml:5:25 | error | template.undefined | there is no fact `distributon` | Did you mean `distribution`?',
      'site.yml:6:25 | error | template.undefined | `ansible_default_ipv4` has no `adress` | Did you mean `address`?',
    ]);
  });

  test('a circle of variables, at its first', async () => {
    const vars = 'gather_facts: false\n  vars: { a: "{{ b }}", b: "{{ a }}" }';
    const [first, ...others] = await findings(tasks('    - debug: { msg: "{{ a }}" }\n', vars));
    expect(first).toMatch(/^site\.yml:3:14 \| error \| variable\.cycle \| .*a -> b -> a/);
    expect(others).toEqual([]);
  });
});

describe('nothing is said', () => {
  test.each([
    ['of what is asked for before', '- debug: { msg: "{{ x }}" }\n      when: has(x)'],
    ['of a default', `- debug: { msg: "{{default x 'y'}}" }`],
    ['of a block that asks', '- debug: { msg: "{{#if x}}{{x}}{{/if}}" }\n    - set_fact: { x: 1 }'],
    ['of a condition that stops before', '- debug: { msg: hi }\n      when: has(x) && x == 1'],
    ['of the item of a loop', '- debug: { msg: "{{ item.a }}" }\n      loop: [{ a: 1 }]'],
    [
      'of a loop with a name of its own',
      '- debug: { msg: "{{ it }}" }\n      loop: [1]\n      loop_control: { loop_var: it }',
    ],
    ['of set_fact and what follows', '- set_fact: { x: 1 }\n    - debug: { msg: "{{ x }}" }'],
    ['of a task that is skipped for certain', '- debug: { msg: "{{ x }}" }\n      when: false'],
    [
      'of magic variables',
      '- debug: { msg: "{{ inventory_hostname }} {{ groups.all.[0] }} {{ playbook_dir }}" }',
    ],
    ['of variables of other hosts', '- debug: { msg: "{{ hostvars.h1.inventory_hostname }}" }'],
  ])('%s', async (_, text) => {
    const found = await findings(tasks(`    ${text}\n`));
    expect(found).toEqual([]);
  });

  test('after a file was included whose name is not known', async () => {
    const text = `
    - include_vars: "{{ ansible_os_family }}.yml"
    - debug: { msg: "{{ anything }}" }
`;
    expect(await findings(tasks(text, 'gather_facts: true'))).toEqual([]);
  });

  test('of facts of network interfaces', async () => {
    const text = '    - debug: { msg: "{{ ansible_eth0.ipv4.address }} {{ ansible_facts.enp1s0.mtu }}" }\n';
    expect(await findings(tasks(text, 'gather_facts: true'))).toEqual([]);
  });

  test('of answers to prompts', async () => {
    const play = 'gather_facts: false\n  vars_prompt: [{ name: who }]';
    expect(await findings(tasks('    - debug: { msg: "{{ who }}" }\n', play))).toEqual([]);
  });
});
