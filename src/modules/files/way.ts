import type { Doer, Effect, Outlook, Subject, Unclear } from '../../module/outlook.ts';
import type { Verdict } from '../../module/contract.ts';
import type { Host } from '../../module/host.ts';
import type { Program } from '../../module/program.ts';
import type { Output } from '../../transport/types.ts';
import type { FileResult } from './file-result.ts';

/**
 * One way in which a module with several (a file, a tree, a path on the host itself) does its work. `prepare` chooses
 * the way from the parameters; the module's functions only pass on to it.
 */
export interface Way<Current = unknown, Change = unknown, Result = FileResult> {
  probe(): Program;
  read(output: Output): Current;
  compare(current: Current): Verdict<Change>;
  apply(change: Change): Program | ((host: Host) => Promise<void>);
  result(current: Current): Result;
  forecast?(change: Change, current: Current): Partial<Result>;
  /** As in StateModule. */
  touches(): readonly Subject[];
  reads?(): readonly Subject[];
  effects?(change: Change, current: Current, doer: Doer): readonly Effect[];
  settles?(doer: Doer): readonly Effect[];
  foresee(current: Current, outlook: Outlook): Current | Unclear;
}

/** A way whose own types nobody outside needs to know. */
export function way<Current, Change>(chosen: Way<Current, Change>): Way {
  return chosen as unknown as Way;
}

/** The functions of a state module whose `prepare` gives a Way. */
export const byWay = {
  probe: (ready: Way) => ready.probe(),
  read: (output: Output, ready: Way) => ready.read(output),
  compare: (current: unknown, ready: Way) => ready.compare(current),
  apply: (change: unknown, ready: Way) => ready.apply(change),
  touches: (ready: Way) => ready.touches(),
  reads: (ready: Way) => ready.reads?.() ?? [],
  effects: (change: unknown, current: unknown, ready: Way, doer: Doer) =>
    ready.effects?.(change, current, doer) ?? ready.touches().map((subject) => ({ subject })),
  settles: (ready: Way, doer: Doer) =>
    ready.settles?.(doer) ?? ready.touches().map((subject) => ({ subject })),
  foresee: (current: unknown, ready: Way, outlook: Outlook) => ready.foresee(current, outlook),
};
