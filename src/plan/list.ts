import type { TaskNode } from '../playbook/types.ts';
import { writtenName } from './start-at.ts';
import { tagsOf } from './tags.ts';
import type { Plan } from './types.ts';

export interface Listing {
  readonly hosts?: boolean | undefined;
  readonly tasks?: boolean | undefined;
  readonly tags?: boolean | undefined;
}

/** The text of --list-hosts, --list-tasks and --list-tags. */
export function listText(plan: Plan, what: Listing): string {
  const lines = plan.plays.flatMap(({ play, hosts, tasks }, index) => {
    const written = ['data', 'template'].includes(play.hosts.kind) ? writtenName(play.hosts) : undefined;
    const head = `  play #${index + 1} (${written ?? 'hosts'}): ${play.name}\tTAGS: [${play.keywords.tags.join(', ')}]`;
    const tags = [...tagsOf(play.tasks)].sort();
    return [
      '',
      head,
      ...(what.hosts ? [`    hosts (${hosts.length}):`, ...hosts.map((host) => `      ${host}`)] : []),
      ...(what.tasks ? ['    tasks:', ...taskLines(tasks)] : []),
      ...(what.tags ? [`      TASK TAGS: [${tags.join(', ')}]`] : []),
    ];
  });
  return `${lines.join('\n')}\n`;
}

function taskLines(nodes: readonly TaskNode[]): string[] {
  return nodes.flatMap((node) => {
    if (node.kind === 'block') return taskLines([...node.tasks, ...node.rescue, ...node.always]);
    if (node.kind === 'meta') return [];
    const role = node.layers.roleName ? `${node.layers.roleName} : ` : '';
    const name = writtenName(node.name) ?? (node.kind === 'task' ? node.module : `include_${node.what}`);
    return [`      ${role}${name}\tTAGS: [${node.tags.join(', ')}]`];
  });
}
