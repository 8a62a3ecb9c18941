import type { Value } from '../expression/types.ts';
import type { TaskNode } from '../playbook/types.ts';

/** A name as it is written: templates stay text. */
export function writtenName(name: Value | undefined): string | undefined {
  if (name?.kind === 'template') return name.text;
  return name?.kind === 'data' ? String(name.data) : undefined;
}

/** What a task may be called by: its name, and with its role before it, as in lists. */
function namesOf(node: Exclude<TaskNode, { kind: 'block' }>): string[] {
  const name = writtenName(node.name) ?? (node.kind === 'task' ? node.module : '');
  return [name, ...(node.layers.roleName ? [`${node.layers.roleName} : ${name}`] : [])];
}

/** The names of all tasks, without those of roles before them. */
export function taskNames(nodes: readonly TaskNode[]): string[] {
  return nodes.flatMap((node) => (node.kind === 'block' ? taskNames(node.tasks) : namesOf(node).slice(0, 1)));
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
    if (namesOf(node).some((one) => pattern.test(one))) return [node, ...rest];
  }
  return undefined;
}
