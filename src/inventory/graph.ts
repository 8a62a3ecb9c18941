import type { Value } from '../expression/types.ts';
import { rawData } from './json.ts';
import type { Inventory } from './types.ts';

/** The tree that `ansible-inventory --graph` prints, from `top` down; with `vars`, the variables too. */
export function inventoryGraph(
  inventory: Inventory,
  options: { readonly top?: string | undefined; readonly vars?: boolean | undefined } = {},
): string {
  const lines: string[] = [];
  const add = (text: string, depth: number) =>
    lines.push(depth === 0 ? text : `${'  |'.repeat(depth)}--${text}`);
  const addVariables = (variables: ReadonlyMap<string, Value> | undefined, depth: number) => {
    if (!options.vars || !variables) return;
    for (const name of [...variables.keys()].sort())
      add(`{${name} = ${shown(rawData(variables.get(name)!))}}`, depth);
  };
  const visit = (name: string, depth: number) => {
    const group = inventory.groups.get(name);
    if (!group) return;
    add(`@${name}:`, depth);
    for (const child of group.children) visit(child, depth + 1);
    for (const host of name === 'all' ? [] : group.hosts) {
      add(host, depth + 1);
      addVariables(inventory.hosts.get(host)?.variables, depth + 2);
    }
    addVariables(group.variables, depth + 1);
  };
  visit(options.top ?? 'all', 0);
  return lines.join('\n');
}

/** Python's way of writing a value, as Ansible prints it. */
function shown(data: unknown, inside = false): string {
  if (data === null || data === undefined) return 'None';
  if (typeof data === 'boolean') return data ? 'True' : 'False';
  if (typeof data === 'string') return inside ? `'${data.replaceAll("'", "\\'")}'` : data;
  if (Array.isArray(data)) return `[${data.map((item) => shown(item, true)).join(', ')}]`;
  if (typeof data !== 'object') return String(data);
  const entries = Object.entries(data).map(([key, value]) => `${shown(key, true)}: ${shown(value, true)}`);
  return `{${entries.join(', ')}}`;
}
