import { SlipwayError } from '../base/errors.ts';
import type { Proposal } from '../events/types.ts';
import { exceeds } from './drift.ts';
import { type Finished, foretold, keyOf, type SavedPlan, titleOf } from './saved-plan.ts';

export type Ask = (question: string) => Promise<string | undefined>;

/** Lets a run do what was approved, and nothing else. */
export class Gate {
  readonly #approved: ReadonlyMap<string, Finished>;
  readonly #rule: SavedPlan['unknown'];
  readonly #ask: Ask;
  #all = false;
  #stopped: string | undefined;

  constructor(plan: Pick<SavedPlan, 'events' | 'unknown'>, ask: Ask) {
    this.#approved = new Map(foretold(plan.events).map((event) => [keyOf(event), event]));
    this.#rule = plan.unknown;
    this.#ask = ask;
  }

  /** @throws {SlipwayError} plan.drifted; from then on nothing is allowed any more */
  async allow(proposal: Proposal): Promise<void> {
    if (this.#stopped !== undefined)
      throw this.#refusal(proposal, `nothing more is done since ${this.#stopped}`);
    const approved = this.#approved.get(keyOf(proposal));
    const forecast = approved?.forecast;
    if (forecast === 'unknown' || forecast === 'may-run') return this.#decide(proposal, approved!);
    if (!approved) return this.#stop(proposal, 'it is not in the plan');
    if (forecast === 'run') return;
    if (forecast !== 'change')
      return this.#stop(
        proposal,
        `it would change (${proposal.why ?? ''}), and the plan says that it would not`,
      );
    // A task that says no_log shows no differences.
    const more = approved.diff && exceeds(approved.diff, proposal.diff);
    if (more !== undefined) this.#stop(proposal, more);
  }

  async #decide(proposal: Proposal, approved: Finished): Promise<void> {
    if (this.#rule === 'allow' || this.#all) return;
    const open = `the plan could not tell what it would do (${approved.why ?? 'unknown'})`;
    if (this.#rule === 'stop') return this.#stop(proposal, `${open}, and says to stop there`);
    const what = proposal.why ?? (proposal.kind === 'run' ? 'it would run' : 'it would change');
    const answer = await this.#ask(`${titleOf(proposal)}: ${what}\n${open}. Do it? [y]es, [n]o, [a]ll:`);
    const word = (answer ?? '').trim().toLowerCase();
    if (word === 'a' || word === 'all') this.#all = true;
    else if (word !== 'y' && word !== 'yes')
      this.#stop(
        proposal,
        answer === undefined ? `${open}, and there is nobody to ask` : `${open}, and you said no`,
      );
  }

  #stop(proposal: Proposal, why: string): never {
    this.#stopped = titleOf(proposal);
    throw this.#refusal(proposal, why);
  }

  #refusal(proposal: Proposal, why: string): SlipwayError {
    return new SlipwayError('plan.drifted', `${titleOf(proposal)} was not done: ${why}`, {
      hint: 'What was done so far is what the plan says. Make a new plan for the rest (slipway plan).',
    });
  }
}
