import { Problems, SlipwayError } from '../base/errors.ts';
import { didYouMean } from '../base/suggest.ts';
import { inventoryGraph } from '../inventory/graph.ts';
import { hostJson, inventoryJson } from '../inventory/json.ts';
import { expandLimit } from '../inventory/limit.ts';
import type { InventoryFlags } from './options.ts';
import { openInventory } from './open-inventory.ts';
import { printWarnings } from './print-warnings.ts';

interface Flags extends InventoryFlags {
  readonly list?: boolean;
  readonly graph?: boolean;
  readonly host?: string;
  readonly vars?: boolean;
}

/** `slipway inventory --list | --graph | --host NAME` */
export async function inventoryCommand(flags: Flags): Promise<number> {
  const problems = new Problems();
  const inventory = await openInventory(flags, problems, ['.']);
  problems.throwIfAny();
  printWarnings(problems.warnings);
  const print = (data: unknown) => process.stdout.write(`${JSON.stringify(data, null, 4)}\n`);
  if (flags.host !== undefined) {
    const data = hostJson(inventory, flags.host);
    if (data) {
      print(data);
      return 0;
    }
    throw new SlipwayError('inventory.pattern', `there is no host \`${flags.host}\``, {
      hint: didYouMean(flags.host, inventory.hosts.keys()),
    });
  }
  if (flags.graph) process.stdout.write(`${inventoryGraph(inventory, { vars: flags.vars }).trimEnd()}\n`);
  else
    print(
      inventoryJson(
        inventory,
        flags.limit ? new Set(inventory.select(expandLimit(flags.limit, process.cwd()))) : undefined,
      ),
    );
  return 0;
}
