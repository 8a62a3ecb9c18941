import { type Effect, type Outlook, Unclear } from '../../module/outlook.ts';
import { pathSubject } from '../files/expected.ts';
import type { UserChange } from './user-compare.ts';
import { groupsOf, type UserParams } from './user-params.ts';
import type { UserState } from './user-state.ts';

/** The groups that the task names. */
export function groupsAsked(p: UserParams): string[] {
  return [...(p.group === undefined ? [] : [p.group]), ...(groupsOf(p) ?? [])];
}

/** A user as the tasks before would have left it: one whom they make or change is not known any more. */
export function foreseeUser(state: UserState, p: UserParams, outlook: Outlook): UserState | Unclear {
  const then = outlook.of(`user:${p.name}`);
  if (then && (then.state !== 'absent' || state.account === undefined)) return new Unclear(then.by);
  const known = new Map(state.known);
  for (const name of groupsAsked(p)) {
    const group = outlook.of(`group:${name}`);
    if (!group) continue;
    const planned = group.state as { there: boolean; gid: number | undefined } | undefined;
    if (!planned) return new Unclear(group.by);
    if (planned.there) known.set(name, planned.gid ?? -1);
    else known.delete(name);
  }
  return { ...state, known, account: then ? undefined : state.account };
}

/** Whoever is made gets a home, with what the host's skeleton has in it. */
export function userEffects({ step }: UserChange, state: UserState, p: UserParams): Effect[] {
  const home = p.home ?? state.account?.home;
  const subject = `user:${p.name}` as const;
  if (step === 'remove') return [{ subject, state: 'absent' }, ...touched(p.remove ? home : undefined)];
  const own = step === 'create' && p.group === undefined ? [`group:${p.name}` as const] : [];
  return [
    { subject, state: 'present' },
    ...own.map((group) => ({ subject: group, state: { there: true, gid: undefined } })),
    ...touched(step === 'create' ? (home ?? `/home/${p.name}`) : undefined),
  ];
}

function touched(path: string | undefined): Effect[] {
  return path === undefined ? [] : [{ subject: pathSubject(path) }];
}
