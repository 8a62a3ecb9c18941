import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { inventoryJson } from '../../src/inventory/json.ts';
import { load } from './inventory.ts';

// How several files, folders and sources come together, compared with what Ansible itself made of them.
interface Case {
  readonly case: string;
  readonly paths: string[];
  readonly files: Record<string, string>;
  readonly list: Record<string, Record<string, unknown>>;
}

const cases = parse(readFileSync(new URL('merging.yaml', import.meta.url), 'utf8')) as Case[];

test.each(cases)('$case', async ({ paths, files, list }) => {
  const { inventory, found } = await load(files, paths, ['.']);
  expect(found).toEqual([]);
  const { _meta, ...groups } = inventoryJson(inventory) as Record<string, { hostvars?: unknown }>;
  expect(sorted({ hostvars: _meta!.hostvars, ...groups })).toEqual(sorted(list));
});

function sorted(list: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(list).map(([name, group]) => {
      const { children, ...rest } = group as { children?: string[] };
      return [name, children ? { ...rest, children: [...children].sort() } : rest];
    }),
  );
}
