import type { FindingCode, FindingDocs } from './types.ts';

type Of = Extract<
  FindingCode,
  `inventory.${string}` | `playbook.${string}` | 'plan.no-match' | 'task.invalid'
>;

const PLAY = '- hosts: all\n  tasks:\n';

/** Inventories, and what playbooks refer to. */
export const ofPlaybooks: FindingDocs<Of> = {
  'inventory.pattern': {
    why: 'A pattern names hosts, groups, wildcards (`n*`), ranges (`web[0:2]`) and patterns (`~n\\d+`), joined by `:`, `:&` and `:!`.',
    broken: { 'site.yml': "- hosts: 'h[1'\n  tasks:\n    - ping:\n" },
    mended: { 'site.yml': "- hosts: 'h1'\n  tasks:\n    - ping:\n" },
  },
  'inventory.no-hosts': {
    why: 'A play for nobody does nothing, which may be meant: so it is a warning.',
    broken: { 'site.yml': '- hosts: all:!h*\n  tasks:\n    - ping:\n' },
    mended: { 'site.yml': '- hosts: all:!h2\n  tasks:\n    - ping:\n' },
  },
  'inventory.cycle': {
    why: 'Variables go from parents to children, so there must be a top.',
    broken: { hosts: '[a:children]\nb\n[b:children]\na\n' },
    mended: { hosts: '[a:children]\nb\n[b]\nh1\n' },
  },
  'inventory.script': {
    why: 'An executable inventory prints the JSON of `ansible-inventory --list`, and exits with 0.',
    broken: { hosts: '#!/bin/sh\necho h1\n' },
    mended: { hosts: '#!/bin/sh\necho \'{"all": {"hosts": ["h1"]}}\'\n' },
  },
  'playbook.unknown-module': {
    why: '`slipway doc` lists all modules; `command` and `shell` do what none of them does.',
    broken: '- comand: uname\n',
    mended: '- command: uname\n',
  },
  'playbook.no-module': {
    why: 'A task does one thing. Several that belong together stand in a `block`.',
    broken: '- name: Let packets be forwarded\n  become: true\n',
    mended:
      "- name: Let packets be forwarded\n  become: true\n  sysctl: { name: net.ipv4.ip_forward, value: '1' }\n",
  },
  'playbook.unknown-role': {
    why: 'Roles are folders in `roles`, beside the playbook or in the current folder.',
    broken: {
      'site.yml': '- hosts: all\n  roles: [wbe]\n',
      'roles/web/tasks/main.yml': '- ping:\n',
    },
    mended: {
      'site.yml': '- hosts: all\n  roles: [web]\n',
      'roles/web/tasks/main.yml': '- ping:\n',
    },
  },
  'playbook.unknown-handler': {
    why: 'A handler is found by its `name` or what it `listen`s to, letter by letter.',
    broken: {
      'site.yml': `${PLAY}    - copy: { content: a, dest: /etc/a }\n      notify: [restart, Restart it]\n  handlers:\n    - name: restart\n      command: uname\n`,
    },
    mended: {
      'site.yml': `${PLAY}    - copy: { content: a, dest: /etc/a }\n      notify: [restart]\n  handlers:\n    - name: restart\n      command: uname\n`,
    },
  },
  'playbook.unused-handler': {
    why: 'Most likely a `notify` is missing.',
    broken: {
      'site.yml': `${PLAY}    - copy: { content: a, dest: /etc/a }\n  handlers:\n    - name: restart\n      command: uname\n`,
    },
    mended: {
      'site.yml': `${PLAY}    - copy: { content: a, dest: /etc/a }\n      notify: restart\n  handlers:\n    - name: restart\n      command: uname\n`,
    },
  },
  'playbook.unknown-host': {
    why: '`delegate_to` needs a host of the inventory, or `localhost`; others have no way to be reached.',
    broken: '- command: uname\n  delegate_to: h9\n',
    mended: '- command: uname\n  delegate_to: h1\n',
  },
  'playbook.two-owners': {
    why: 'Also a `lineinfile` after a `copy` of the whole file: nothing is ever settled, and services restart on each run.',
    broken: '- copy: { content: "a\\n", dest: /etc/motd }\n- lineinfile: { path: /etc/motd, line: b }\n',
    mended: '- copy: { content: "a\\nb\\n", dest: /etc/motd }\n',
  },
  'playbook.unknown-play': {
    why: '`needs` names plays before this one that it waits for.',
    broken: {
      'site.yml':
        '- name: Prepare\n  hosts: all\n  tasks:\n    - ping:\n- name: Join\n  needs: Prepair\n  hosts: all\n  tasks:\n    - ping:\n',
    },
    mended: {
      'site.yml':
        '- name: Prepare\n  hosts: all\n  tasks:\n    - ping:\n- name: Join\n  needs: Prepare\n  hosts: all\n  tasks:\n    - ping:\n',
    },
  },
  'playbook.cycle': {
    why: 'An import is read before the run, so it would never end.',
    broken: { 'site.yml': `${PLAY}    - import_tasks: a.yml\n`, 'a.yml': '- import_tasks: a.yml\n' },
    mended: { 'site.yml': `${PLAY}    - import_tasks: a.yml\n`, 'a.yml': '- ping:\n' },
  },
  'playbook.not-supported': {
    why: 'docs/differences-from-ansible.md has them all.',
    broken: "- command: uname\n  run_once: '{{ once }}'\n",
    mended: '- command: uname\n  run_once: true\n',
  },
  'plan.no-match': {
    why: 'A run that does nothing since a tag was spelled wrong looks like a good one.',
    broken: '- command: uname\n  tags: [install]\n',
    mended: '- command: uname\n  tags: [install]\n',
    tags: { broken: 'instal', mended: 'install' },
  },
  'task.invalid': {
    why: 'Arguments are checked with the values of each host; what is not known before the run, by its type. The message says where the value comes from.',
    broken: {
      'site.yml': `${PLAY}    - wait_for: { port: '{{ port }}' }\n`,
      hosts: 'h1 port=80\nh2 port=eighty\n',
    },
    mended: {
      'site.yml': `${PLAY}    - wait_for: { port: '{{ port }}' }\n`,
      hosts: 'h1 port=80\nh2 port=8080\n',
    },
  },
};
