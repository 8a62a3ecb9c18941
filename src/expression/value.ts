import type { Problems } from '../base/errors.ts';
import type { Span } from '../base/span.ts';
import type { Node } from '../document/node.ts';
import { isTemplate, parseTemplate } from './template.ts';
import { unknownWithin } from './unknown.ts';
import { type Reference, type Scope, Unknown, type Value, type Watch } from './types.ts';

/** Turns a node into a value whose templates are parsed. What is wrong in them goes to `problems`. */
export function compileValue(node: Node, problems: Problems): Value {
  const { span } = node;
  if (node.kind === 'list')
    return { kind: 'list', span, items: node.items.map((item) => compileValue(item, problems)) };
  if (node.kind === 'map') {
    const entries = node.entries.map(({ key, keySpan, value }) => ({
      key,
      keySpan,
      value: compileValue(value, problems),
    }));
    for (const { key, keySpan } of entries) if (key.includes('{{')) templateKey(key, keySpan, problems);
    return { kind: 'map', span, entries };
  }
  if (typeof node.value !== 'string' || node.unsafe || !isTemplate(node.value))
    return { kind: 'data', data: node.value, span };
  return parseTemplate(node.value, span, problems) ?? unreadable(span);
}

/** Stands for a value in which something was found wrong: nothing more is said about it. */
export function unreadable(span: Span): Value {
  const unknown = () => new Unknown('a value that cannot be read');
  return {
    kind: 'template',
    text: '',
    span,
    references: [],
    lookedInto: new Set(),
    render: unknown,
    examine: unknown,
  };
}

function templateKey(key: string, span: Span, problems: Problems): void {
  problems.error('playbook.not-supported', `The key ${key} is a template; only values can be`, {
    span,
    hint: 'Write the key out, or build the map with the helper `merge`.',
  });
}

/**
 * The plain data of a value. Unknown as soon as any part of it is.
 * @throws {SlipwayError} template.undefined, template.render
 */
export function evaluate(value: Value, scope: Scope): unknown {
  switch (value.kind) {
    case 'data':
      return value.data;
    case 'template':
      return wholly(value.render(scope));
    case 'list':
      return evaluateList(value.items, scope);
    case 'map': {
      const values = evaluateList(
        value.entries.map((entry) => entry.value),
        scope,
      );
      if (values instanceof Unknown) return values;
      return Object.fromEntries(value.entries.map(({ key }, i) => [key, values[i]]));
    }
  }
}

/** As `evaluate`, in the way of `Template.examine`: lists and maps stay, with what is unknown of them in its place. */
export function examineValue(value: Value, scope: Scope, watch: Watch): unknown {
  switch (value.kind) {
    case 'data':
      return value.data;
    case 'template':
      return value.examine(scope, watch);
    case 'list':
      return value.items.map((item) => examineValue(item, scope, watch));
    case 'map':
      return Object.fromEntries(
        value.entries.map(({ key, value: part }) => [key, examineValue(part, scope, watch)]),
      );
  }
}

/** A register that is known in part (`changed`, but not `stdout`) cannot be handed on as a whole. */
function wholly(value: unknown): unknown {
  return value !== null && typeof value === 'object' ? (unknownWithin(value) ?? value) : value;
}

function evaluateList(items: readonly Value[], scope: Scope): unknown[] | Unknown {
  let unknown: Unknown | undefined;
  // All of it, also past an Unknown: what is wrong further on is wrong in any case.
  const values = items.map((item) => {
    const value = evaluate(item, scope);
    if (value instanceof Unknown) unknown ??= value;
    return value;
  });
  return unknown ?? values;
}

/** Every variable that a value uses, in the order written. */
export function referencesOf(value: Value): readonly Reference[] {
  if (value.kind === 'template') return value.references;
  if (value.kind === 'list') return value.items.flatMap(referencesOf);
  if (value.kind === 'map') return value.entries.flatMap((entry) => referencesOf(entry.value));
  return [];
}

const NOWHERE: Span = { source: { path: '<built in>', text: '' }, start: 0, end: 0 };

/** A value that is these data and never a template. */
export function literal(data: unknown, span: Span = NOWHERE): Value {
  return { kind: 'data', data, span };
}

/** Whether a value is the same in every scope. */
export function isStatic(value: Value): boolean {
  if (value.kind === 'template') return false;
  if (value.kind === 'list') return value.items.every(isStatic);
  return value.kind === 'data' || value.entries.every((entry) => isStatic(entry.value));
}
