import type { Problems } from '../base/errors.ts';
import { Findings } from './findings.ts';
import { learntFrom } from './gaps.ts';
import { State } from './state.ts';
import { unusedHandlers } from './handlers.ts';
import { Misspelt } from './misspelt.ts';
import { unknownTags } from './tags.ts';
import { Walk } from './walk.ts';
import { type CheckInputs, World } from './world.ts';

/**
 * Everything that can be known of a plan before the first connection: each task is looked at for each host that it is
 * for, with what is known, and with the shape of what is not known yet. What is wrong goes to `problems`.
 */
export async function checkPlan(inputs: CheckInputs, problems: Problems): Promise<void> {
  const world = new World(inputs);
  const findings = new Findings(world);
  const misspelt = new Misspelt(world);
  const states = new Map<string, State>();
  // With `delegate_facts` a host may have learned anything from the tasks of others.
  const { elsewhere } = world.definitions;
  const { set, open } = learntFrom(problems.errors);
  const start = new State({ open: open || elsewhere, facts: elsewhere, set });
  for (const planned of inputs.plan.plays) {
    const groups = new Map<State, string[]>();
    for (const host of planned.hosts) {
      const state = states.get(host) ?? start;
      const group = groups.get(state);
      if (group) group.push(host);
      else groups.set(state, [host]);
    }
    const cohorts = [...groups].map(([state, hosts]) => ({ state, hosts }));
    for (const { state, hosts } of await new Walk(world, planned, findings).run(cohorts))
      for (const host of hosts) states.set(host, state);
  }
  unknownTags(inputs.plan, problems);
  unusedHandlers(inputs.plan, problems);
  await misspelt.report(problems);
  findings.report(problems);
}
