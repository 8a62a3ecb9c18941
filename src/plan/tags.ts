import type { TaskNode } from '../playbook/types.ts';

/**
 * Whether the tags of a task are chosen by `-t` and `--skip-tags`, with Ansible's special tags: always, never, all,
 * tagged, untagged.
 */
export function tagFilter(
  only: readonly string[],
  skip: readonly string[],
): (tags: readonly string[]) => boolean {
  const wanted = new Set(only.length === 0 ? ['all'] : only);
  const unwanted = new Set(skip);
  return (own) => {
    const tags = own.length === 0 ? ['untagged'] : own;
    const tagged = own.length > 0;
    const meets = (set: ReadonlySet<string>) =>
      tags.some((tag) => set.has(tag)) || (tagged && set.has('tagged'));
    const never = tags.includes('never');
    const always = tags.includes('always');
    const byTag = tags.some((tag) => wanted.has(tag)) || (tagged && !never && wanted.has('tagged'));
    const run = always || (wanted.has('all') && !never) || byTag;
    if (!run) return false;
    if (unwanted.has('all')) return always && !unwanted.has('always');
    return !meets(unwanted);
  };
}

/** The tasks that are chosen; blocks keep their shape and vanish when nothing is left in them. */
export function selectTasks(
  nodes: readonly TaskNode[],
  chosen: (tags: readonly string[]) => boolean,
): TaskNode[] {
  return nodes.flatMap((node): TaskNode[] => {
    if (node.kind === 'meta') return node.tags.length === 0 || chosen(node.tags) ? [node] : [];
    if (node.kind !== 'block') return chosen(node.tags) ? [node] : [];
    const [tasks, rescue, always] = [node.tasks, node.rescue, node.always].map((section) =>
      selectTasks(section, chosen),
    );
    if (tasks!.length + always!.length === 0) return [];
    return [{ ...node, tasks: tasks!, rescue: rescue!, always: always! }];
  });
}

/** All tags that tasks have. What flushes the handlers is no task: its `always` is nobody's. */
export function tagsOf(nodes: readonly TaskNode[]): ReadonlySet<string> {
  const tags = new Set<string>();
  for (const node of nodes) {
    if (node.kind === 'meta') continue;
    for (const tag of node.tags) tags.add(tag);
    if (node.kind === 'block')
      for (const tag of tagsOf([...node.tasks, ...node.rescue, ...node.always])) tags.add(tag);
  }
  return tags;
}
