import { expect } from 'vitest';
import type { StateModule } from '../../src/module/contract.ts';
import { type Subject, Unclear } from '../../src/module/outlook.ts';
import { HostOutlook } from '../../src/run/outlook.ts';

/**
 * What every state owes a dry run: what a change leaves behind is among what it says that it touches (a task that may run
 * leaves just that unknown), and the same task once more finds nothing to do, or cannot tell; never a change again.
 */
/* oxlint-disable typescript/no-explicit-any */
export function foretellsItself(
  module: StateModule<any, any, any, any, any>,
  ready: unknown,
  current: unknown,
  change: unknown,
  again: boolean,
): void {
  const touched = module.touches!(ready);
  const effects = module.effects?.(change, current, ready, { user: 'root' });
  const outlook = new HostOutlook();
  const more = (effects ?? [])
    .map(({ subject }) => subject)
    .filter((subject) => !isTouched(subject, touched));
  expect(more).toEqual([]);
  outlook.expect(effects ?? touched.map((subject) => ({ subject })), 'before');
  if (!module.foresee) return;
  const then = module.foresee(current, ready, outlook);
  if (then instanceof Unclear) return;
  const verdict = module.compare(then, ready);
  const repeats = again || (verdict.verdict === 'change' && verdict.always === true);
  expect(verdict).toMatchObject({ verdict: repeats ? 'change' : 'same' });
}
/* oxlint-enable typescript/no-explicit-any */

/** A folder that is made on the way to a path needs no word of its own. */
function isTouched(subject: Subject, touched: readonly Subject[]): boolean {
  const outlook = new HostOutlook();
  outlook.expect(
    touched.map((one) => ({ subject: one })),
    'itself',
  );
  if (outlook.concerning([subject])) return true;
  return subject.startsWith('path:') && outlook.within(subject.slice(5)) !== undefined;
}
