import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Alias,
  type Pair,
  type Scalar,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import type { Problems } from '../base/errors.ts';
import { locate, type Source, type Span } from '../base/span.ts';
import type { Entry, ListNode, MapNode, Node, ScalarNode } from './node.ts';
import { checkTag, scalarValue } from './yaml-scalar.ts';
import { reportUnquoted } from './yaml-syntax.ts';

/** More than any file written by hand; a few lines of nested aliases can stand for billions of values. */
const MOST_ALIASES = 10_000;
const MOST_EXPANDED = 1_000_000;

interface Context {
  readonly source: Source;
  readonly problems: Problems;
  /** What each anchor stands for; undefined while it is being read. */
  readonly anchors: Map<string, Node | undefined>;
  aliases: number;
  expanded: number;
  readonly sizes: WeakMap<Node, number>;
}

export function convert(source: Source, root: unknown, problems: Problems): Node {
  const context: Context = {
    source,
    problems,
    anchors: new Map(),
    aliases: 0,
    expanded: 0,
    sizes: new WeakMap(),
  };
  return convertNode(context, root, 0);
}

function spanOf(context: Context, node: unknown, fallback: number): Span {
  const range = (node as { range?: readonly [number, number, number] | null } | null)?.range;
  if (!range) return { source: context.source, start: fallback, end: fallback };
  let end = Math.max(range[0], range[1]);
  // The range of a block runs on to the next thing; the span ends with its last character.
  while (end > range[0] && /\s/.test(context.source.text[end - 1]!)) end -= 1;
  return { source: context.source, start: range[0], end };
}

/** `at` is where a value that is not written at all (`key:`) would stand. */
function convertNode(context: Context, node: unknown, at: number): Node {
  if (isAlias(node)) return resolveAlias(context, node);
  const span = spanOf(context, node, at);
  const anchor = (node as { anchor?: string } | null)?.anchor;
  if (anchor) context.anchors.set(anchor, undefined);
  const made = convertBare(context, node, span);
  if (anchor) context.anchors.set(anchor, made);
  return made;
}

function convertBare(context: Context, node: unknown, span: Span): Node {
  if (isMap(node)) {
    checkTag(node.tag, 'map', tagSpan(context, node.tag, span), context.problems);
    return convertMap(context, node, span);
  }
  if (isSeq(node)) {
    checkTag(node.tag, 'list', tagSpan(context, node.tag, span), context.problems);
    return convertList(context, node, span);
  }
  if (!isScalar(node))
    return sized(context, { kind: 'scalar', span, value: null, source: '', quoted: false }, 1);
  return sized(context, convertScalar(context, node, span), 1);
}

function tagSpan(context: Context, tag: string | undefined, span: Span): Span {
  if (!tag) return span;
  let start = context.source.text.lastIndexOf('!', span.start);
  if (context.source.text[start - 1] === '!') start -= 1;
  const end = start + (/^\S+/.exec(context.source.text.slice(start, start + 200))?.[0].length ?? 1);
  return start < 0 ? span : { source: span.source, start, end };
}

function convertScalar(context: Context, node: Scalar, span: Span): ScalarNode {
  const { problems } = context;
  checkTag(node.tag, 'scalar', tagSpan(context, node.tag, span), problems);
  const quoted = node.type !== undefined && node.type !== 'PLAIN';
  const made = {
    kind: 'scalar',
    span,
    value: scalarValue(node, span, problems),
    source: node.source ?? '',
    quoted,
  } as const;
  return node.tag === '!unsafe' ? { ...made, unsafe: true } : made;
}

function convertList(context: Context, node: YAMLSeq, span: Span): ListNode {
  const items = node.items.map((item) => convertNode(context, item, span.start));
  return sized(context, { kind: 'list', span, items }, 1 + total(context, items));
}

