import type { FindingCode, FindingDocs } from './types.ts';

type Of = Extract<FindingCode, `template.${string}` | `condition.${string}` | `variable.${string}`>;

const KERNEL = '- command: uname\n  register: kernel\n';

/** Templates, conditions and the variables that they use. */
export const ofExpressions: FindingDocs<Of> = {
  'template.syntax': {
    why: 'A literal `{{` is written `\\{{`; a value that is meant for another program as it is can be tagged `!unsafe`.',
    broken: "- debug: { msg: 'on {{ inventory_hostname' }\n",
    mended: "- debug: { msg: 'on {{ inventory_hostname }}' }\n",
  },
  'template.jinja': {
    why: 'Templates are Handlebars: filters are helpers, `{% if %}` is `{{#if}}`.',
    broken: "- debug: { msg: '{{ inventory_hostname | upper }}' }\n",
    mended: "- debug: { msg: '{{ upper inventory_hostname }}' }\n",
  },
  'template.unknown-helper': {
    why: '`slipway doc` lists all helpers.',
    broken: "- debug: { msg: '{{ uper inventory_hostname }}' }\n",
    mended: "- debug: { msg: '{{ upper inventory_hostname }}' }\n",
  },
  'template.undefined': {
    why: 'Registers and `set_fact` count from their task on, `item` inside of a loop. `{{#if x}}` and `default` cope with what a host may be without; a name that nothing defines for any host is spelled wrong even there.',
    broken: `${KERNEL}- debug: { msg: '{{ kernel.output }}' }\n`,
    mended: `${KERNEL}- debug: { msg: '{{ kernel.stdout }}' }\n`,
  },
  'template.render': {
    why: 'A helper got what it cannot work with, or a list or map stands where there must be text.',
    broken: `${KERNEL}- copy: { content: 'kernel: {{ kernel.stdout_lines }}', dest: /etc/kernel }\n`,
    mended: `${KERNEL}- copy: { content: "kernel: {{ join kernel.stdout_lines ',' }}", dest: /etc/kernel }\n`,
  },
  'condition.syntax': {
    why: "Conditions are CEL, and Ansible's plain forms (`is defined`, `not`, `and`, `or`, `in`) are understood; they stand without `{{ }}`.",
    broken: `${KERNEL}- command: reboot\n  when: '{{ kernel.stdout }} == "Linux"'\n`,
    mended: `${KERNEL}- command: reboot\n  when: kernel.stdout == "Linux"\n`,
  },
  'condition.type': {
    why: 'CEL compares and computes with values of one type: `int(x)` and `string(x)` convert.',
    broken: '- command: nproc\n  register: it\n- fail: { msg: too small }\n  when: it.stdout < 2\n',
    mended: '- command: nproc\n  register: it\n- fail: { msg: too small }\n  when: int(it.stdout) < 2\n',
  },
  'condition.undefined': {
    why: '`has(x)` and `x is defined` ask whether a variable is there.',
    broken: '- command: uname\n  when: with_kernel\n',
    mended: '- command: uname\n  when: has(with_kernel) && with_kernel\n',
  },
  'condition.evaluate': {
    why: 'The types are right, but this value cannot be computed: a division by zero, a pattern that is none.',
    broken: {
      'site.yml':
        '- hosts: all\n  vars: { count: 0 }\n  tasks:\n    - command: uname\n      when: 10 / count > 1\n',
    },
    mended: {
      'site.yml':
        '- hosts: all\n  vars: { count: 0 }\n  tasks:\n    - command: uname\n      when: count > 0 && 10 / count > 1\n',
    },
  },
  'variable.cycle': {
    why: 'A variable is worked out when it is used; one that needs itself has no value.',
    broken: {
      'site.yml':
        "- hosts: all\n  vars: { path: '{{ path }}:/opt/bin' }\n  tasks:\n    - debug: { msg: '{{ path }}' }\n",
    },
    mended: {
      'site.yml':
        "- hosts: all\n  vars: { base: /usr/bin, path: '{{ base }}:/opt/bin' }\n  tasks:\n    - debug: { msg: '{{ path }}' }\n",
    },
  },
  'variable.maybe-undefined': {
    why: 'A condition guards a variable if it cannot hold where the task was skipped: `it is changed` does, `not it.failed` does not.',
    broken: `${KERNEL}- command: lsmod\n  register: loaded\n  when: kernel.stdout == 'Linux'\n- debug: { msg: '{{ loaded.stdout }}' }\n`,
    mended: `${KERNEL}- command: lsmod\n  register: loaded\n  when: kernel.stdout == 'Linux'\n- debug: { msg: '{{ loaded.stdout }}' }\n  when: loaded is not skipped\n`,
  },
  'variable.unread': {
    why: 'A default that is set by another name than its own stays as it is. Looked at are variables of `-e` and of the inventory.',
    broken: {
      'site.yml':
        "- hosts: all\n  vars: { package_version: '1.0' }\n  tasks:\n    - debug: { msg: '{{ package_version }}' }\n",
      'group_vars/all.yml': "package_verison: '1.1'\n",
    },
    mended: {
      'site.yml':
        "- hosts: all\n  vars: { package_version: '1.0' }\n  tasks:\n    - debug: { msg: '{{ package_version }}' }\n",
      'group_vars/all.yml': "package_version: '1.1'\n",
    },
  },
};
