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

// What comes back has to be what went.
describe('an image that comes back', () => {
  const tasks = (file: string) =>
    parse(readFileSync(new URL(`../playbooks/roles/registry/tasks/${file}`, import.meta.url), 'utf8')) as {
      name: string;
      assert?: { that: string };
      when?: string;
      failed_when?: string;
    }[];
  const [good, bad] = ['a', 'b'].map((one) => `sha256:${one.repeat(64)}`);
  const variables = {
    at: 0,
    registry_host: 'store',
    hostvars: {
      store: { registry_pushed: { results: [{ image: { RepoDigests: [`store:5000/app@${good}`] } }] } },
    },
  };

  it('to Docker', () => {
    const { that } = tasks('pull.yml').find((task) => task.assert)!.assert!;
    const pulled = (...digests: unknown[]) =>
      test(that, {
        ...variables,
        registry_pulled: {
          results: [{ image: { RepoDigests: digests.map((one) => `store:5000/app@${one}`) } }],
        },
      });
    expect(pulled(good)).toBe(true);
    expect(pulled(bad, good)).toBe(true);
    expect(pulled(bad)).toBe(false);
    expect(pulled()).toBe(false);
  });

  it('to containerd', () => {
    const [, pull, proof] = tasks('pull-containerd.yml');
    const listed = (text: string) => ({ ...variables, registry_there: { stdout: text } });
    for (const [text, is] of [
      [`store:5000/app x ${good} 1`, true],
      [`store:5000/app x ${bad} 1`, false],
      ['', false],
    ] as const) {
      expect(test(pull!.when!, listed(text))).toBe(!is);
      expect(test(proof!.failed_when!, listed(text))).toBe(!is);
    }
  });
});
