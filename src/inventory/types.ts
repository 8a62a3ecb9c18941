import type { Value } from '../expression/types.ts';

/** A host and where its variables come from. */
export interface InventoryHost {
  readonly name: string;
  /** Groups that it is in, directly and through children, without `all`; shallow first. */
  readonly groups: readonly string[];
  /** Group and host variables merged by precedence (all, parent to child, host): names to values. */
  readonly variables: ReadonlyMap<string, Value>;
  /** Absolute path of the inventory file that first named it, and that file's folder. */
  readonly file?: string | undefined;
  readonly folder?: string | undefined;
  /** This machine, used without being named in the inventory. */
  readonly implicit?: boolean | undefined;
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
  /** A host by name; `localhost` is there (over the local connection) even where no file names it. */
  host(name: string): InventoryHost | undefined;
  /**
   * Hosts that a pattern selects, in inventory order. `@file` is for `-l` and read by the command line.
   * @throws {SlipwayError} inventory.pattern
   */
  select(pattern: string): readonly string[];
}
