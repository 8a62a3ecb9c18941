import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { differences, fingerprint } from './kit/fingerprint.ts';
import {
  ASKING_PASSWORD,
  ASKING_USER,
  FREE_USER,
  startNodes,
  type TestNode,
  type TestNodes,
} from './kit/nodes.ts';
import { startSlipway } from './kit/running.ts';
import { docker, suite } from './kit/skip.ts';
import { playbook, slipway } from './kit/slipway.ts';

const play = (tasks: string, more = '') => `
- hosts: nodes
  gather_facts: false
${more}
  tasks:
${tasks.replaceAll(/^/gm, '    ')}
`;

suite('the engine over SSH', [docker], () => {
  let given: TestNodes;
  let n1: TestNode;
  let n2: TestNode;
  const run = (text: string, ...args: string[]) =>
    slipway(['run', playbook(text), '-i', `${given.folder}/inventory.yml`, '--output', 'jsonl', ...args]);
  const order = (events: Awaited<ReturnType<typeof run>>['events']) =>
    events.flatMap((event) =>
      event.event === 'task.finished' && !event.partial ? [`${event.name} ${event.host}`] : [],
    );
  const failure = (result: Awaited<ReturnType<typeof run>>) =>
    result.events.flatMap((event) =>
      event.event === 'task.finished' && event.failure ? [event.failure] : [],
    )[0];

  beforeAll(async () => {
    given = await startNodes(2);
    [n1, n2] = given.nodes as [TestNode, TestNode];
  });
  afterAll(() => given?.stop());

  const WHO = play(
    '- {name: who, command: id -un, become: true, register: r}\n- assert: {that: r.stdout == "root"}',
  );

  test('sudo without a password', async () => {
    const result = await run(WHO, '-e', `ansible_user=${FREE_USER}`);
    expect(result.failures).toEqual([]);
    expect(result.code).toBe(0);
  });

  test('sudo with a password, and with a wrong one', async () => {
    const user = ['-e', `ansible_user=${ASKING_USER}`];
    const right = await run(WHO, ...user, '-e', `ansible_become_password=${ASKING_PASSWORD}`);
    expect(right.failures).toEqual([]);
    expect(right.code).toBe(0);
    expect(right.stdout).not.toContain(ASKING_PASSWORD);
    const wrong = await run(WHO, ...user, '-e', 'ansible_become_password=not-this-one', '-l', 'n1');
    expect(failure(wrong)?.code).toBe('connect.become');
    expect(wrong.code).toBe(2);
    expect(wrong.stdout).not.toContain('not-this-one');
  });

  test('a host behind a bastion', async () => {
    const inventory = `${given.folder}/bastion.yml`;
    const known = `${given.folder}/bastion_hosts`;
    const keys = readFileSync(given.knownHosts, 'utf8').trim().split('\n');
    const key = (line: string) => line.split(' ').slice(1).join(' ');
    writeFileSync(known, `${keys[0]}\n${n2.ip} ${key(keys[1]!)}\n`);
    const common = `-o UserKnownHostsFile=${known}`;
    writeFileSync(
      inventory,
      `nodes:
  vars: {ansible_user: root, ansible_ssh_private_key_file: ${given.key}}
  hosts:
    n2:
      ansible_host: ${n2.ip}
      ansible_ssh_common_args: ${common} -o ProxyJump=root@${n1.address}:${n1.port}
`,
    );
    const text = play('- {name: client, shell: echo "$SSH_CLIENT"}');
    const result = await slipway(['run', playbook(text), '-i', inventory, '--output', 'jsonl']);
    expect(result.failures).toEqual([]);
    const client = result.events.find((event) => event.event === 'task.finished' && event.name === 'client');
    expect(JSON.stringify(client)).toContain(`"stdout":"${n1.ip} `);
  });

  test.each(['bash', 'busybox', 'dash'])('files, commands and handlers where sh is %s', async (shell) => {
    const text = play(
      `- {copy: {dest: /etc/app.conf, content: "a = 'b' $HOME\\n", mode: '0640'}, notify: reload}
- {lineinfile: {path: /etc/app.lines, line: 'c = d', create: true}}
- {file: {path: /srv/app/data, state: directory, mode: '0750'}}
- {shell: 'echo "x y" > /srv/app/data/out; echo $((1 + 2))', args: {creates: /srv/app/data/out}, register: r}
- {assert: {that: r.stdout == "3"}, when: r is changed}
- {name: item, command: 'test "{{ item }}" = "{{ item }}"', loop: [a, b c], changed_when: false}`,
      '  handlers:\n    - {name: reload, shell: echo reloaded >> /srv/reloads}',
    );
    await n2.root(`ln -sf "$(command -v ${shell})" /bin/sh; rm -rf /etc/app.* /srv/*`);
    const first = await run(text, '-l', 'n2');
    expect(first.failures).toEqual([]);
    expect(first.changed).toHaveLength(5);
    const second = await run(text, '-l', 'n2');
    expect(second.failures).toEqual([]);
    expect(second.changed).toEqual([]);
    expect((await n2.root('cat /etc/app.conf /etc/app.lines /srv/reloads')).stdout).toBe(
      "a = 'b' $HOME\nc = d\nreloaded\n",
    );
  });

  test('a wrong host key is refused', async () => {
    const file = `${given.folder}/wrong_hosts`;
    const keys = readFileSync(given.knownHosts, 'utf8').trim().split('\n');
    const key = (line: string) => line.split(' ').slice(1).join(' ');
    writeFileSync(file, `${keys[0]!.split(' ')[0]} ${key(keys[1]!)}\n${keys[1]}\n`);
    const result = await run(
      play("- command: 'true'"),
      '-e',
      `{"ansible_ssh_common_args": "-o UserKnownHostsFile=${file}"}`,
    );
    expect(failure(result)?.code).toBe('connect.host-key');
    expect(result.code).toBe(4);
    expect(result.changed).toEqual(['n2: command']);
  });

  test('one host cannot be reached, the others go on', async () => {
    const inventory = `${given.folder}/gone.yml`;
    writeFileSync(
      inventory,
      given.inventory.replace(
        '  hosts:\n',
        '  hosts:\n      gone: {ansible_host: 127.0.0.1, ansible_port: 1}\n',
      ),
    );
    const text = play(
      `- {name: one, command: 'true'}\n- {name: two, shell: 'echo {{ join ansible_play_hosts "," }} > /root/left'}`,
      '  strategy: linear',
    );
    const result = await slipway(['run', playbook(text), '-i', inventory, '--output', 'jsonl']);
    expect(result.code).toBe(4);
    expect(failure(result)?.code).toBe('connect.refused');
    expect(result.changed.toSorted()).toEqual(['n1: one', 'n1: two', 'n2: one', 'n2: two']);
    expect((await n1.root('cat /root/left')).stdout).toBe('n1,n2\n');
  });

  const PACE = (strategy: string) =>
    play(
      `- {name: one, shell: '[ "$(hostname)" = n2 ] || until [ -e /root/pace ]; do sleep 0.1; done'}\n- {name: two, command: 'true'}`,
      `  strategy: ${strategy}`,
    );

  test('free: a fast host does not wait for a slow one', async () => {
    await n1.root('rm -f /root/pace');
    const free = startSlipway(['run', playbook(PACE('free')), '-i', `${given.folder}/inventory.yml`]);
    await free.until(
      (event) => event.event === 'task.finished' && event.name === 'two' && event.host === 'n2',
    );
    await n1.root('touch /root/pace');
    expect((await free.ended).code).toBe(0);
  });

  test('linear: hosts wait for each other at each task', async () => {
    await n1.root('rm -f /root/pace');
    const linear = startSlipway(['run', playbook(PACE('linear')), '-i', `${given.folder}/inventory.yml`]);
    await linear.until(
      (event) => event.event === 'task.finished' && event.name === 'one' && event.host === 'n2',
    );
    await n1.root('sleep 1; touch /root/pace');
    const { code, events } = await linear.ended;
    expect(code).toBe(0);
    expect(order(events).slice(0, 2)).toEqual(['one n2', 'one n1']);
  });

  test('serial, run_once, delegate_to', async () => {
    const text = play(
      `- {name: a, shell: hostname > /root/a}
- {name: once, shell: hostname; date +%N, run_once: true, register: once}
- {name: there, shell: 'echo {{ inventory_hostname }} >> /root/there', delegate_to: n2}`,
      '  serial: 1',
    );
    const serial = await run(text);
    expect(serial.failures).toEqual([]);
    expect(order(serial.events)).toEqual(['a n1', 'once n1', 'there n1', 'a n2', 'once n2', 'there n2']);
    expect((await n2.root('cat /root/there')).stdout).toBe('n1\nn2\n');
    const once = await run(
      play(`- {name: once, shell: date +%s%N >> /root/once; cat /root/once, run_once: true, register: once}
- {name: same, copy: {dest: /root/same, content: '{{ once.stdout }}'}}`),
    );
    expect(once.failures).toEqual([]);
    const [one, two] = [await n1.root('cat /root/same'), await n2.root('cat /root/same; ls /root/once')];
    expect(one.stdout).toMatch(/^\d+$/);
    expect(two.stdout).toBe(one.stdout);
  });

  test('block, rescue, always', async () => {
    const result = await run(
      play(`- block:
    - {name: fails, command: test -e /root/no-such}
    - {name: passed over, command: 'true'}
  rescue:
    - {name: rescued, command: 'true', when: inventory_hostname == 'n1'}
    - {name: fails again, command: 'false', when: inventory_hostname == 'n2'}
  always:
    - {name: always, command: 'true'}
- {name: after, command: 'true'}`),
    );
    expect(result.code).toBe(2);
    const of = (host: string) =>
      result.changed.filter((line) => line.startsWith(host)).map((line) => line.slice(4));
    expect(of('n1')).toEqual(['rescued', 'always', 'after']);
    expect(of('n2')).toEqual(['always']);
  });

  test('a dry run of a mixed playbook leaves a host as it is', async () => {
    const text = play(
      `- setup:
- {copy: {dest: /etc/new.conf, content: x}, notify: restart}
- {lineinfile: {path: /etc/hosts, line: 10.9.8.7 dry}}
- {file: {path: /etc/hostname, mode: '0600'}}
- {user: {name: dry}}
- {apt: {name: tree, update_cache: true}}
- {systemd: {name: cron, state: stopped, enabled: false}}
- {sysctl: {name: vm.swappiness, value: '7'}}
- {command: touch /root/dry, register: r}
- {shell: 'echo {{ r.stdout }} > /root/dry'}
- {file: {path: /etc/ssh, state: absent}, loop: [1, 2]}`,
      '  handlers:\n    - {name: restart, service: {name: ssh, state: restarted}}',
    );
    const before = await fingerprint(n1);
    const result = await run(text, '-C', '-l', 'n1');
    expect(result.failures).toEqual([]);
    expect(result.changed.length).toBeGreaterThan(8);
    expect(differences(before, await fingerprint(n1))).toEqual([]);
  });

  test('a settled play of 20 states takes two round trips at most', async () => {
    const states = Array.from({ length: 19 }, (_, n) => `- copy: {dest: /srv/s${n}, content: "${n}"}`);
    const text = play([...states, '- lineinfile: {path: /srv/s1, line: "1"}'].join('\n'));
    expect((await run(text)).changed).toHaveLength(38);
    const { events, changed } = await run(text);
    expect(changed).toEqual([]);
    const end = events.find((event) => event.event === 'run.finished');
    const trips = Object.values(end?.event === 'run.finished' ? end.roundTrips : {});
    expect(trips).toHaveLength(2);
    expect(Math.max(...trips)).toBeLessThanOrEqual(2);
  });
});
