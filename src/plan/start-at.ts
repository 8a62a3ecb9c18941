import type { Value } from '../expression/types.ts';
import type { TaskNode } from '../playbook/types.ts';

/** A name as it is written: templates stay text. */
export function writtenName(name: Value | undefined): string | undefined {
  if (name?.kind === 'template') return name.text;
  return name?.kind === 'data' ? String(name.data) : undefined;
}

/** The tasks from the first one with this name (`*` and `?` are wildcards) on; undefined where there is none. */
export function tasksFrom(nodes: readonly TaskNode[], name: string): TaskNode[] | undefined {
  const pattern = new RegExp(
    `^${name
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
  );
  for (const [index, node] of nodes.entries()) {
    const rest = nodes.slice(index + 1);
    if (node.kind === 'block') {
      const inside = tasksFrom(node.tasks, name);
      if (inside) return [{ ...node, tasks: inside }, ...rest];
      continue;
    }
    if (pattern.test(writtenName(node.name) ?? (node.kind === 'task' ? node.module : '')))
      return [node, ...rest];
  }
  return undefined;
}
