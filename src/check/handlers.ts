import type { Problems } from '../base/errors.ts';
import type { Plan } from '../plan/types.ts';
import { handlerNames } from '../playbook/handlers.ts';
import type { Play, Task, TaskNode } from '../playbook/types.ts';
import { hasInclude } from './tags.ts';

/** Handlers that no task of their play names. Those of roles belong to the role, which may be used for a part only. */
export function unusedHandlers({ plays }: Plan, problems: Problems): void {
  const said = new Set<string>();
  for (const { play } of plays) {
    if (play.tasks.some(hasInclude)) continue;
    const notified = notifiedIn(play);
    if (!notified) continue;
    for (const handler of play.handlers) {
      const key = `${handler.span.source.path}:${handler.span.start}`;
      if (handler.layers.rolePath !== undefined || said.has(key)) continue;
      const names = handlerNames([handler]);
      if (names.length === 0 || names.some((name) => notified.has(name))) continue;
      said.add(key);
      problems.warn('playbook.unused-handler', `nothing notifies the handler \`${names[0]}\``, {
        span: handler.name?.span ?? handler.span,
        hint: `Add \`notify: ${names[0]}\` to the task that it is for, or remove it.`,
      });
    }
  }
}

/** All names that tasks and handlers of a play notify; undefined where some are not known. */
function notifiedIn(play: Play): ReadonlySet<string> | undefined {
  const names = new Set<string>();
  for (const { notify } of tasksIn([...play.tasks, ...play.handlers]))
    for (const value of notify) {
      if (value.kind !== 'data') return undefined;
      names.add(String(value.data));
    }
  return names;
}

function tasksIn(nodes: readonly TaskNode[]): Task[] {
  return nodes.flatMap((node): Task[] => {
    if (node.kind === 'block') return tasksIn([...node.tasks, ...node.rescue, ...node.always]);
    return node.kind === 'task' ? [node] : [];
  });
}
