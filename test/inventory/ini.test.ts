import { expect, test } from 'vitest';
import { load, variablesOf } from './inventory.ts';

test('an INI inventory with ranges, ports, children and vars', async () => {
  const { inventory, found } = await load({
    hosts: `
# comment
lone ansible_user=root
[web]
w[01:03].example.com:2201 rack=a   # trailing comment
[db:children]
pg
[pg]
p[a:c]
p1
[db:vars]
size = 3
`,
  });
  expect(found).toEqual([]);
  expect([...inventory.hosts.keys()]).toEqual([
    'lone',
    'w01.example.com',
    'w02.example.com',
    'w03.example.com',
    'pa',
    'pb',
    'pc',
    'p1',
  ]);
  expect(variablesOf(inventory, 'w02.example.com')).toEqual({ ansible_port: 2201, rack: 'a' });
  expect(variablesOf(inventory, 'pb')).toEqual({ size: 3 });
  expect(inventory.groups.get('ungrouped')?.hosts).toEqual(['lone']);
  expect(inventory.groups.get('db')?.allHosts).toEqual(['pa', 'pb', 'pc', 'p1']);
  expect(inventory.hosts.get('p1')?.groups).toEqual(['db', 'pg']);
});

// Each value was checked against ansible-inventory 2.20.
test.each([
  ['1', 1],
  ['-5', -5],
  ['1.30', 1.3],
  ['0644', '0644'],
  ['0o644', 420],
  ['0x1F', 31],
  ['True', true],
  ['true', 'true'],
  ['yes', 'yes'],
  ['None', null],
  ['"quoted # text"', 'quoted # text'],
  ["['a', 1, {'k': None}]", ['a', 1, { k: null }]],
  ['(1, 2)', [1, 2]],
  ['5 # five', 5],
  ['a # b', 'a # b'],
  ['[a, b]', '[a, b]'],
  ["'a' 'b'", 'ab'],
  ['10.0.0.1', '10.0.0.1'],
  ['1_000', 1000],
  ['12345678901234567890', '12345678901234567890'],
  ['', ''],
  ['{{ other }}', '{{ other }}'],
])('in a vars section %s is read as Ansible reads it', async (text, value) => {
  const { inventory, found } = await load({ hosts: `h\n[all:vars]\nv=${text}\n` });
  expect(found).toEqual([]);
  expect(variablesOf(inventory, 'h')).toEqual({ v: value });
});

test.each([
  ['v="1"', 1],
  [`v='"1"'`, '1'],
  ['v="a b"', 'a b'],
  ['v=\'-o ProxyJump="x"\'', '-o ProxyJump="x"'],
  ["v=[1,'a']", '[1,a]'],
  ['v="[1, 2]"', [1, 2]],
  ['v=a\\ b', 'a b'],
  ['v=x=y', 'x=y'],
])('on a host line %s is split as a shell does, then typed', async (text, value) => {
  const { inventory, found } = await load({ hosts: `h ${text}\n` });
  expect(found).toEqual([]);
  expect(variablesOf(inventory, 'h')).toEqual({ v: value });
});

test('every error of a file is found, with its place', async () => {
  const { found } = await load({
    hosts: `[web
h1 novalue
h2 a=1 a=2
h3 b="open
n[3:1]
[web:var]
[db:children]
nothere
[gone:vars]
x=1
9y=2
`,
  });
  expect(found).toEqual([
    'hosts:1:1 ini.syntax: `[web` is not a section',
    'hosts:2:4 ini.syntax: `novalue` is not a variable',
    'hosts:3:8 ini.syntax: the variable `a` is given twice',
    'hosts:4:6 ini.syntax: the quote is not closed',
    'hosts:5:1 ini.syntax: the range [3:1] ends before it starts',
    'hosts:6:6 ini.syntax: `var` is not a kind of section',
    'hosts:11:1 ini.syntax: `9y` is not a name for a variable',
    'hosts:9:2 ini.syntax: there is no group `gone` for these variables',
    'hosts:8:1 ini.syntax: there is no group `nothere`',
  ]);
});

test('a # in the middle of a word is a comment, and said so', async () => {
  const { inventory, problems } = await load({ hosts: 'h ansible_password=ab#cd\n' });
  expect(variablesOf(inventory, 'h')).toEqual({ ansible_password: 'ab' });
  expect(problems.warnings).toHaveLength(1);
});

test('a byte order mark and Windows line ends do not matter', async () => {
  const { inventory, found } = await load({ 'hosts.ini': '\uFEFF[web]\r\nw1 a=1\r\n' });
  expect(found).toEqual([]);
  expect(variablesOf(inventory, 'w1')).toEqual({ a: 1 });
});
