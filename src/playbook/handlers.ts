import type { Node } from '../document/node.ts';
import { SlipwayError, SlipwayErrors } from '../base/errors.ts';
import { idsFrom, type Place } from './loader.ts';
import type { Include, Task, TaskNode } from './types.ts';

/** Reads handlers. An `include_tasks` among them becomes handlers that listen to its name. */
export function readHandlers(list: Node, place: Place): Task[] {
  const ids = place.handlers ? place.ids : idsFrom(`${place.ids.next()}h`);
  const read = place.loader.tasks(list, { ...place, ids, handlers: true });
  const handlers = read.flatMap((node) => asHandlers(node, place));
  for (const handler of handlers) {
    if (!handler.name && handler.listen.length === 0)
      place.problems.error('schema.missing-key', 'a handler needs a `name` or `listen`', {
        span: handler.span,
        hint: 'Without it nothing can notify it.',
      });
    if (handler.name?.kind === 'template') place.play.openHandlers = true;
  }
  const { role } = place;
  return role ? handlers.map((handler) => withRoleName(handler, role.name)) : handlers;
}

/** A role's handler can be notified as `role : name`, too. */
function withRoleName(handler: Task, role: string): Task {
  if (handler.name?.kind !== 'data') return handler;
  return { ...handler, listen: [...handler.listen, `${role} : ${String(handler.name.data)}`] };
}

function asHandlers(node: TaskNode, place: Place): Task[] {
  if (node.kind === 'task') return [node];
  if (node.kind === 'include' && node.what === 'tasks' && node.target.kind === 'data')
    return includedHandlers(node, String(node.target.data), place);
  const what = node.kind === 'include' ? 'an include with a name that is not fixed' : `\`${node.kind}\``;
  place.problems.error('playbook.not-supported', `${what} cannot be a handler`, {
    span: node.span,
    hint: 'Write the handlers as tasks; several may `listen` to one topic.',
  });
  return [];
}

function includedHandlers(node: Include, target: string, place: Place): Task[] {
  const name = node.name?.kind === 'data' ? [String(node.name.data)] : [];
  try {
    const { tasks } = node.load(target);
    return tasks
      .flatMap((inner) => asHandlers(inner, place))
      .map((task) => ({ ...task, when: [...node.when, ...task.when], listen: [...task.listen, ...name] }));
  } catch (error) {
    // The include has reported it already, when it was read.
    if (error instanceof SlipwayError || error instanceof SlipwayErrors) return [];
    throw error;
  }
}

/** Names and topics that notify one of these handlers; templates apart. */
export function handlerNames(handlers: readonly Task[]): string[] {
  return handlers.flatMap(({ name, listen }) => [
    ...(name?.kind === 'data' ? [String(name.data)] : []),
    ...listen,
  ]);
}
