import { FactMentions } from './fact-mentions.ts';
import { Reading } from './reading.ts';
import type { CheckInputs } from './world.ts';

/** Facts by name, without `ansible_`; `all` where any of them may be read. */
export type NeededFacts = ReadonlySet<string> | 'all';

/**
 * The facts that anything in a plan may read: its tasks, with all that they bring in and render, and the variables of
 * all hosts. Where that cannot be known (a file whose name is a template), it is all of them.
 */
export async function neededFacts(inputs: Omit<CheckInputs, 'version'>): Promise<NeededFacts> {
  const mentions = new FactMentions();
  await new Reading(inputs, mentions).plan();
  return mentions.any ? 'all' : mentions.names;
}
