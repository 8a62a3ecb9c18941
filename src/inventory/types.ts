import type { Value } from '../expression/types.ts';

/** A host and where its variables come from. */
export interface InventoryHost {
  readonly name: string;
  /** Groups that it is in, directly and through children, without `all`; shallow first. */
  readonly groups: readonly string[];
  /** Group and host variables merged by precedence (all, parent to child, host): names to values. */
  readonly variables: ReadonlyMap<string, Value>;
}

export interface InventoryGroup {
  readonly name: string;
  /** Hosts named directly in it. */
  readonly hosts: readonly string[];
  readonly children: readonly string[];
  /** All hosts, through children too, in inventory order. */
  readonly allHosts: readonly string[];
  /** As written for this group alone. */
  readonly variables: ReadonlyMap<string, Value>;
}

export interface Inventory {
  /** In inventory order. */
  readonly hosts: ReadonlyMap<string, InventoryHost>;
  /** With `all` and `ungrouped`. */
  readonly groups: ReadonlyMap<string, InventoryGroup>;
  /** Hosts that a pattern selects, in inventory order. @throws {SlipwayError} inventory.pattern */
  select(pattern: string): readonly string[];
}
