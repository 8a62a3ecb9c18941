import type { Problems } from '../base/errors.ts';
import { didYouMean } from '../base/suggest.ts';
import type { TaskNode } from '../playbook/types.ts';
import { tagsOf } from '../plan/tags.ts';
import type { Plan } from '../plan/types.ts';

const SPECIAL: ReadonlySet<string> = new Set(['all', 'tagged', 'untagged', 'always', 'never']);

/** Tags of the command line that select nothing. */
export function unknownTags(plan: Plan, problems: Problems): void {
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

export function hasInclude(node: TaskNode): boolean {
  if (node.kind === 'block') return [...node.tasks, ...node.rescue, ...node.always].some(hasInclude);
  return node.kind === 'include' && node.what !== 'vars';
}
