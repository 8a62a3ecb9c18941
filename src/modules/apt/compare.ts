import { nearest } from '../../base/suggest.ts';
import { always, change, type Difference, impossible, same, type Verdict } from '../../module/contract.ts';
import { type AptParams, matches, type Wanted, wantedOf } from './params.ts';
import type { AptState } from './probe.ts';

export interface AptChange {
  readonly update: boolean;
  /** Repair what is half installed first. */
  readonly repair: boolean;
  /** As apt-get takes them: `name` or `name=version`. */
  readonly install: readonly string[];
  readonly remove: readonly string[];
  readonly upgrade: boolean;
  readonly autoremove: boolean;
  readonly clean: boolean;
  /** Held packages that have to be let go for this; they are held again unless `hold: false`. */
  readonly unhold: readonly string[];
  /** Packages to hold in the end. */
  readonly hold: readonly string[];
  readonly deb: boolean;
}

export function compareApt(state: AptState, p: AptParams): Verdict<AptChange> {
  if (!state.apt) return impossible('this host has no apt-get', 'Use this module on Debian and Ubuntu only.');
  const wanted = wantedOf(p);
  const wrong = obstacle(state, p, wanted);
  if (wrong) return wrong;
  const diff: Difference[] = [];
  const broken = wanted.some(({ name }) => state.installed.get(name)?.broken);
  if (broken) diff.push({ subject: 'dpkg', before: 'half configured', after: 'configured' });
  const outdated = p.update_cache === true && (state.listsAge ?? Infinity) > (p.cache_valid_time ?? 0);
  const seen = installs(outdated ? { ...state, candidates: unlisted(state) } : state, p, wanted, diff);
  const remove = removals(state, p, wanted, diff);
  const deb = debStep(state, p, diff);
  for (const line of state.simulated) diff.push(simulatedDifference(line));
  // Whether there is something newer is known only with new lists.
  const needsLists = wanted.length === 0 || p.state === 'latest' || (p.upgrade ?? 'no') !== 'no';
  // With new lists there may be newer versions than those that were seen.
  const install = outdated && p.state === 'latest' ? refreshed(state, p, wanted) : seen;
  const holds = holdSteps(state, p, wanted, [...install, ...remove], diff);
  const visible = diff.length > 0;
  if (outdated && (visible || needsLists)) diff.push(listsDifference(state));
  if (diff.length === 0) return same(settled(state, p, wanted));
  const what: AptChange = {
    update: outdated,
    repair: broken,
    install,
    remove,
    upgrade: (p.upgrade ?? 'no') !== 'no',
    autoremove: p.autoremove === true && wanted.length === 0,
    clean: p.autoclean === true || p.clean === true,
    ...holds,
    deb,
  };
  const why = visible ? reason(diff) : 'the lists of packages may be out of date';
  const once = !visible && (p.cache_valid_time ?? 0) === 0;
  return once ? always(why, diff, what) : change(why, diff, what);
}

function obstacle(state: AptState, p: AptParams, wanted: readonly Wanted[]): Verdict<AptChange> | undefined {
  if (p.deb !== undefined && !state.deb)
    return impossible(
      `${p.deb} is no Debian package on this host`,
      'Bring it there first: `copy` or `get_url`.',
    );
  // With new lists the package may well be there.
  if (state.moreSources || p.update_cache || p.state === 'absent' || p.state === 'fixed' || p.only_upgrade)
    return undefined;
  const missing = wanted.filter(
    ({ name }) => !state.installed.has(name) && !state.provided.has(name) && !state.candidates.get(name),
  );
  if (missing.length === 0) return undefined;
  const names = missing.map(({ name }) => name).join(', ');
  if (state.listsAge === undefined)
    return impossible(`no package ${names} is known: no lists were fetched yet`, 'Set `update_cache: true`.');
  const near = missing.map(({ name }) => nearest(name, state.similar)).find(Boolean);
  const virtual = missing.every(({ name }) => state.candidates.has(name));
  return impossible(
    virtual ? `${names} has no version to install here` : `there is no package ${names}`,
    near === undefined
      ? 'Set `update_cache: true`, or add the repository that has it (`apt_repository`).'
      : `Did you mean \`${near}\`?`,
  );
}

function installs(state: AptState, p: AptParams, wanted: readonly Wanted[], diff: Difference[]): string[] {
  if (p.state === 'absent' || p.state === 'fixed') return [];
  return wanted.flatMap(({ name, version }) => {
    const there = state.installed.get(name);
    const candidate = state.candidates.get(name);
    const newest = p.state === 'latest' && version === undefined ? candidate : undefined;
    const held = heldAgainstUs(state, p, name);
    if (there && matches(there.version, version) && (held || !newest || newest === there.version)) return [];
    if (!there && (p.only_upgrade || (version === undefined && state.provided.has(name)))) return [];
    const after = version ?? newest ?? candidate;
    diff.push({
      subject: name,
      before: there?.version,
      ...(after === undefined || after === null ? { after: 'the newest version', open: true } : { after }),
    });
    return [version === undefined ? name : `${name}=${version}`];
  });
}

