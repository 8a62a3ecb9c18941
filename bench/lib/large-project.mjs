// An inventory and a playbook of any size, of the kind that people write: groups with variables, hosts with addresses
// and ports of their own, roles' worth of tasks with conditions, loops, registers and templates.
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const RACK = 40;

/** Writes `hosts.yml`, `site.yml` and a template into a folder. */
export function writeLargeProject(folder, hosts, tasks) {
  mkdirSync(path.join(folder, 'templates'), { recursive: true });
  writeFileSync(path.join(folder, 'hosts.yml'), inventory(hosts));
  writeFileSync(path.join(folder, 'site.yml'), playbook(tasks));
  writeFileSync(path.join(folder, 'templates/node.conf.hbs'), TEMPLATE);
}

function inventory(count) {
  const lines = [
    'all:',
    '  vars: { ansible_user: admin, domain: example.net, port: 6443, features: [a, b, c] }',
    '  children:',
  ];
  for (let rack = 0; rack * RACK < count; rack++) {
    lines.push(
      `    rack${rack}:`,
      `      vars: { rack: ${rack}, gateway: 10.${rack}.0.1, role: ${rack % 10 ? 'worker' : 'master'} }`,
      '      hosts:',
    );
    for (let at = 0; at < RACK && rack * RACK + at < count; at++) {
      const number = rack * RACK + at;
      lines.push(
        `        n${number}: { ansible_host: 10.${rack}.1.${at}, node_ip: 10.${rack}.1.${at}, data_port: ${7000 + (number % 3)} }`,
      );
    }
  }
  return `${lines.join('\n')}\n`;
}

const KINDS = [
  (n) => `- { name: folder ${n}, file: { path: "{{ base }}/${n}", state: directory, mode: "0755" } }`,
  (n) =>
    `- { name: file ${n}, copy: { content: "ip={{ node_ip }}\\n", dest: "/etc/node-${n}.conf", mode: "0644" } }`,
  (n) =>
    `- { name: template ${n}, template: { src: node.conf.hbs, dest: "/etc/app-${n}.conf", mode: "0600" } }`,
  (n) => `- { name: ask ${n}, command: "uname -r", register: kernel${n}, changed_when: false }`,
  (n) =>
    `- { name: line ${n}, lineinfile: { path: "{{ base }}/line", line: "{{ kernel${n - 1}.stdout }} on {{ inventory_hostname }}", create: true } }`,
  (n) =>
    `- { name: port ${n}, wait_for: { port: "{{ data_port }}", timeout: 5 }, when: role == 'worker' && ansible_memtotal_mb > 512 }`,
  (n) => `- { name: each ${n}, command: "echo {{ item }} {{ gateway }}", loop: "{{ features }}" }`,
  (n) =>
    `- { name: package ${n}, apt: { name: "tool-${n}", state: present }, when: "ansible_os_family == 'Debian'" }`,
  (n) =>
    `- { name: masters ${n}, command: "systemctl is-active app", when: role == 'master', register: active${n} }`,
  (n) => `- { name: say ${n}, debug: { msg: "{{ fqdn }}:{{ port }}" }, when: "has(active${n - 1}.stdout)" }`,
];

function playbook(count) {
  const tasks = Array.from({ length: count }, (_, n) => `    ${KINDS[n % KINDS.length](n)}`);
  return `- hosts: all\n  vars: { base: /srv/app, fqdn: "{{ inventory_hostname }}.{{ domain }}" }\n  tasks:\n${tasks.join('\n')}\n`;
}

const TEMPLATE = `# {{fqdn}}
address = {{node_ip}}
gateway = {{gateway}}
{{#if features}}
{{#each features}}
feature.{{this}} = on
{{/each}}
{{/if}}
`;
