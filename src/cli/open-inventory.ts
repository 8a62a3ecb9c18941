import type { Problems } from '../base/errors.ts';
import { loadInventory } from '../inventory/load.ts';
import type { Inventory } from '../inventory/types.ts';
import type { InventoryFlags } from './options.ts';

/** Without -i the inventory is empty but for localhost, as in Ansible. Apart from modules: who lists hosts needs none. */
export async function openInventory(
  flags: InventoryFlags,
  problems: Problems,
  playbookDirs: readonly string[] = [],
): Promise<Inventory> {
  return loadInventory(flags.inventory ?? [], problems, { playbookDirs });
}
