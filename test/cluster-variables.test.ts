import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

// The table of variables, the defaults and what the playbooks and templates read are held against each other.
const root = fileURLToPath(new URL('..', import.meta.url));
const read = (file: string) => readFileSync(path.join(root, file), 'utf8');
const below = (folder: string) =>
  readdirSync(path.join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(path.join(entry.parentPath, entry.name), 'utf8'));

describe.each([
  // Asked at the prompt or with -e; it has no default.
  ['cluster', 'docs/cluster-variables.md', ['confirm']],
  ['registry', 'docs/registry.md', []],
  ['docker', 'docs/docker.md', []],
])('the variables of the role %s', (role, page, asked) => {
  const documented = read(page)
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .flatMap((line) => [...line.split('|')[1]!.matchAll(/`(\w+)`/g)].map((found) => found[1]!));
  const [settable, derived] = read(`playbooks/roles/${role}/defaults/main.yml`).split(/^# Worked out .*$/m);
  const names = Object.keys(parse(settable!) as Record<string, unknown>);

  it('every variable that can be set is documented, and nothing else', () => {
    expect(documented.toSorted()).toEqual([...names, ...asked].toSorted());
  });

  it('every variable that is documented is read somewhere', () => {
    const reads = [...below('playbooks'), ...below('templates')].join('\n').replace(/^\w+:/gm, '');
    const unread = documented.filter((name) => !new RegExp(`\\b${name}\\b`).test(reads));
    expect(unread).toEqual([]);
  });

  it('what is worked out is not documented as if it could be set', () => {
    const worked = Object.keys((parse(derived ?? '') ?? {}) as Record<string, unknown>);
    expect(worked.filter((name) => documented.includes(name))).toEqual([]);
  });
});
