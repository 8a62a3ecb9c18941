import { describe, expect, it } from 'vitest';
import { Problems } from '../../src/base/errors.ts';
import { neededFacts } from '../../src/check/facts.ts';
import { createLocal } from '../../src/cli/local.ts';
import { loadInventory } from '../../src/inventory/load.ts';
import { FACTS, gatherSubsetFor } from '../../src/modules/facts/schema.ts';
import { modules } from '../../src/modules/index.generated.ts';
import { buildPlan } from '../../src/plan/plan.ts';
import { loadPlaybooks } from '../../src/playbook/load.ts';
import { folderOf } from '../kit/folder.ts';

const nothing = { get: () => undefined, has: () => false, names: () => [] };

/** The facts that these files may read. */
async function needed(
  given: string | Readonly<Record<string, string>>,
  extraVars: Readonly<Record<string, unknown>> = {},
): Promise<readonly string[] | 'all'> {
  const files = typeof given === 'string' ? { 'site.yml': given } : given;
  const cwd = folderOf({ 'hosts.yml': 'all: { hosts: { h1: {}, h2: {} } }', ...files });
  const problems = new Problems();
  const inventory = await loadInventory(['hosts.yml'], problems, { cwd, playbookDirs: [cwd] });
  const playbooks = loadPlaybooks(['site.yml'], { modules, problems, cwd, extraVars });
  const options = { check: false, diff: false, tags: [], skipTags: [], extraVars };
  const plan = buildPlan(playbooks, inventory, options, problems);
  problems.throwIfAny();
  const found = await neededFacts({
    plan,
    modules,
    local: (task, planned) => createLocal(task, nothing, planned),
  });
  return found === 'all' ? 'all' : [...found].sort();
}

const play = (tasks: string, more = '') =>
  `- hosts: all\n${more}  tasks:\n${tasks.replace(/^(?=.)/gm, '    ')}\n`;
const shown = (text: string) => play(`- debug: { msg: '${text.replaceAll("'", "''")}' }`);

describe('a text that names a fact', () => {
  it.each<[string, string, readonly string[] | 'all']>([
    ['nothing', 'hello {{ inventory_hostname }}', []],
    ['how the host is reached', '{{ ansible_host }} {{ ansible_user }} {{ansible_become_password}}', []],
    ['the run', '{{ ansible_check_mode }} {{ ansible_play_hosts }} {{ ansible_role_name }}', []],
    ['its name', '{{ ansible_hostname }}', ['hostname']],
    ['a field of it', '{{ ansible_default_ipv4.address }}', ['default_ipv4']],
    ['of the mapping', '{{ ansible_facts.distribution }}', ['distribution']],
    ['of the mapping, in brackets', `{{ ansible_facts['os_family'] }}`, ['os_family']],
    ['of the mapping, in double quotes', '{{ ansible_facts["os_family"] }}', ['os_family']],
    ['as an argument of a helper', '{{ upper (default ansible_machine "x") }}', ['machine']],
    ['in a block', '{{#if ansible_fips}}{{ansible_kernel}}{{/if}}', ['fips', 'kernel']],
    ['in a block of each', '{{#each groups.all}}{{@root.ansible_kernel}}{{/each}}', ['kernel']],
    ['of another host', '{{ hostvars.h1.ansible_kernel }}', ['kernel']],
    ['of any other host', `{{ hostvars[groups['all'][0]].ansible_kernel }}`, ['kernel']],
    ['of the mapping of another', `{{ hostvars['h1'].ansible_facts.kernel }}`, ['kernel']],
    ['of the mapping of another, in brackets', `{{ hostvars['h1']['ansible_facts']['kernel'] }}`, ['kernel']],
    ['another variable of another host', '{{ hostvars.h1.inventory_hostname }}', []],
    ['all of another host', '{{ json hostvars.h1 }}', 'all'],
    ['a computed one of another host', '{{ hostvars.h1[item] }}', 'all'],
    ['a looked up one', '{{ lookup hostvars.h1 "ansible_kernel" }}', 'all'],
    ['hosts that are looked up', '{{ lookup (lookup hostvars "h1") item }}', 'all'],
    ['the variables as a whole', '{{#each groups.all}}{{ lookup @root item }}{{/each}}', 'all'],
    ['the mapping as a whole', '{{ json ansible_facts }}', 'all'],
    ['the mapping in a block', '{{#with ansible_facts}}{{kernel}}{{/with}}', 'all'],
    ['a computed one of the mapping', '{{ ansible_facts[item] }}', 'all'],
    ['a looked up one of the mapping', '{{ lookup ansible_facts "kernel" }}', 'all'],
    ['a name that is put together', '{{ lookup vars (concat "ansible_" item) }}', 'all'],
  ])('%s: %s', async (_, text, expected) => {
    expect(await needed(shown(text))).toEqual(expected);
  });

  it.each<[string, readonly string[] | 'all']>([
    ["ansible_os_family == 'Debian'", ['os_family']],
    ["has(ansible_facts.selinux) && ansible_facts.?selinux.?status.orValue('') == ''", ['selinux']],
    ["ansible_facts[?'selinux'].hasValue()", ['selinux']],
    ['ansible_facts.size() > 0', 'all'],
    ["ansible_facts.exists(k, k == 'kernel')", 'all'],
    ["'kernel' in ansible_facts", 'all'],
    ['groups.all.all(h, hostvars[h].ansible_processor_vcpus > 1)', ['processor_vcpus']],
    ["groups.all.map(h, hostvars[h]).exists(v, v.ansible_kernel == 'x')", 'all'],
    ['ansible_mounts.exists(m, m.mount == "/")', ['mounts']],
  ])('in a condition: %s', async (condition, expected) => {
    const text = `when: ${JSON.stringify(condition)}`;
    expect(await needed(play(`- command: "true"\n  ${text}`))).toEqual(expected);
    expect(await needed(play(`- assert: { that: [${JSON.stringify(condition)}] }`))).toEqual(expected);
  });
});

