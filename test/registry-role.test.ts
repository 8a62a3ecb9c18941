import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { test } from './expression/kit.ts';

// Whom the hosts push and pull as.
describe('the first of registry_users', () => {
  const server = new URL('../playbooks/roles/registry/tasks/server.yml', import.meta.url);
  const [first] = parse(readFileSync(server, 'utf8')) as { assert: { that: string } }[];
  const ci = { name: 'ci', password: 'x' };
  const gone = { name: 'old', state: 'absent' };

  it.each([
    [[], true],
    [[ci], true],
    [[ci, gone], true],
    [[{ ...ci, state: 'present' }], true],
    [[gone], false],
    [[gone, ci], false],
  ])('%j: may be so %s', (users, may) =>
    expect(test(first!.assert.that, { registry_users: users })).toBe(may),
  );
});
