import type { Value } from '../expression/types.ts';
import type { Inventory } from './types.ts';

/** A value as it was written: templates stay text. */
export function rawData(value: Value): unknown {
  if (value.kind === 'data') return value.data;
  if (value.kind === 'template') return value.text;
  if (value.kind === 'list') return value.items.map(rawData);
  return Object.fromEntries(value.entries.map((entry) => [entry.key, rawData(entry.value)]));
}

function rawVariables(variables: ReadonlyMap<string, Value>): Record<string, unknown> {
  const names = [...variables.keys()].sort();
  return Object.fromEntries(names.map((name) => [name, rawData(variables.get(name)!)]));
}

/** What `ansible-inventory --host NAME` prints; undefined for a host that is not there. */
export function hostJson(inventory: Inventory, name: string): Record<string, unknown> | undefined {
  const host = inventory.host(name);
  return host && rawVariables(host.variables);
}

/**
 * What `ansible-inventory --list` prints: groups with `hosts` and `children` (empty ones left out), and
 * `_meta.hostvars`. Keys are sorted. `limit` keeps only some hosts.
 */
export function inventoryJson(inventory: Inventory, limit?: ReadonlySet<string>): Record<string, unknown> {
  const shown = (host: string) => !limit || limit.has(host);
  const hostvars: Record<string, unknown> = {};
  for (const name of [...inventory.hosts.keys()].filter(shown).sort()) {
    const { variables } = inventory.hosts.get(name)!;
    if (variables.size > 0) hostvars[name] = rawVariables(variables);
  }
  const result: Record<string, unknown> = { _meta: { hostvars } };
  const names = [...inventory.groups.keys()].sort();
  for (const name of names) {
    const group = inventory.groups.get(name)!;
    const hosts = name === 'all' ? [] : group.hosts.filter(shown);
    const entry = {
      ...(group.children.length > 0 && { children: group.children }),
      ...(hosts.length > 0 && { hosts }),
    };
    if (Object.keys(entry).length > 0) result[name] = entry;
  }
  return result;
}
