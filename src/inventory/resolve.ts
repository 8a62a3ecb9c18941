import type { Problems } from '../base/errors.ts';
import { didYouMean } from '../base/suggest.ts';
import type { Draft, DraftGroup } from './draft.ts';
import { varsOfNoGroup } from './ini.ts';

/** A draft group with its place in the tree. */
export interface ResolvedGroup extends DraftGroup {
  /** Longest way from `all`. */
  readonly depth: number;
  readonly allHosts: readonly string[];
}

export interface Resolved {
  /** Shallow first, then by priority, then by name: later ones win. */
  readonly groups: ReadonlyMap<string, ResolvedGroup>;
  /** Names of the groups of a host without `all`, in the same order. */
  readonly groupsOf: (host: string) => readonly string[];
}

/** Checks the group tree and works out depths and memberships. Groups without parents become children of `all`. */
export function resolveGroups(draft: Draft, problems: Problems): Resolved {
  checkNames(draft, problems);
  breakCycles(draft, problems);
  attach(draft);
  const depths = depthsOf(draft);
  const order = (a: DraftGroup, b: DraftGroup) =>
    depths.get(a.name)! - depths.get(b.name)! || a.priority - b.priority || (a.name < b.name ? -1 : 1);
  const members = membersOf(draft);
  const sorted = [...draft.groups.values()].sort(order);
  const rank = new Map(sorted.map((group, index) => [group.name, index]));
  const groups = new Map<string, ResolvedGroup>();
  for (const group of sorted)
    groups.set(group.name, { ...group, depth: depths.get(group.name)!, allHosts: members.get(group.name)! });
  return { groups, groupsOf: memberships(draft, rank) };
}

function checkNames(draft: Draft, problems: Problems): void {
  const known = [...draft.groups.values()].filter((group) => group.declared).map((group) => group.name);
  const undeclared = (name: string) => draft.groups.get(name)?.declared !== true;
  for (const { group, span } of varsOfNoGroup(draft))
    if (undeclared(group))
      problems.error('ini.syntax', `there is no group \`${group}\` for these variables`, {
        span,
        hint: didYouMean(group, known),
      });
  for (const group of draft.groups.values())
    for (const [child, span] of group.children) {
      // What cannot be a name of a group has been told already.
      if (!draft.groups.has(child)) group.children.delete(child);
      else if (undeclared(child))
        problems.error('ini.syntax', `there is no group \`${child}\``, {
          span,
          hint: didYouMean(child, known),
        });
    }
  for (const name of draft.groups.keys())
    if (draft.hosts.has(name))
      problems.warn('inventory.pattern', `\`${name}\` is the name of a group and of a host`, {
        hint: 'A pattern with this name means the group.',
      });
}

/** Depth-first; an edge back to a group on the way is reported and cut, so that the rest can go on. */
function breakCycles(draft: Draft, problems: Problems): void {
  const done = new Set<string>();
  const way: string[] = [];
  const visit = (group: DraftGroup) => {
    if (done.has(group.name)) return;
    way.push(group.name);
    for (const [child, span] of group.children) {
      const at = way.indexOf(child);
      if (at >= 0) {
        const path = [...way.slice(at), child].join(' > ');
        problems.error('inventory.cycle', `the group \`${child}\` is a child of itself: ${path}`, { span });
        group.children.delete(child);
      } else visit(draft.groups.get(child)!);
    }
    way.pop();
    done.add(group.name);
  };
  for (const group of draft.groups.values()) visit(group);
}

function attach(draft: Draft): void {
  const all = draft.groups.get('all')!;
  const ungrouped = draft.groups.get('ungrouped')!;
  const withParent = new Set([...draft.groups.values()].flatMap((group) => [...group.children.keys()]));
  for (const name of draft.groups.keys())
    if (name !== 'all' && !withParent.has(name)) all.children.set(name, undefined);
  const grouped = new Set<string>();
  for (const group of draft.groups.values())
    if (group !== all && group !== ungrouped) for (const host of group.hosts) grouped.add(host);
  for (const host of draft.hosts.keys())
    if (grouped.has(host)) ungrouped.hosts.delete(host);
    else ungrouped.hosts.add(host);
}

function depthsOf(draft: Draft): ReadonlyMap<string, number> {
  const depths = new Map<string, number>();
  const parents = new Map<string, string[]>();
  for (const group of draft.groups.values())
    for (const child of group.children.keys())
      parents.set(child, [...(parents.get(child) ?? []), group.name]);
  const depth = (name: string): number => {
    const known = depths.get(name);
    if (known !== undefined) return known;
    const value = Math.max(-1, ...(parents.get(name) ?? []).map(depth)) + 1;
    depths.set(name, value);
    return value;
  };
  for (const name of draft.groups.keys()) depth(name);
  return depths;
}

/** All hosts of each group, through children, in inventory order. */
function membersOf(draft: Draft): ReadonlyMap<string, readonly string[]> {
  const index = new Map([...draft.hosts.keys()].map((name, at) => [name, at]));
  const sets = new Map<string, ReadonlySet<string>>();
  const gather = (group: DraftGroup): ReadonlySet<string> => {
    const known = sets.get(group.name);
    if (known) return known;
    const own = new Set(group.hosts);
    for (const child of group.children.keys())
      for (const host of gather(draft.groups.get(child)!)) own.add(host);
    sets.set(group.name, own);
    return own;
  };
  const sorted = (hosts: ReadonlySet<string>) => [...hosts].sort((a, b) => index.get(a)! - index.get(b)!);
  return new Map([...draft.groups.values()].map((group) => [group.name, sorted(gather(group))]));
}

/** Hosts in the same groups share one list. */
function memberships(draft: Draft, rank: ReadonlyMap<string, number>): (host: string) => readonly string[] {
  const parents = new Map<string, string[]>();
  const direct = new Map<string, string[]>();
  const push = (map: Map<string, string[]>, key: string, name: string) => {
    const list = map.get(key);
    if (list) list.push(name);
    else map.set(key, [name]);
  };
  for (const group of draft.groups.values()) {
    for (const child of group.children.keys()) push(parents, child, group.name);
    if (group.name !== 'all') for (const host of group.hosts) push(direct, host, group.name);
  }
  const shared = new Map<string, readonly string[]>();
  return (host) => {
    const own = direct.get(host) ?? [];
    const key = own.join('\n');
    const known = shared.get(key);
    if (known) return known;
    const found = new Set<string>();
    const climb = (name: string) => {
      if (name === 'all' || found.has(name)) return;
      found.add(name);
      for (const parent of parents.get(name) ?? []) climb(parent);
    };
    own.forEach(climb);
    const list = [...found].sort((a, b) => rank.get(a)! - rank.get(b)!);
    shared.set(key, list);
    return list;
  };
}
