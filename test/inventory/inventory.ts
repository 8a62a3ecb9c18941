import { Problems } from '../../src/base/errors.ts';
import { locate } from '../../src/base/span.ts';
import { rawData } from '../../src/inventory/json.ts';
import { loadInventory } from '../../src/inventory/load.ts';
import type { Inventory } from '../../src/inventory/types.ts';
import { folderOf } from '../kit/folder.ts';

/** Loads the first file (or what `paths` says) of a folder of files; variables as plain data. */
export async function load(
  files: Readonly<Record<string, string>>,
  paths = [Object.keys(files)[0]!],
  playbookDirs: string[] = [],
): Promise<{ inventory: Inventory; problems: Problems; found: string[] }> {
  const problems = new Problems();
  const inventory = await loadInventory(paths, problems, { cwd: folderOf(files), playbookDirs });
  const found = problems.errors.map(
    (error) => `${error.span ? locate(error.span) : '-'} ${error.code}: ${error.message}`,
  );
  return { inventory, problems, found };
}

export function variablesOf(inventory: Inventory, host: string): Record<string, unknown> {
  return Object.fromEntries(
    [...inventory.hosts.get(host)!.variables].map(([name, value]) => [name, rawData(value)]),
  );
}
