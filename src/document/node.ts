import type { Span } from '../base/span.ts';

/** YAML (or INI) as Slipway sees it: plain values that know where they stand. Aliases and `<<` are resolved. */
export type Node = ScalarNode | ListNode | MapNode;

export interface ScalarNode {
  readonly kind: 'scalar';
  readonly span: Span;
  readonly value: string | number | boolean | null;
  /** As written, without quotes: `0644` where `value` is 644. */
  readonly source: string;
  readonly quoted: boolean;
  /** `!unsafe`: never a template. */
  readonly unsafe?: boolean;
}

export interface ListNode {
  readonly kind: 'list';
  readonly span: Span;
  readonly items: readonly Node[];
}

export interface MapNode {
  readonly kind: 'map';
  readonly span: Span;
  readonly entries: readonly Entry[];
}

export interface Entry {
  readonly key: string;
  readonly keySpan: Span;
  readonly value: Node;
}

/** The value of a key, or undefined. */
export function entry(map: MapNode, key: string): Entry | undefined {
  return map.entries.find((candidate) => candidate.key === key);
}

/** Plain data without positions. */
export function toData(node: Node): unknown {
  if (node.kind === 'scalar') return node.value;
  if (node.kind === 'list') return node.items.map(toData);
  return Object.fromEntries(node.entries.map(({ key, value }) => [key, toData(value)]));
}
