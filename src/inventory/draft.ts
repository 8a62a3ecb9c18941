import type { Span } from '../base/span.ts';
import type { Value } from '../expression/types.ts';

/** Where a host was first named: for `inventory_file` and `inventory_dir`. */
export interface Origin {
  readonly file?: string | undefined;
  readonly folder?: string | undefined;
}

export interface DraftHost {
  readonly name: string;
  readonly origin: Origin;
  readonly variables: Map<string, Value>;
}

export interface DraftGroup {
  readonly name: string;
  /** Set by a section or key of its own; a group that is only named as a child must be defined somewhere. */
  declared: boolean;
  /** `ansible_group_priority`: among groups of one depth, higher comes later and wins. */
  priority: number;
  readonly hosts: Set<string>;
  /** Child groups and where each was named. */
  readonly children: Map<string, Span | undefined>;
  readonly variables: Map<string, Value>;
}

/** What all sources say together, before depths, membership and precedence are worked out. */
export interface Draft {
  readonly hosts: Map<string, DraftHost>;
  readonly groups: Map<string, DraftGroup>;
}

export function newDraft(): Draft {
  const draft: Draft = { hosts: new Map(), groups: new Map() };
  const all = groupIn(draft, 'all');
  all.declared = true;
  all.children.set('ungrouped', undefined);
  groupIn(draft, 'ungrouped').declared = true;
  return draft;
}

export function groupIn(draft: Draft, name: string): DraftGroup {
  const known = draft.groups.get(name);
  if (known) return known;
  const group: DraftGroup = {
    name,
    declared: false,
    priority: 1,
    hosts: new Set(),
    children: new Map(),
    variables: new Map(),
  };
  draft.groups.set(name, group);
  return group;
}

export function hostIn(draft: Draft, name: string, origin: Origin): DraftHost {
  const known = draft.hosts.get(name);
  if (known) return known;
  const host: DraftHost = { name, origin, variables: new Map() };
  draft.hosts.set(name, host);
  return host;
}
