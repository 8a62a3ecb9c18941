import { homedir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { Problems } from '../../src/base/errors.ts';
import type { Scope } from '../../src/expression/types.ts';
import { becomeOf, hostAddress } from '../../src/inventory/address.ts';

function scopeOf(record: Readonly<Record<string, unknown>>): Scope {
  return { get: (name) => record[name], has: (name) => name in record, names: () => Object.keys(record) };
}

/** Only the fields that are set. */
const address = (record: Record<string, unknown>, flags = {}, problems?: Problems) =>
  JSON.parse(JSON.stringify(hostAddress(scopeOf(record), 'n1', flags, problems)));

test('a bare host', () => {
  expect(address({})).toEqual({ name: 'n1', connection: 'ssh', host: 'n1' });
});

test('variables win over flags', () => {
  const flags = { user: 'flag', privateKeyFile: '/flag', timeout: 5000, password: 'flag' };
  expect(address({}, flags)).toMatchObject({ user: 'flag', privateKeyFile: '/flag', connectTimeout: 5000 });
  const record = {
    ansible_host: '10.0.0.1',
    ansible_port: '2222',
    ansible_user: 'root',
    ansible_ssh_pass: 'pw',
    ansible_ssh_private_key_file: '~/.ssh/lab',
    ansible_timeout: 7,
    ansible_host_key_checking: 'no',
  };
  expect(address(record, flags)).toEqual({
    name: 'n1',
    connection: 'ssh',
    host: '10.0.0.1',
    port: 2222,
    user: 'root',
    password: 'pw',
    privateKeyFile: path.join(homedir(), '.ssh/lab'),
    hostKeyChecking: 'no',
    connectTimeout: 7000,
  });
});

test.each([
  ['-J a@b:22,c', { jumps: ['a@b:22', 'c'] }],
  ['-o ProxyJump=bastion', { jumps: ['bastion'] }],
  ['-oProxyJump=bastion', { jumps: ['bastion'] }],
  ['-o ProxyCommand="ssh -W %h:%p -q -p 2200 me@bastion"', { jumps: ['me@bastion:2200'] }],
  [
    '-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null',
    { hostKeyChecking: 'no', knownHostsFile: '/dev/null' },
  ],
  ['-o StrictHostKeyChecking=accept-new', { hostKeyChecking: 'accept-new' }],
  ['-o ConnectTimeout=10', { connectTimeout: 10_000 }],
  ['-i /key -p 2022 -l me', { privateKeyFile: '/key', port: 2022, user: 'me' }],
  ['-C -q -o ControlMaster=auto -o ControlPersist=60s', {}],
])('ssh arguments %s', (text, expected) => {
  const problems = new Problems();
  expect(address({ ansible_ssh_common_args: text }, {}, problems)).toEqual({
    name: 'n1',
    connection: 'ssh',
    host: 'n1',
    ...expected,
  });
  expect(problems.warnings).toEqual([]);
});

test('ssh arguments without meaning here are named', () => {
  const problems = new Problems();
  address({ ansible_ssh_extra_args: '-o Ciphers=aes128-ctr -L 80:x:80' }, {}, problems);
  expect(problems.warnings.map((warning) => warning.message)).toEqual([
    'ssh arguments of n1: `-o Ciphers=aes128-ctr` has no meaning here and is left out',
    'ssh arguments of n1: `-L 80:x:80` has no meaning here and is left out',
  ]);
});

test.each([
  [{ ansible_port: 'x' }, '`ansible_port` of n1 must be a number, not "x"'],
  [{ ansible_port: 70000 }, '`ansible_port` of n1 is not a port: 70000'],
  [{ ansible_connection: 'winrm' }, 'the connection `winrm` of n1'],
  [{ ansible_ssh_common_args: '-o ProxyCommand="nc -X 5 %h %p"' }, 'this ProxyCommand is not supported'],
  [{ ansible_ssh_common_args: '-o StrictHostKeyChecking=maybe' }, 'StrictHostKeyChecking cannot be `maybe`'],
  [{ ansible_host: ['a'] }, '`ansible_host` of n1 must be text'],
])('%j is an error', (record, message) => {
  expect(() => address(record)).toThrow(message);
});

test.each(['local', 'ansible.builtin.local'])('the connection %s', (connection) => {
  expect(address({ ansible_connection: connection })).toMatchObject({ connection: 'local' });
});

test('become: variables over keywords over flags', () => {
  const become = (record: Record<string, unknown>, keywords = {}, flags = {}) =>
    becomeOf(scopeOf(record), 'n1', keywords, flags);
  expect(become({})).toBeUndefined();
  expect(become({}, { become: true })).toMatchObject({ method: 'sudo', user: 'root' });
  expect(become({}, { become: false }, { become: true })).toBeUndefined();
  expect(become({ ansible_become: 'no' }, { become: true })).toBeUndefined();
  expect(
    become(
      { ansible_become_user: 'app', ansible_become_pass: 'pw' },
      { become: 'yes', user: 'other', method: 'su', flags: '-l' },
      { user: 'flag', password: 'flag' },
    ),
  ).toEqual({ method: 'su', user: 'app', password: 'pw', flags: '-l' });
  expect(() => become({}, { become: true, method: 'runas' })).toThrow('become_method: runas');
});
