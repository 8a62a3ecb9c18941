import type { FindingCode, FindingDocs } from './types.ts';

type Of = Extract<FindingCode, `file.${string}` | `yaml.${string}` | `ini.${string}` | `schema.${string}`>;

/** Files that cannot be read, or hold what they must not. */
export const ofFiles: FindingDocs<Of> = {
  'file.missing': {
    why: 'Templates are looked for in `templates`, files in `files`, first of the role and then beside the playbook; the message lists the places.',
    broken: { 'site.yml': '- import_playbook: prepare.yml\n' },
    mended: {
      'site.yml': '- import_playbook: prepare.yml\n',
      'prepare.yml': '- hosts: all\n  tasks:\n    - ping:\n',
    },
  },
  'yaml.syntax': {
    why: 'Mostly an indentation, a bracket or a quote that is not closed, or a `: ` inside of a text without quotes.',
    broken: '- debug: { msg: hello\n',
    mended: '- debug: { msg: hello }\n',
  },
  'yaml.duplicate-key': {
    why: 'Other readers of YAML keep the last one without a word, so that the first is never done.',
    broken: "- command: uname\n  when: inventory_hostname == 'h1'\n  when: true\n",
    mended: "- command: uname\n  when:\n    - inventory_hostname == 'h1'\n    - true\n",
  },
  'yaml.unquoted-template': {
    why: 'YAML takes `{` at the start of a value for a mapping.',
    broken: '- debug:\n    msg: {{ inventory_hostname }}\n',
    mended: "- debug:\n    msg: '{{ inventory_hostname }}'\n",
  },
  'yaml.unknown-tag': {
    why: 'Ansible-vault has no place here: keep secrets in a file of their own and give it with `-e @file`.',
    broken: '- debug: { msg: !secret abc }\n',
    mended: '- debug: { msg: abc }\n',
  },
  'ini.syntax': {
    why: 'A host line holds a name and `key=value` words; a section begins with `[name]`, `[name:vars]` or `[name:children]`.',
    broken: { hosts: 'h1 motd="hello\n' },
    mended: { hosts: 'h1 motd="hello"\n' },
  },
  'schema.unknown-key': {
    why: 'A key that nothing reads would be a wish that is never heard, so it is an error; the message names the nearest one.',
    broken: '- command: uname\n  regster: kernel\n',
    mended: '- command: uname\n  register: kernel\n',
  },
  'schema.missing-key': {
    why: '`slipway doc MODULE` lists what a module needs.',
    broken: '- template: { src: a.hbs }\n',
    mended: {
      'site.yml': '- hosts: all\n  tasks:\n    - template: { src: a.hbs, dest: /etc/a }\n',
      'templates/a.hbs': 'a\n',
    },
  },
  'schema.wrong-type': {
    why: 'Texts that hold a number or `yes` are converted as in Ansible; a map is never a text.',
    broken: '- wait_for: { port: ssh }\n',
    mended: '- wait_for: { port: 22 }\n',
  },
  'schema.invalid-value': {
    why: 'Among these: a file mode without quotes, which YAML reads as a number that has lost its leading zero.',
    broken: '- file: { path: /srv/data, state: directory, mode: 0755 }\n',
    mended: "- file: { path: /srv/data, state: directory, mode: '0755' }\n",
  },
};
