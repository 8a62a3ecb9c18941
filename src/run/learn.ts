import type { HostVariables } from '../plan/types.ts';
import type { Place } from './place.ts';

/** Whose facts a task gathers or sets: its own host's, or with `delegate_facts` those of the host that did it. */
export function factsOwner(place: Place, doer: string | undefined): HostVariables {
  const { ctx, host, planned, vars } = place.seat;
  if (doer === undefined || doer === host || !place.task.delegateFacts) return vars;
  return ctx.variables.forHost(doer, planned);
}

/** Takes in facts of the host that a task ran on. */
export function learn(place: Place, doer: string, facts: Record<string, unknown>): void {
  factsOwner(place, doer).setFacts(facts);
}
