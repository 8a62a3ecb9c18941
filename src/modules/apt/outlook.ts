import { type Effect, type Outlook, type Subject, Unclear } from '../../module/outlook.ts';
import { pathSubject } from '../files/expected.ts';
import type { AptChange } from './compare.ts';
import { type AptParams, wantedOf } from './params.ts';
import type { AptState, Installed } from './probe.ts';

/** What a dry run expects of a package. */
interface Planned {
  readonly there: boolean;
  /** Undefined where apt chooses it. */
  readonly version: string | undefined;
  readonly held: boolean;
}

export function aptTouches(p: AptParams): Subject[] {
  const named = wantedOf(p).map(({ name }) => `package:${name}` as const);
  const others = p.deb !== undefined || (p.upgrade ?? 'no') !== 'no' || p.autoremove;
  return others ? [...named, 'package:'] : named;
}

/** Packages as the tasks before would have left them. */
export function foreseeApt(state: AptState, p: AptParams, outlook: Outlook): AptState | Unclear {
  if (!state.apt) return state;
  const deb = p.deb === undefined ? undefined : outlook.concerning([pathSubject(p.deb)]);
  if (deb) return new Unclear(deb.by);
  const upgrade = (p.upgrade ?? 'no') !== 'no' || p.autoremove || p.autoclean || p.clean || p.deb;
  const others = upgrade ? outlook.of('package:') : undefined;
  if (others) return new Unclear(others.by);
  const installed = new Map(state.installed);
  for (const { name, version } of wantedOf(p)) {
    const then = outlook.of(`package:${name}`);
    if (!then) continue;
    const planned = then.state as Planned | undefined;
    if (!planned || (planned.there && planned.version === undefined && version !== undefined))
      return new Unclear(then.by);
    installed.delete(name);
    if (planned.there) installed.set(name, thenThere(planned, version ?? versionOf(state, name)));
  }
  const sources = outlook.within('/etc/apt');
  const unknown = wantedOf(p).some(({ name }) => !installed.has(name) && !state.candidates.get(name));
  // New sources are read only when the lists are fetched.
  if (sources && unknown && !p.update_cache && p.state !== 'absent') return new Unclear(sources.by);
  // What a new source has is not known before.
  const candidates = sources
    ? new Map([...state.candidates].filter(([name]) => installed.has(name)))
    : state.candidates;
  return { ...state, installed, candidates, moreSources: sources !== undefined };
}

/** What apt chooses where nobody says a version. */
function versionOf(state: AptState, name: string): string | undefined {
  return state.candidates.get(name) ?? state.installed.get(name)?.version;
}

function thenThere(planned: Planned, wanted: string | undefined): Installed {
  const version = planned.version ?? wanted ?? 'the newest version';
  return { version, held: planned.held, broken: false };
}

/** What a change leaves behind. What else a package brings (files, units, users) is not known. */
export function aptEffects(change: AptChange, state: AptState, p: AptParams): Effect[] {
  const wanted = new Map(wantedOf(p).map(({ name, version }) => [name, version]));
  const held = (name: string) =>
    p.hold ?? (state.installed.get(name)?.held === true && !change.unhold.includes(name));
  const repaired = change.repair
    ? [...wanted.keys()].filter((name) => state.installed.get(name)?.broken)
    : [];
  const names = [...change.install.map(nameOf), ...change.hold, ...change.unhold, ...repaired];
  const there = [...new Set(names)]
    .filter((name) => !change.remove.includes(name))
    .map((name): Effect => {
      const version = change.install.map(nameOf).includes(name)
        ? wanted.get(name)
        : state.installed.get(name)?.version;
      return {
        subject: `package:${name}`,
        state: { there: true, version, held: held(name) } satisfies Planned,
      };
    });
  const gone = change.remove.map(
    (name): Effect => ({
      subject: `package:${name}`,
      state: { there: false, version: undefined, held: false } satisfies Planned,
    }),
  );
  const others: Effect[] = change.upgrade || change.autoremove || change.deb ? [{ subject: 'package:' }] : [];
  return [...there, ...gone, ...others];
}

function nameOf(spec: string): string {
  return spec.replace(/=.*$/, '');
}
