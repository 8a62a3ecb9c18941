import { expect, test } from 'vitest';
import { inventoryGraph } from '../../src/inventory/graph.ts';
import { hostJson, inventoryJson } from '../../src/inventory/json.ts';
import { load, variablesOf } from './inventory.ts';

test('a folder: files in order, others ignored, group_vars beside them', async () => {
  const { inventory, found } = await load(
    {
      'inv/10-a.yml': 'web: {hosts: {w1: {from: a}}}',
      'inv/20-b': '[web]\nw2 from=b\nw1 from=b\n',
      'inv/30-c.bak': 'nonsense [',
      'inv/old~': 'nonsense [',
      'inv/.hidden': 'nonsense [',
      'inv/README.md': 'nonsense [',
      'inv/group_vars/web.yml': 'x: 1',
    },
    ['inv'],
  );
  expect(found).toEqual([]);
  expect(variablesOf(inventory, 'w1')).toEqual({ from: 'b', x: 1 });
  expect(variablesOf(inventory, 'w2')).toEqual({ from: 'b', x: 1 });
});

test('a list of names', async () => {
  const { inventory } = await load({ x: '' }, ['n1,n[2:3]:2200,']);
  expect([...inventory.hosts.keys()]).toEqual(['n1', 'n2', 'n3']);
  expect(variablesOf(inventory, 'n3')).toEqual({ ansible_port: 2200 });
  expect(inventory.groups.get('ungrouped')?.hosts).toEqual(['n1', 'n2', 'n3']);
});

test('an inventory that is not there', async () => {
  const { problems } = await load({ x: '' }, ['n1']);
  expect(problems.errors[0]).toMatchObject({
    code: 'file.missing',
    hint: 'For a list of hosts write `-i n1,`.',
  });
});

test('an executable inventory with _meta', async () => {
  const json = JSON.stringify({
    web: { hosts: ['w1', 'w2'], vars: { x: 1 } },
    db: ['d1'],
    site: { children: ['web', 'db'] },
    _meta: { hostvars: { w1: { y: [1, 'two'] } } },
  });
  const { inventory, found } = await load({ 'inv.sh': `#!/bin/sh\n[ "$1" = --list ] && echo '${json}'\n` });
  expect(found).toEqual([]);
  expect(variablesOf(inventory, 'w1')).toEqual({ x: 1, y: [1, 'two'] });
  expect(inventory.groups.get('site')?.allHosts).toEqual(['w1', 'w2', 'd1']);
});

test('an executable inventory without _meta is asked for each host', async () => {
  const { inventory, found } = await load({
    'inv.sh':
      '#!/bin/sh\nif [ "$1" = --list ]; then echo \'{"web": ["w1", "w2"]}\'; else printf \'{"n": "%s"}\' "$2"; fi\n',
  });
  expect(found).toEqual([]);
  expect(variablesOf(inventory, 'w2')).toEqual({ n: 'w2' });
});

test.each([
  ['#!/bin/sh\necho broken >&2; exit 3\n', '`inv.sh --list` failed (3): broken'],
  ['#!/bin/sh\necho hello\n', '`inv.sh --list` did not print a JSON object'],
  ['#!/bin/sh\necho "[1]"\n', '`inv.sh --list` did not print a JSON object: it is no object'],
])('an executable inventory that goes wrong (%#)', async (script, message) => {
  const { problems } = await load({ 'inv.sh': script });
  expect(problems.errors[0]?.code).toBe('inventory.script');
  expect(problems.errors[0]?.message).toContain(message);
});

test('an encrypted file of variables is refused with a way out', async () => {
  const { problems } = await load({ hosts: 'h1\n', 'host_vars/h1': '$ANSIBLE_VAULT;1.1;AES256\n62' });
  expect(problems.errors[0]).toMatchObject({ code: 'playbook.not-supported' });
});

// The expected text is what ansible-inventory 2.20 prints for these files.
const SAMPLE = {
  'hosts.ini':
    '[web]\nw1 flag=True oct=0644\nw2\n[db:children]\npg\n[pg]\np1 x="[1, \'a\']"\n[db:vars]\nwho=db\n',
  'group_vars/all.yml': 'z: {k: 1}\n',
};

test('--list has the shape of ansible-inventory', async () => {
  const { inventory } = await load(SAMPLE);
  expect(inventoryJson(inventory)).toEqual({
    _meta: {
      hostvars: {
        p1: { who: 'db', x: [1, 'a'], z: { k: 1 } },
        w1: { flag: true, oct: '0644', z: { k: 1 } },
        w2: { z: { k: 1 } },
      },
    },
    all: { children: ['ungrouped', 'web', 'db'] },
    db: { children: ['pg'] },
    pg: { hosts: ['p1'] },
    web: { hosts: ['w1', 'w2'] },
  });
  expect(hostJson(inventory, 'w2')).toEqual({ z: { k: 1 } });
  expect(hostJson(inventory, 'w9')).toBeUndefined();
});

test('--graph has the text of ansible-inventory', async () => {
  const { inventory } = await load(SAMPLE);
  expect(inventoryGraph(inventory)).toBe(
    [
      '@all:',
      '  |--@ungrouped:',
      '  |--@web:',
      '  |  |--w1',
      '  |  |--w2',
      '  |--@db:',
      '  |  |--@pg:',
      '  |  |  |--p1',
    ].join('\n'),
  );
  expect(inventoryGraph(inventory, { top: 'db', vars: true })).toBe(
    [
      '@db:',
      '  |--@pg:',
      '  |  |--p1',
      '  |  |  |--{who = db}',
      "  |  |  |--{x = [1, 'a']}",
      "  |  |  |--{z = {'k': 1}}",
      '  |--{who = db}',
    ].join('\n'),
  );
});

test('5,000 hosts share the variables of their groups', async () => {
  const { inventory, found } = await load({
    hosts: `[nodes]\n${Array.from({ length: 5000 }, (_, n) => `n${n} id=${n}`).join('\n')}\n[nodes:vars]\na=1\n`,
  });
  expect(found).toEqual([]);
  expect(inventory.hosts.size).toBe(5000);
  expect(inventory.hosts.get('n1')!.groups).toBe(inventory.hosts.get('n4999')!.groups);
  expect(inventory.select('nodes[10:19]')).toHaveLength(10);
});
