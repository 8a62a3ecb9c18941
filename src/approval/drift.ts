import { FORECAST_WORDS } from '../events/forecast-words.ts';
import type { Diff, Event } from '../events/types.ts';
import { type Finished, foretold, keyOf, titleOf } from './saved-plan.ts';

/** A task that is no longer foretold as it was approved. */
export interface Drift {
  readonly title: string;
  /** What differs, as a sentence. */
  readonly what: string;
}

/** Compares two forecasts of the same command, task by task. */
export function driftBetween(planned: readonly Event[], now: readonly Event[]): Drift[] {
  const before = new Map(foretold(planned).map((event) => [keyOf(event), event]));
  const drifts: Drift[] = [];
  for (const event of foretold(now)) {
    const known = before.get(keyOf(event));
    before.delete(keyOf(event));
    const what = known ? differenceOf(known, event) : `it is new: ${wordOf(event)}`;
    if (what !== undefined) drifts.push({ title: titleOf(event), what });
  }
  for (const event of before.values())
    drifts.push({ title: titleOf(event), what: `it is not reached any more; it was: ${wordOf(event)}` });
  return drifts;
}

function differenceOf(planned: Finished, now: Finished): string | undefined {
  if (wordOf(planned) !== wordOf(now))
    return `${wordOf(now)}${now.why === undefined ? '' : ` (${now.why})`}, planned was: ${wordOf(planned)}`;
  const [old, fresh] = [planned.diff ?? [], now.diff ?? []];
  for (const difference of fresh) {
    const same = old.find(({ subject }) => subject === difference.subject);
    if (!same) return `${difference.subject} would change, too`;
    if (same.before !== difference.before)
      return `${difference.subject} is ${short(difference.before)}, and was ${short(same.before)} when it was planned`;
    if (same.after !== difference.after)
      return `${difference.subject} would become ${short(difference.after)}, planned was ${short(same.after)}`;
  }
  const gone = old.find(({ subject }) => !fresh.some((difference) => difference.subject === subject));
  return gone && `${gone.subject} would not change any more`;
}

/** What was approved of a change allows this one: nothing changes that was not shown, and to nothing else. */
export function exceeds(approved: readonly Diff[], actual: readonly Diff[]): string | undefined {
  for (const { subject, after } of actual) {
    const same = approved.find((difference) => difference.subject === subject);
    if (!same) return `${subject} would change, which was not in the plan`;
    if (same.after !== after && !same.open)
      return `${subject} would become ${short(after)}, approved was ${short(same.after)}`;
  }
  return undefined;
}

function wordOf(event: Pick<Finished, 'forecast' | 'status'>): string {
  const { forecast, status } = event;
  if (status === 'failed' || status === 'unreachable' || forecast === undefined) return status;
  return forecast === 'same' ? 'nothing to do' : FORECAST_WORDS[forecast];
}

function short(value: string | undefined): string {
  if (value === undefined) return 'nothing';
  const line = value.split('\n').find((text) => text.trim() !== '') ?? '';
  const more = value.trimEnd().includes('\n') ? ' …' : '';
  return line.length > 60 ? `${line.slice(0, 60)}…` : `${line}${more}`;
}
