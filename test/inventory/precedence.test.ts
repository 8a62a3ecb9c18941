import { expect, test } from 'vitest';
import { load, variablesOf } from './inventory.ts';

/**
 * Each place where a group or host variable may stand, lowest first, in Ansible's order. The test defines the same
 * variable from place 0 up to place n and expects the value of place n.
 */
const PLACES: readonly { name: string; file: string; text: (value: number) => string }[] = [
  { name: 'all in the inventory', file: 'inv/hosts', text: (v) => `[all:vars]\nv=${v}\n` },
  { name: 'parent group in the inventory', file: 'inv/hosts', text: (v) => `[parent:vars]\nv=${v}\n` },
  { name: 'child group a in the inventory', file: 'inv/hosts', text: (v) => `[a:vars]\nv=${v}\n` },
  { name: 'child group b of the same depth', file: 'inv/hosts', text: (v) => `[b:vars]\nv=${v}\n` },
  { name: 'group_vars/all beside the inventory', file: 'inv/group_vars/all.yml', text: (v) => `v: ${v}\n` },
  { name: 'group_vars/all beside the playbook', file: 'play/group_vars/all.yml', text: (v) => `v: ${v}\n` },
  { name: 'group_vars/parent beside the inventory', file: 'inv/group_vars/parent', text: (v) => `v: ${v}\n` },
  { name: 'group_vars/a beside the inventory', file: 'inv/group_vars/a.yaml', text: (v) => `v: ${v}\n` },
  {
    name: 'group_vars/b beside the inventory',
    file: 'inv/group_vars/b/x.json',
    text: (v) => `{"v": ${v}}\n`,
  },
  { name: 'group_vars/parent beside the playbook', file: 'play/group_vars/parent', text: (v) => `v: ${v}\n` },
  { name: 'group_vars/b beside the playbook', file: 'play/group_vars/b', text: (v) => `v: ${v}\n` },
  { name: 'the host in the inventory', file: 'inv/hosts', text: (v) => `[a]\nh v=${v}\n` },
  { name: 'host_vars beside the inventory', file: 'inv/host_vars/h.yml', text: (v) => `v: ${v}\n` },
  { name: 'host_vars beside the playbook', file: 'play/host_vars/h.yml', text: (v) => `v: ${v}\n` },
];

test.each(PLACES.map(({ name }, index) => [index, name] as const))('%i: %s', async (last) => {
  const files: Record<string, string> = {
    'inv/hosts': '[parent:children]\na\nb\n[a]\nh\n[b]\nh\n',
    'play/site.yml': '',
  };
  PLACES.slice(0, last + 1).forEach(({ file, text }, value) => {
    files[file] = (files[file] ?? '') + text(value);
  });
  const { inventory, found } = await load(files, ['inv/hosts'], ['play']);
  expect(found).toEqual([]);
  expect(variablesOf(inventory, 'h')).toEqual({ v: last });
});

test('ansible_group_priority comes before the name', async () => {
  const { inventory } = await load({
    hosts: '[a]\nh\n[b]\nh\n[a:vars]\nv=a\nansible_group_priority=10\n[b:vars]\nv=b\n',
  });
  expect(variablesOf(inventory, 'h')).toEqual({ v: 'a' });
});

test('a later inventory wins', async () => {
  const { inventory } = await load({ one: '[g]\nh\n[g:vars]\nv=1\n', two: '[g]\nh\n[g:vars]\nv=2\n' }, [
    'one',
    'two',
  ]);
  expect(variablesOf(inventory, 'h')).toEqual({ v: 2 });
});
