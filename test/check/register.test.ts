import { describe, expect, test } from 'vitest';
import { findings, tasks } from './kit.ts';

const short = (lines: readonly string[]) => lines.map((line) => line.split(' | ').slice(0, 4).join(' | '));

describe('a field that the module does not return', () => {
  test('with the field that was meant', async () => {
    const text = `
    - stat: { path: /etc }
      register: etc
    - debug: { msg: "{{ etc.stat.exist }}" }
    - debug: { msg: hi }
      when: etc.stat.isdirr
    - debug: { var: etc.stot }
`;
    expect(await findings(tasks(text))).toEqual([
      'site.yml:6:25 | error | template.undefined | `stat` returns no `exist` | Did you mean `exists`?',
      'site.yml:8:13 | error | condition.undefined | `stat` returns no `isdirr` | Did you mean `isdir`?',
      'site.yml:9:21 | error | template.undefined | `stat` returns no `stot` | Did you mean `stat`?',
    ]);
  });

  test('of a loop: its items are in `results`', async () => {
    const text = `
    - stat: { path: "/{{ item }}" }
      loop: [a]
      register: all
    - debug: { msg: "{{ all.stat.exists }}" }
    - debug: { msg: "{{ all.results[0].stat.exist }}" }
    - debug: { msg: "{{ item.stat.isdirr }} {{ item.item }}" }
      loop: "{{ all.results }}"
`;
    expect(short(await findings(tasks(text)))).toEqual([
      'site.yml:7:25 | error | template.undefined | `stat` in a loop returns no `stat`',
      'site.yml:8:25 | error | template.undefined | `stat` returns no `exist`',
      'site.yml:9:25 | error | template.undefined | `stat` returns no `isdirr`',
    ]);
  });

  test('in the conditions of the task itself', async () => {
    const text = `
    - command: uname
      register: it
      changed_when: it.stdot != ''
`;
    expect(short(await findings(tasks(text)))).toEqual([
      'site.yml:6:21 | error | condition.undefined | `command` returns no `stdot`',
    ]);
  });

  test('of a task that is skipped for certain', async () => {
    const text = `
    - command: uname
      register: it
      when: false
    - debug: { msg: "{{ it.stdout }}" }
`;
    expect(short(await findings(tasks(text)))).toEqual([
      'site.yml:7:25 | error | template.undefined | `it` has no `stdout`',
    ]);
  });
});

describe('a register of a task that may be skipped', () => {
  const ask = `
    - command: uname
      register: it
      when: ansible_os_family == 'Debian'
`;
  const withUse = (use: string) => findings(tasks(`${ask}${use}`, 'gather_facts: true'));

  test('is warned of where nothing guards its use', async () => {
    expect(await withUse('    - debug: { msg: "{{ it.stdout }}" }\n')).toEqual([
      'site.yml:7:25 | warning | variable.maybe-undefined | `it` has no `stdout` where its task is skipped | ' +
        "Add `when: ansible_os_family == 'Debian'`, or ask first: `has(it.stdout)`.",
    ]);
    expect(short(await withUse("    - command: uname\n      when: it.stdout != ''\n"))).toEqual([
      'site.yml:8:13 | warning | variable.maybe-undefined | `it` has no `stdout` where its task is skipped',
    ]);
  });

  test.each([
    ['has()', `    - debug: { msg: "{{ it.stdout }}" }\n      when: has(it.stdout)\n`],
    ['skipped', `    - debug: { msg: "{{ it.stdout }}" }\n      when: "!has(it.skipped)"\n`],
    ['changed', `    - debug: { msg: "{{ it.stdout }}" }\n      when: it.changed\n`],
    ['default', `    - debug: { msg: "{{default it.stdout ''}}" }\n`],
    ['#if', `    - debug: { msg: "{{#if it.stdout}}{{it.stdout}}{{/if}}" }\n`],
    ['&&', `    - debug: { msg: hi }\n      when: has(it.stdout) && it.stdout == 'x'\n`],
    [
      'the same condition',
      `    - debug: { msg: "{{ it.stdout }}" }\n      when: ansible_os_family == 'Debian'\n`,
    ],
    ['fields that are always there', `    - debug: { msg: "{{ it.changed }} {{ it.failed }}" }\n`],
  ])('is not where it is guarded by %s', async (_, use) => {
    expect(await withUse(use)).toEqual([]);
  });
});

describe('nothing is said', () => {
  test('of what a failed task leaves', async () => {
    const text = `
    - stat: { path: /etc }
      register: etc
      ignore_errors: true
    - debug: { msg: "{{ etc.stderr }}" }
      when: etc.failed
`;
    expect(await findings(tasks(text))).toEqual([]);
  });

  test('of a block that failed, in rescue', async () => {
    const text = `
    - block:
        - command: uname
          register: it
      rescue:
        - debug: { msg: "{{ ansible_failed_result.msg }} {{ ansible_failed_task.name }} {{ it.stdout }}" }
      always:
        - debug: { msg: "{{ it.stdout }}" }
`;
    expect(await findings(tasks(text))).toEqual([]);
  });

  test('of maps whose keys are not known', async () => {
    const text = `
    - setup:
      register: s
    - debug: { msg: "{{ s.ansible_facts.env.HOME }} {{ ansible_local.x.y }} {{ ansible_cmdline.quiet }}" }
`;
    expect(await findings(tasks(text))).toEqual([]);
  });

  test('of what another host learned for this one', async () => {
    const text = `- hosts: h1
  gather_facts: false
  tasks:
    - setup:
      delegate_to: h2
      delegate_facts: true
- hosts: h2
  gather_facts: false
  tasks:
    - debug: { msg: "{{ ansible_hostname }}" }
`;
    expect(await findings(text)).toEqual([]);
  });

  test('of registers of other hosts, and of other plays', async () => {
    const text = `- hosts: h1
  gather_facts: false
  tasks:
    - command: uname
      register: it
- hosts: h2
  gather_facts: false
  tasks:
    - debug: { msg: "{{ hostvars.h1.it.stdout }}" }
- hosts: h1
  gather_facts: false
  tasks:
    - debug: { msg: "{{ it.stdout }}" }
`;
    expect(await findings(text)).toEqual([]);
  });
});

test('a loop that is extended knows `ansible_loop`, also where its list is not known; others do not', async () => {
  const tasks = `- hosts: all
  gather_facts: false
  tasks:
    - command: "echo {{ n }} {{ ansible_loop.index }} {{ i }} {{ ansible_loop_var }}"
      loop: [a]
      loop_control: {extended: true, loop_var: n, index_var: i}
      when: ansible_loop.first
      register: known
    - debug: { msg: "{{ known.results[0].n }}" }
    - debug: { msg: "{{ ansible_loop.length }}" }
      loop: "{{ known.results }}"
      loop_control: {extended: true}
    - debug: { msg: "{{ ansible_loop.length }}" }
      loop: [a]
`;
  const found = await findings(tasks);
  expect(found).toHaveLength(1);
  expect(found[0]).toMatch(
    /^site\.yml:13:25 \| error \| template\.undefined \| `ansible_loop` is not defined/,
  );
});
