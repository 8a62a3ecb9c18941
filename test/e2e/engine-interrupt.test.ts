import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Event } from '../../src/events/types.ts';
import { startNodes, type TestNode, type TestNodes } from './kit/nodes.ts';
import { type Running, startSlipway } from './kit/running.ts';
import { docker, suite } from './kit/skip.ts';
import { playbook } from './kit/slipway.ts';

// A package whose installation lasts until /root/go is there, and counts how often it began.
const SLOW_PACKAGE = String.raw`
mkdir -p /root/slow/DEBIAN
printf 'Package: slow\nVersion: 1\nArchitecture: all\nMaintainer: t <t@example.org>\nDescription: slow\n' > /root/slow/DEBIAN/control
printf '#!/bin/sh\necho run >> /root/runs\nwhile [ ! -e /root/go ]; do sleep 0.1; done\n' > /root/slow/DEBIAN/postinst
chmod 755 /root/slow/DEBIAN/postinst
dpkg-deb -b /root/slow /root/slow.deb
`;
const INSTALL = `
- hosts: n1
  gather_facts: false
  tasks:
    - name: install
      apt: {deb: /root/slow.deb}
`;
/** Cuts all connections, as a broken network does. */
const CUT = `pkill -KILL -f '^sshd: root'`;
/** Prints the holders of dpkg's locks. */
const LOCKS = `for f in /var/lib/dpkg/lock-frontend /var/lib/dpkg/lock; do grep ":$(stat -c %i "$f") " /proc/locks; done`;

const finished = (events: readonly Event[]) => events.find((event) => event.event === 'run.finished');
const ends = (name: string) => (event: Event) => event.event === 'task.finished' && event.name === name;

suite('the engine when something comes between', [docker], () => {
  let given: TestNodes;
  let n1: TestNode;
  let n2: TestNode;
  const start = (text: string): Running =>
    startSlipway(['run', playbook(text), '-i', `${given.folder}/inventory.yml`]);
  const appears = async (node: TestNode, file: string) => {
    const { code } = await node.root(
      `n=0; until [ -e ${file} ]; do sleep 0.1; n=$((n+1)); [ $n -lt 600 ] || exit 1; done`,
    );
    if (code !== 0) throw new Error(`${file} did not appear on ${node.name}`);
  };
  const running = async (node: TestNode, text: string) =>
    (await node.root(`ps -eo args= | grep '${text}' | grep -v grep; :`)).stdout;

  beforeAll(async () => {
    given = await startNodes(2, { setup: SLOW_PACKAGE });
    [n1, n2] = given.nodes as [TestNode, TestNode];
  });
  afterAll(() => given?.stop());
  beforeEach(async () => {
    for (const node of [n1, n2])
      await node.root(
        'rm -f /root/go /root/runs /root/began; dpkg --purge --force-all slow >/dev/null 2>&1; :',
      );
  });

  test('a lost connection during a detached step: found again, run once', async () => {
    const run = start(INSTALL);
    await appears(n1, '/root/runs');
    await n1.root(CUT);
    await run.until((event) => event.event === 'warning' && event.code === 'connect.lost');
    await n1.root('touch /root/go');
    const { code, events } = await run.ended;
    expect(events.find(ends('install'))).toMatchObject({ status: 'changed' });
    expect(code).toBe(0);
    expect((await n1.root('cat /root/runs')).stdout).toBe('run\n');
    expect((await n1.root(`dpkg-query -W -f '\${Status}' slow`)).stdout).toBe('install ok installed');
  });

  test('a lost connection during a command: unreachable, and the others go on', async () => {
    const run = start(`
- hosts: nodes
  gather_facts: false
  tasks:
    - shell: |
        [ "$(hostname)" = n1 ] || exit 0
        touch /root/began; sleep 287
    - {name: last, command: touch /root/last}
`);
    await appears(n1, '/root/began');
    await n1.root(`${CUT}; pkill -x sleep`);
    const { code, events } = await run.ended;
    expect(code).toBe(4);
    const lost = events.find((event) => event.event === 'task.finished' && event.status === 'unreachable');
    expect(lost).toMatchObject({ host: 'n1', failure: { code: 'connect.lost' } });
    expect(events.find(ends('last'))).toMatchObject({ host: 'n2', status: 'changed' });
  });

  test('Ctrl-C ends what runs on all hosts, gives locks back, and prints the recap', async () => {
    const run = start(`
- hosts: nodes
  gather_facts: false
  tasks:
    - {name: wait, shell: touch /root/began; sleep 300, when: inventory_hostname == 'n2'}
    - {name: install, apt: {deb: /root/slow.deb}}
    - {name: never, command: touch /root/never}
`);
    await Promise.all([appears(n1, '/root/runs'), appears(n2, '/root/began')]);
    expect((await n1.root(LOCKS)).stdout).not.toBe('');
    run.signal('SIGINT');
    const { code, events } = await run.ended;
    expect(code).toBe(99);
    expect(finished(events)).toMatchObject({ exitCode: 99 });
    expect(await running(n1, 'apt-get\\|dpkg\\|postinst\\|slipway')).toBe('');
    expect(await running(n2, 'sleep 300')).toBe('');
    expect((await n1.root(LOCKS)).stdout).toBe('');
    expect((await n1.root('ls /root/never /run/slipway')).stdout.trim()).toBe('/run/slipway:');
  });

  test('a second Ctrl-C leaves at once', async () => {
    const run = start(`
- hosts: n1
  gather_facts: false
  tasks:
    - shell: trap '' TERM; touch /root/began; while :; do sleep 1; done
`);
    await appears(n1, '/root/began');
    run.signal('SIGINT');
    await run.until((event) => event.event === 'run.interrupted');
    run.signal('SIGINT');
    const { code, events } = await run.ended;
    expect(code).toBe(99);
    expect(finished(events)).toBeUndefined();
  });

  test('a timeout ends the step with all that it started; the session goes on', async () => {
    const run = start(`
- hosts: n1
  gather_facts: false
  tasks:
    - {name: slow, shell: sleep 291 & sleep 292, timeout: 1, ignore_errors: true}
    - {name: install, apt: {deb: /root/slow.deb}, timeout: 2, ignore_errors: true}
    - {name: last, command: 'true'}
`);
    const { code, events } = await run.ended;
    expect(events.find(ends('slow'))).toMatchObject({ failure: { code: 'task.timeout' } });
    expect(events.find(ends('install'))).toMatchObject({ failure: { code: 'task.timeout' } });
    expect(code).toBe(0);
    expect(await running(n1, 'sleep 29\\|apt-get\\|postinst')).toBe('');
  });
});
