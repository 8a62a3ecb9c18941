import type { SlipwayError } from '../base/errors.ts';
import { Unknown } from '../expression/types.ts';
import type { Cohort, Learnt } from './state.ts';

/** Errors of things that define no variables. */
const HARMLESS = /^(template|condition|plan)\.|^(playbook\.unknown-(handler|play|host)|inventory\.no-hosts)$/;

/** What could not be read is left out, and with it what it would have set: some names, or any. */
export function learntFrom(errors: readonly SlipwayError[]): Required<Pick<Learnt, 'set' | 'open'>> {
  const names = errors.map(({ code, data }) =>
    HARMLESS.test(code) ? [] : (data['defines'] as readonly string[] | undefined),
  );
  const set = new Map(names.flatMap((each) => each ?? []).map((name) => [name, new Unknown(name)]));
  return { set, open: names.includes(undefined) };
}

/** What an included file would have set, where it could not be read, is not known. */
export function without(errors: readonly SlipwayError[], id: string, cohorts: readonly Cohort[]): Cohort[] {
  return cohorts.map(({ state, hosts }) => {
    const learn = () => {
      const { set, open } = learntFrom(errors);
      return { set, open: open || state.open };
    };
    return { state: state.after(`${id} unread`, learn), hosts };
  });
}