function convertMap(context: Context, node: YAMLMap, span: Span): MapNode {
  const entries = new Map<string, Entry>();
  const merged: Entry[] = [];
  for (const pair of node.items) {
    if (isMergeKey(pair)) {
      merged.push(...mergedEntries(context, pair));
      continue;
    }
    const made = convertPair(context, pair, span);
    if (!made) continue;
    const earlier = entries.get(made.key);
    if (earlier) {
      context.problems.error('yaml.duplicate-key', `\`${made.key}\` is given twice in this mapping`, {
        span: made.keySpan,
        hint: `Keep one of them; the other is at ${locate(earlier.keySpan)}.`,
        data: { first: locate(earlier.keySpan) },
      });
    }
    entries.set(made.key, made);
  }
  for (const entry of merged) if (!entries.has(entry.key)) entries.set(entry.key, entry);
  const list = [...entries.values()];
  return sized(
    context,
    { kind: 'map', span, entries: list },
    1 +
      total(
        context,
        list.map((entry) => entry.value),
      ),
  );
}

function convertPair(context: Context, pair: Pair, map: Span): Entry | undefined {
  const { source, problems } = context;
  const keySpan = spanOf(context, pair.key, map.start);
  if (isMap(pair.key) && pair.key.flow && pair.value === null) {
    // `{{ foo }}` without quotes: a flow mapping whose only key is a flow mapping.
    const line = source.text.slice(map.start, endOfLine(source.text, map.end)).trimEnd();
    reportUnquoted(source, map.start, map.start + line.length, problems);
    return undefined;
  }
  if (!isScalar(pair.key)) {
    problems.error('yaml.syntax', 'A key must be a plain text', {
      span: keySpan,
      hint: 'Put the key in quotes if it is meant as text.',
    });
    return undefined;
  }
  const key = typeof pair.key.value === 'string' ? pair.key.value : (pair.key.source ?? '');
  return { key, keySpan, value: convertNode(context, pair.value, keySpan.end) };
}

function endOfLine(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  return end < 0 ? text.length : end;
}

function isMergeKey(pair: Pair): boolean {
  return isScalar(pair.key) && pair.key.value === '<<' && pair.key.type === 'PLAIN';
}

/** `<<: *base` or `<<: [*a, *b]`; of several, the first that has a key wins. */
function mergedEntries(context: Context, pair: Pair): Entry[] {
  const value = convertNode(context, pair.value, spanOf(context, pair.key, 0).end);
  const maps = value.kind === 'list' ? value.items : [value];
  const found = new Map<string, Entry>();
  for (const map of maps) {
    if (map.kind !== 'map') {
      context.problems.error('yaml.syntax', '`<<` takes a mapping or a list of mappings', {
        span: spanOf(context, pair.value, value.span.start),
        hint: 'Give it an alias of a mapping: `<<: *name`.',
      });
      continue;
    }
    for (const entry of map.entries) if (!found.has(entry.key)) found.set(entry.key, entry);
  }
  return [...found.values()];
}

function resolveAlias(context: Context, alias: Alias): Node {
  const span = spanOf(context, alias, 0);
  const nothing: Node = { kind: 'scalar', span, value: null, source: '', quoted: false };
  const target = context.anchors.get(alias.source);
  if (!target) {
    const cyclic = context.anchors.has(alias.source);
    context.problems.error(
      'yaml.syntax',
      cyclic ? `*${alias.source} stands inside itself` : `There is no anchor &${alias.source} before this`,
      {
        span,
        hint: cyclic ? undefined : 'Put the value in quotes if it is meant to start with `*`.',
      },
    );
    return nothing;
  }
  context.aliases += 1;
  context.expanded += context.sizes.get(target) ?? 1;
  if (context.aliases > MOST_ALIASES || context.expanded > MOST_EXPANDED) {
    const tooMany = context.aliases === MOST_ALIASES + 1 || context.aliases <= MOST_ALIASES;
    if (tooMany) {
      context.problems.error('yaml.syntax', 'The aliases of this file expand to more than is sensible', {
        span,
      });
      context.aliases = MOST_ALIASES + 1;
    }
    return nothing;
  }
  return target;
}

function sized<N extends Node>(context: Context, node: N, size: number): N {
  context.sizes.set(node, size);
  return node;
}

function total(context: Context, nodes: readonly Node[]): number {
  let sum = 0;
  for (const node of nodes) sum += context.sizes.get(node) ?? 1;
  return sum;
}
