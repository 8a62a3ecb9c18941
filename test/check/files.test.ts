import { describe, expect, test } from 'vitest';
import { findings, tasks } from './kit.ts';

const short = (lines: readonly string[]) => lines.map((line) => line.split(' | ').slice(0, 4).join(' | '));

describe('files', () => {
  test('a template, a source and a file of variables that are not there', async () => {
    const text = `
    - template: { src: no.hbs, dest: /etc/a }
    - copy: { src: "{{ name }}", dest: /etc/b }
    - include_vars: "{{ name }}.yml"
    - script: no.sh
`;
    expect(short(await findings(tasks(text, 'vars: { name: nothing }\n  gather_facts: false')))).toEqual([
      'site.yml:5:24 | error | file.missing | `no.hbs` cannot be found',
      'site.yml:6:20 | error | file.missing | `nothing` cannot be found',
      'site.yml:7:21 | error | file.missing | `nothing.yml` cannot be found',
      'site.yml:8:15 | error | file.missing | `no.sh` cannot be found',
    ]);
  });

  test('a template that cannot be read', async () => {
    const found = await findings({
      'site.yml': tasks('    - template: { src: a.hbs, dest: /etc/a }\n'),
      'templates/a.hbs': 'x\n{{ inventory_hostname | upper }}\n',
    });
    expect(found).toEqual([
      'templates/a.hbs:2:1 | error | template.jinja | {{ inventory_hostname | upper }} is Jinja2 | Write `{{ upper inventory_hostname }}`.',
    ]);
  });

  test('a file with two owners', async () => {
    const text = `
    - copy: { content: a, dest: /etc/x }
    - copy: { content: b, dest: /etc/x }
    - copy: { content: b, dest: /etc/y }
    - copy: { content: b, dest: /etc/y }
`;
    expect(await findings(tasks(text))).toEqual([
      'site.yml:5:7 | warning | playbook.two-owners | `/etc/x` is written by two tasks with different contents | ' +
        'The other one is at site.yml:4:7: each run changes the file twice. Let one of them write it.',
    ]);
  });

  test('a file with two owners on one of the hosts', async () => {
    const found = await findings({
      'site.yml': tasks(`
    - copy: { content: a, dest: "/etc/{{ name }}" }
    - template: { src: a.hbs, dest: /etc/b }
`),
      'templates/a.hbs': 'of {{ name }}\n',
      hosts: 'h1 name=a\nh2 name=b\nh3 name=c\n',
    });
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(/^site\.yml:5:7 \| warning \| playbook\.two-owners .* on 1 of 3 hosts: h2$/);
  });

  test('no word of owners of which only one may run', async () => {
    const text = `
    - copy: { content: a, dest: /etc/x }
      when: ansible_os_family == 'Debian'
    - copy: { content: b, dest: /etc/x }
      when: ansible_os_family != 'Debian'
`;
    expect(await findings(tasks(text, 'gather_facts: true'))).toEqual([]);
  });
});

describe('names', () => {
  test('a host that the inventory does not have', async () => {
    expect(await findings(tasks('    - command: uname\n      delegate_to: h22\n'))).toEqual([
      'site.yml:5:20 | warning | playbook.unknown-host | `delegate_to` names `h22`, which is no host of the inventory | Did you mean `h2`?',
    ]);
    expect(await findings(tasks('    - command: uname\n      delegate_to: localhost\n'))).toEqual([]);
  });

  test('a handler that nothing notifies, and one that is not there for a host', async () => {
    const text = `${tasks(`
    - command: uname
      notify: "Restart {{ which }}"
`)}  handlers:
    - { name: Restart a, command: uname }
`;
    const found = await findings({ 'site.yml': text, hosts: 'h1 which=a\nh2 which=b\n' });
    expect(found).toEqual([
      'site.yml:5:15 | error | playbook.unknown-handler | there is no handler `Restart b` | Did you mean `Restart a`? | on 1 of 2 hosts: h2',
    ]);
    const unused = `${tasks('    - command: uname\n')}  handlers:\n    - { name: Restart, command: uname }\n`;
    expect(await findings(unused)).toEqual([
      'site.yml:6:15 | warning | playbook.unused-handler | nothing notifies the handler `Restart` | Add `notify: Restart` to the task that it is for, or remove it.',
    ]);
  });

  test('a pattern and a tag that select nothing', async () => {
    const text = '- hosts: webb\n  tasks: [{ command: uname, tags: one }]\n';
    const found = await findings({ 'site.yml': text, hosts: '[web]\nh1\n' }, { tags: ['onne'] });
    expect(found).toEqual([
      'site.yml:1:10 | warning | inventory.pattern | `webb` is no host or group of the inventory | Did you mean `web`?',
      '- | warning | plan.no-match | no task has the tag `onne` | Did you mean `one`?',
    ]);
  });
});

describe('spellings of Ansible', () => {
  test.each([
    ['- file: { path: /x, mode: 0644 }', 'schema.invalid-value', "Put it in quotes: '0644'."],
    ['- debug: { msg: {{ x }} }', 'yaml.unquoted-template', 'Write "{{ x }}'],
    ['- debug: { msg: "{{ x | default(1) }}" }', 'template.jinja', '{{ default x 1 }}'],
    ['- debug: { msg: hi }\n      when: "{{ x }}"', 'condition.syntax', 'x'],
  ])('%s', async (text, code, hint) => {
    const found = await findings(tasks(`    ${text}\n`));
    expect(found[0]).toContain(`| error | ${code} |`);
    expect(found[0]).toContain(hint);
  });

  test('YAML 1.1 booleans mean what they meant', async () => {
    const text =
      '    - apt: { name: curl, update_cache: yes }\n      become: yes\n      ignore_errors: off\n';
    expect(await findings(tasks(text, 'gather_facts: no'))).toEqual([]);
  });
});
