import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import type { Problems } from '../base/errors.ts';
import type { Value } from '../expression/types.ts';
import type { Draft } from './draft.ts';
import { layered } from './layered.ts';
import type { Resolved } from './resolve.ts';
import { findVariableFiles, loadVariables } from './variables-file.ts';

type Variables = ReadonlyMap<string, Value>;

export interface VariableFolders {
  /** Folders of the inventory files, in the order given; then those of the playbooks. */
  readonly inventory: readonly string[];
  readonly playbook: readonly string[];
  readonly cwd: string;
}

/** Reads group_vars/ or host_vars/ of some folders: a function from a name to its variables, later folders winning. */
function filesOf(
  folders: readonly string[],
  kind: 'group_vars' | 'host_vars',
  cwd: string,
  problems: Problems,
): (name: string) => Variables[] {
  const present = [...new Set(folders)]
    .map((folder) => path.join(folder, kind))
    .filter((folder) => existsSync(folder))
    .map((folder) => ({
      folder,
      names: new Set(readdirSync(folder).map((file) => file.replace(/\.(ya?ml|json)$/, ''))),
    }));
  return (name) =>
    present
      .filter(({ names }) => names.has(name))
      .flatMap(({ folder }) => findVariableFiles(folder, name))
      .map((file) => loadVariables(file, cwd, problems));
}

export interface Merged {
  /** What is written for a group, from all places. */
  readonly ofGroup: (name: string) => Variables;
  /** Everything that applies to a host. */
  readonly ofHost: (name: string) => Variables;
}

/**
 * Ansible's order, low to high: `all` in the inventory, other groups in the inventory, group_vars/all (inventory, then
 * playbook), group_vars of other groups (inventory, then playbook), the host in the inventory, host_vars (inventory,
 * then playbook). Hosts in the same groups share one map.
 */
export function mergeVariables(
  draft: Draft,
  resolved: Resolved,
  folders: VariableFolders,
  problems: Problems,
): Merged {
  const { cwd } = folders;
  const groupFiles = {
    inventory: filesOf(folders.inventory, 'group_vars', cwd, problems),
    playbook: filesOf(
      folders.playbook.filter((folder) => !folders.inventory.includes(folder)),
      'group_vars',
      cwd,
      problems,
    ),
  };
  const hostFiles = filesOf([...folders.inventory, ...folders.playbook], 'host_vars', cwd, problems);
  const fromFiles = new Map<string, { inventory: Variables[]; playbook: Variables[] }>();
  for (const name of resolved.groups.keys())
    fromFiles.set(name, { inventory: groupFiles.inventory(name), playbook: groupFiles.playbook(name) });

  const shared = new Map<string, Variables>();
  const ofGroups = (names: readonly string[]): Variables => {
    const key = names.join('\n');
    const known = shared.get(key);
    if (known) return known;
    const maps = ['all', ...names].map((name) => draft.groups.get(name)!.variables as Variables);
    const all = fromFiles.get('all')!;
    maps.push(...all.inventory, ...all.playbook);
    for (const place of ['inventory', 'playbook'] as const)
      for (const name of names) maps.push(...fromFiles.get(name)![place]);
    const merged = new Map(maps.flatMap((map) => [...map]));
    shared.set(key, merged);
    return merged;
  };
  return {
    ofGroup: (name) => {
      const files = fromFiles.get(name)!;
      return new Map(
        [draft.groups.get(name)!.variables, ...files.inventory, ...files.playbook].flatMap((map) => [...map]),
      );
    },
    ofHost: (name) => {
      const base = ofGroups(resolved.groupsOf(name));
      return layered(base, [draft.hosts.get(name)!.variables, ...hostFiles(name)]);
    },
  };
}
