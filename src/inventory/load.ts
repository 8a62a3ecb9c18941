import path from 'node:path';
import type { Problems } from '../base/errors.ts';
import type { Value } from '../expression/types.ts';
import { newDraft } from './draft.ts';
import { mergeVariables } from './merge.ts';
import { LOCAL_NAMES, selectHosts } from './patterns.ts';
import { resolveGroups } from './resolve.ts';
import { readInventorySource } from './sources.ts';
import type { Inventory, InventoryGroup, InventoryHost } from './types.ts';

export interface InventoryOptions {
  /** Default: the current folder of the process. */
  readonly cwd?: string | undefined;
  /** Folders of the playbooks, for their group_vars/ and host_vars/. */
  readonly playbookDirs?: readonly string[] | undefined;
}

/** Reads inventories, in the order of `-i`: later ones win. What is wrong goes to `problems`; nothing is thrown. */
export async function loadInventory(
  paths: readonly string[],
  problems: Problems,
  options: InventoryOptions = {},
): Promise<Inventory> {
  const cwd = options.cwd ?? process.cwd();
  const draft = newDraft();
  const folders: string[] = [];
  for (const given of paths) {
    const folder = await readInventorySource(given, { draft, problems, cwd });
    if (folder !== undefined) folders.push(folder);
  }
  const resolved = resolveGroups(draft, problems);
  const playbook = (options.playbookDirs ?? []).map((folder) => path.resolve(cwd, folder));
  const merged = mergeVariables(draft, resolved, { inventory: folders, playbook, cwd }, problems);
  const hosts = new Map<string, InventoryHost>();
  for (const { name, origin } of draft.hosts.values())
    hosts.set(name, {
      name,
      groups: resolved.groupsOf(name),
      variables: merged.ofHost(name),
      file: origin.file,
      folder: origin.folder,
    });
  const groups = new Map<string, InventoryGroup>();
  for (const group of resolved.groups.values())
    groups.set(group.name, {
      name: group.name,
      hosts: [...group.hosts],
      children: [...group.children.keys()],
      allHosts: group.allHosts,
      variables: merged.ofGroup(group.name),
    });
  return inventoryOf(hosts, groups);
}

/** The inventory's look-ups over its hosts and groups. */
export function inventoryOf(
  hosts: ReadonlyMap<string, InventoryHost>,
  groups: ReadonlyMap<string, InventoryGroup>,
): Inventory {
  return {
    hosts,
    groups,
    host: (name) => hosts.get(name) ?? implicitLocal(name, groups),
    select: (pattern) => selectHosts({ hosts, groups }, pattern),
  };
}

function implicitLocal(name: string, groups: ReadonlyMap<string, InventoryGroup>): InventoryHost | undefined {
  if (!LOCAL_NAMES.includes(name)) return undefined;
  const span = { source: { path: '(implicit localhost)', text: '' }, start: 0, end: 0 };
  const variables = new Map<string, Value>(groups.get('all')?.variables ?? []);
  variables.set('ansible_connection', { kind: 'data', data: 'local', span });
  return { name, groups: [], variables, implicit: true };
}
