import { expect, test } from 'vitest';
import { load, variablesOf } from './inventory.ts';

test('a YAML inventory', async () => {
  const { inventory, found } = await load({
    'lab.yml': `
all:
  vars: {domain: lab}
  hosts:
    n[1:2]:
      a: 1
  children:
    control_plane:
      hosts: {n1: }
    cluster:
      children: {control_plane: , workers: }
      vars: {name: "k8s.{{ domain }}"}
    workers:
      hosts:
        n2: {b: 2}
        n3:2222:
`,
  });
  expect(found).toEqual([]);
  expect([...inventory.hosts.keys()]).toEqual(['n1', 'n2', 'n3']);
  expect(variablesOf(inventory, 'n3')).toEqual({
    domain: 'lab',
    name: 'k8s.{{ domain }}',
    ansible_port: 2222,
  });
  expect(inventory.hosts.get('n2')?.groups).toEqual(['cluster', 'workers']);
  expect(inventory.groups.get('all')?.children).toEqual(['ungrouped', 'control_plane', 'cluster', 'workers']);
});

test('errors carry the place and what is allowed', async () => {
  const { found, problems } = await load({
    'lab.yml': `
all:
  host: {n1: }
  hosts: [n1]
  children: [web]
web:
  vars: 5
  hosts:
    n[1:x]:
`,
  });
  expect(found).toEqual([
    'lab.yml:3:3 schema.unknown-key: `host` is not known in a group',
    'lab.yml:4:10 schema.wrong-type: `hosts` must be a map',
    'lab.yml:5:13 schema.wrong-type: `children` must be a map',
    'lab.yml:7:9 schema.wrong-type: `vars` must be a map',
    'lab.yml:9:5 schema.invalid-value: [1:x] must go from number to number or from letter to letter',
  ]);
  expect(problems.errors[0]?.hint).toContain('`hosts`');
});

test('a group that contains itself', async () => {
  const { found } = await load({
    'lab.yml': 'a:\n  children:\n    b:\n      children:\n        c:\n          children: {a: }\n',
  });
  expect(found).toEqual(['lab.yml:6:22 inventory.cycle: the group `a` is a child of itself: a > b > c > a']);
});