describe('where a reference may hide', () => {
  const kernel = '{{ ansible_kernel }}';
  it.each<[string, Readonly<Record<string, string>>]>([
    [
      'variables of a play',
      { 'site.yml': play('- debug: { msg: "{{ a }}" }', `  vars: { a: "${kernel}" }\n`) },
    ],
    ['variables of a task', { 'site.yml': play(`- debug: {}\n  vars: { a: { b: ["${kernel}"] } }`) }],
    ['an item of a loop', { 'site.yml': play(`- debug: { msg: x }\n  loop: ["${kernel}"]`) }],
    ['the name of a variable', { 'site.yml': play('- debug: { var: ansible_kernel }') }],
    ['an environment', { 'site.yml': play('- ping: {}', `  environment: { K: "${kernel}" }\n`) }],
    ['where it is delegated to', { 'site.yml': play(`- ping: {}\n  delegate_to: "${kernel}"`) }],
    ['who to become', { 'site.yml': play(`- ping: {}\n  become_user: "${kernel}"`) }],
    ['a set fact', { 'site.yml': play(`- set_fact: { a: "${kernel}" }`) }],
    ['a rescue', { 'site.yml': play(`- block: [ping: {}]\n  rescue: [{ debug: { msg: "${kernel}" } }]`) }],
    [
      'a handler',
      { 'site.yml': `- hosts: all\n  handlers:\n    - name: h\n      debug: { msg: "${kernel}" }\n` },
    ],
    [
      'a later play that gathers nothing',
      {
        'site.yml': `${play('- ping: {}')}- hosts: h1\n  gather_facts: false\n  tasks: [{ debug: { msg: "${kernel}" } }]\n`,
      },
    ],
    [
      'included tasks',
      { 'site.yml': play('- include_tasks: a.yml'), 'a.yml': `- debug: { msg: "${kernel}" }` },
    ],
    [
      'variables of an include',
      {
        'site.yml': play(`- include_tasks: a.yml\n  vars: { a: "${kernel}" }`),
        'a.yml': '- debug: { msg: "{{ a }}" }',
      },
    ],
    [
      'included tasks of included tasks',
      {
        'site.yml': play('- include_tasks: a.yml'),
        'a.yml': '- include_tasks: b.yml',
        'b.yml': `- debug: { msg: x }\n  when: ansible_kernel == 'x'`,
      },
    ],
    [
      'defaults of an included role',
      {
        'site.yml': play('- include_role: { name: r }'),
        'roles/r/defaults/main.yml': `a: "${kernel}"`,
        'roles/r/tasks/main.yml': '- debug: { msg: "{{ a }}" }',
      },
    ],
    [
      'variables of a role',
      {
        'site.yml': '- hosts: all\n  roles: [r]\n',
        'roles/r/vars/main.yml': `a: "${kernel}"`,
        'roles/r/tasks/main.yml': '- debug: { msg: "{{ a }}" }',
      },
    ],
    [
      'a handler of an included role',
      {
        'site.yml': play('- include_role: { name: r }'),
        'roles/r/handlers/main.yml': `- name: h\n  debug: { msg: "${kernel}" }`,
        'roles/r/tasks/main.yml': '- command: "true"\n  notify: h',
      },
    ],
    [
      'a file of variables',
      { 'site.yml': play('- ping: {}', '  vars_files: [v.yml]\n'), 'v.yml': `a: "${kernel}"` },
    ],
    ['included variables', { 'site.yml': play('- include_vars: v.yml'), 'v.yml': `a: "${kernel}"` }],
    ['variables of a group', { 'site.yml': play('- ping: {}'), 'group_vars/all.yml': `a: "${kernel}"` }],
    ['variables of a host', { 'site.yml': play('- ping: {}'), 'host_vars/h2.yml': `a: "${kernel}"` }],
    [
      'a template file',
      { 'site.yml': play('- template: { src: a.hbs, dest: /a }'), 'templates/a.hbs': kernel },
    ],
    [
      'a template file of a role',
      {
        'site.yml': '- hosts: all\n  roles: [r]\n',
        'roles/r/templates/a.hbs': kernel,
        'roles/r/tasks/main.yml': '- template: { src: a.hbs, dest: /a }',
      },
    ],
    [
      'a manifest that is a template',
      { 'site.yml': play('- kubectl: { template: a.hbs }'), 'templates/a.hbs': kernel },
    ],
    [
      'the inventory',
      { 'site.yml': play('- ping: {}'), 'hosts.yml': `all: { hosts: { h1: { a: "${kernel}" } } }` },
    ],
  ])('%s', async (_, files) => {
    expect(await needed(files)).toEqual(['kernel']);
  });

  it('variables of the command line', async () => {
    expect(await needed(play('- ping: {}'), { a: { b: kernel } })).toEqual(['kernel']);
  });

  it.each<[string, Readonly<Record<string, string>>]>([
    ['included tasks', { 'site.yml': play('- include_tasks: "{{ inventory_hostname }}.yml"') }],
    [
      'a file of variables',
      { 'site.yml': play('- ping: {}', '  vars_files: ["{{ inventory_hostname }}.yml"]\n') },
    ],
    ['a template', { 'site.yml': play('- template: { src: "{{ item }}", dest: /a }\n  loop: [a]') }],
    ['a template that is not there', { 'site.yml': play('- template: { src: a, dest: /a }') }],
    [
      'a template of included tasks',
      { 'site.yml': play('- include_tasks: a.yml'), 'a.yml': '- template: { src: "{{ a }}", dest: /a }' },
    ],
  ])('%s of a name that is not known: all', async (_, files) => {
    expect(await needed(files)).toBe('all');
  });
});

describe('gather_subset for facts', () => {
  it.each<[readonly string[], readonly string[]]>([
    [[], ['!all', '!min']],
    [
      ['kernel', 'hostname'],
      ['!all', 'min'],
    ],
    [['memtotal_mb'], ['!all', '!min', 'hardware']],
    [
      ['eth0', 'wlp_s'],
      ['!all', '!min', 'network'],
    ],
    [['ssh_host_key_rsa_public'], ['!all', 'min']],
    [
      ['local', 'virtualization_type', 'container_runtimes'],
      ['!all', '!min', 'local', 'virtual', 'containers'],
    ],
    [['gather_subset'], ['all']],
  ])('%j: %j', (facts, expected) => {
    expect(gatherSubsetFor(facts)).toEqual(expected);
  });

  it('names every fact that setup declares', () => {
    for (const name of Object.keys(FACTS.properties)) expect(gatherSubsetFor([name])).toBeInstanceOf(Array);
  });
});
