import type { TaskNode } from '../playbook/types.ts';

/** How many tasks there are, blocks opened; sections that only a failure leads to are not counted. */
export function listedTasks(nodes: readonly TaskNode[]): number {
  return nodes.reduce((sum, node) => {
    if (node.kind === 'meta') return sum;
    return sum + (node.kind === 'block' ? listedTasks([...node.tasks, ...node.always]) : 1);
  }, 0);
}