/** Which version is the newest is known with new lists only; what was wanted as `latest` is compared all the same. */
function unlisted({ candidates, installed }: AptState): AptState['candidates'] {
  return new Map([...candidates].filter(([name]) => installed.has(name)));
}

function refreshed(state: AptState, p: AptParams, wanted: readonly Wanted[]): string[] {
  return wanted
    .filter(({ name }) => state.installed.has(name) || !p.only_upgrade)
    .filter(({ name }) => !heldAgainstUs(state, p, name))
    .map(({ name, version }) => (version === undefined ? name : `${name}=${version}`));
}

/** Held by somebody, and nobody has said that we may change it. */
function heldAgainstUs(state: AptState, p: AptParams, name: string): boolean {
  const mayChange = p.hold !== undefined || p.allow_change_held_packages === true || p.force === true;
  return state.installed.get(name)?.held === true && !mayChange;
}

function removals(state: AptState, p: AptParams, wanted: readonly Wanted[], diff: Difference[]): string[] {
  if (p.state !== 'absent') return [];
  return wanted.flatMap(({ name }) => {
    const version = state.installed.get(name)?.version;
    const left = p.purge && state.leftovers.has(name);
    if (version === undefined && !left) return [];
    diff.push({ subject: name, before: version ?? 'configuration files' });
    return [name];
  });
}

function holdSteps(
  state: AptState,
  p: AptParams,
  wanted: readonly Wanted[],
  changed: readonly string[],
  diff: Difference[],
): { unhold: string[]; hold: string[] } {
  if (p.hold === undefined) return { unhold: [], hold: [] };
  const names = wanted.map(({ name }) => name);
  const held = names.filter((name) => state.installed.get(name)?.held);
  const stays = (name: string) => p.state !== 'absent' && (state.installed.has(name) || !p.only_upgrade);
  for (const name of names.filter(stays)) {
    if (held.includes(name) === p.hold) continue;
    diff.push({
      subject: `${name} hold`,
      before: p.hold ? 'not held' : 'held',
      after: p.hold ? 'held' : 'not held',
    });
  }
  const touched = changed.map((spec) => spec.replace(/=.*$/, ''));
  const unhold = held.filter((name) => !p.hold || touched.includes(name));
  const hold = p.hold
    ? names.filter((name) => stays(name) && (!held.includes(name) || touched.includes(name)))
    : [];
  return { unhold, hold };
}

function debStep(state: AptState, p: AptParams, diff: Difference[]): boolean {
  const { deb } = state;
  if (!deb) return false;
  const satisfied = deb.installed === deb.version || (deb.notOlder && !p.allow_downgrade && !p.force);
  if (satisfied) return false;
  diff.push({ subject: deb.name, before: deb.installed, after: deb.version });
  return true;
}

/** `Inst jq [1.6-1] (1.6-2 Debian:12 [amd64])`, `Remv jq [1.6-1]`, `Del jq 1.6-2 [100 kB]`. */
function simulatedDifference(line: string): Difference {
  const [verb, name, ...rest] = line.split(' ');
  const text = rest.join(' ');
  const before = /\[([^\]]+)\]/.exec(text)?.[1];
  if (verb === 'Inst') return { subject: name!, before, after: /\(([^ )]+)/.exec(text)?.[1] };
  return { subject: name!, before: verb === 'Del' ? 'in the cache' : before };
}

function listsDifference(state: AptState): Difference {
  // How old exactly is another thing at each look, and says no more.
  const before = state.listsAge === undefined ? undefined : 'out of date';
  return { subject: 'lists of packages', before, after: 'fetched' };
}

function reason(diff: readonly Difference[]): string {
  const first = diff[0]!;
  const now = first.before === undefined ? 'is not there' : `is ${first.before}`;
  return `${first.subject} ${now}${diff.length > 1 ? `, and ${diff.length - 1} more` : ''}`;
}

function settled(state: AptState, p: AptParams, wanted: readonly Wanted[]): string {
  if (p.deb !== undefined) return `${state.deb?.name} ${state.deb?.installed} is installed`;
  if (wanted.length === 0) return p.update_cache ? 'the lists are new enough' : 'there is nothing to do';
  if (p.state === 'absent') return `${wanted.map(({ name }) => name).join(', ')} is not installed`;
  return wanted
    .map(({ name }) => {
      const there = state.installed.get(name);
      return there ? `${name} is ${there.version}${there.held ? ', held' : ''}` : `${name} is provided`;
    })
    .join('; ');
}
