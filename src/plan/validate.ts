import type { Problems } from '../base/errors.ts';
import { didYouMean } from '../base/suggest.ts';
import type { TaskNode } from '../playbook/types.ts';
import { tagsOf } from './tags.ts';
import type { Plan } from './types.ts';

const SPECIAL: ReadonlySet<string> = new Set(['all', 'tagged', 'untagged', 'always', 'never']);

/**
 * What can be said of a plan without any host: today, tags that select nothing. The check of every variable for every
 * host (undefined names, types, fields of registers) belongs here, too: it has the plan, its inventory and the
 * references of all templates and conditions.
 */
export function validateStatic(plan: Plan, problems: Problems): void {
  const nodes = plan.plays.flatMap(({ play }) => [...play.tasks, ...play.handlers]);
  // What an include brings is known when a host gets there.
  if (nodes.some(hasInclude)) return;
  const known = tagsOf(nodes);
  for (const tag of [...plan.options.tags, ...plan.options.skipTags])
    if (!known.has(tag) && !SPECIAL.has(tag))
      problems.warn('plan.no-match', `no task has the tag \`${tag}\``, {
        hint: known.size > 0 ? didYouMean(tag, known) : 'No task has any tag.',
      });
}

function hasInclude(node: TaskNode): boolean {
  if (node.kind === 'block') return [...node.tasks, ...node.rescue, ...node.always].some(hasInclude);
  return node.kind === 'include' && node.what !== 'vars';
}
