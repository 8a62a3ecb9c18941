import { type Fault, Unknown } from '../expression/types.ts';
import type { Include } from '../playbook/types.ts';
import { Look } from './look.ts';
import { type Extra, type Looked, roundsOf } from './task.ts';
import type { Place } from './walk.ts';

/** What an include comes to for one host. */
export interface Included {
  readonly faults: readonly Fault[];
  /** What is brought, once for each item of its loop. */
  readonly rounds: readonly { readonly target: string; readonly extra: Extra }[];
  /** Something is brought whose name is not known. */
  readonly open: boolean;
  readonly sure: boolean;
  /** Conditions of which nobody knows whether they hold. */
  readonly unless: readonly string[];
  readonly guards: ReadonlySet<string>;
}

/** Examines an include for one host: its loop, its conditions for each item, and the name of what it brings. */
export async function examineInclude(
  include: Include,
  place: Place,
  host: string,
): Promise<Looked<Included>> {
  const look = new Look(place, host, include);
  const { loop } = include;
  const names = loop ? roundsOf(loop, look, look.scope(place.extra), place.extra) : [place.extra];
  let { sure } = look.watch;
  const before = sure;
  let open = false;
  const rounds: { target: string; extra: Extra }[] = [];
  const unless = new Set<string>();
  for (const extra of names) {
    look.watch.sure = before;
    const scope = look.scope(extra);
    const decided = look.decide(include.when, scope);
    if (decided === false) continue;
    if (decided !== true) for (const text of decided) unless.add(text);
    sure &&= look.watch.sure;
    const target = look.value(include.target, scope);
    if (target instanceof Unknown) open = true;
    else rounds.push({ target: String(target), extra });
  }
  const { guards, faults } = look.watch;
  const leaf = { faults: [...faults.values()], rounds, open, sure, unless: [...unless], guards };
  return { leaf, read: look.read, content: () => look.read };
}
