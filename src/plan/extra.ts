import { Problems } from '../base/errors.ts';
import type { Span } from '../base/span.ts';
import type { Node } from '../document/node.ts';
import type { Value } from '../expression/types.ts';
import { compileValue } from '../expression/value.ts';

type Data = Readonly<Record<string, unknown>>;
const compiled = new WeakMap<Data, Map<string, Value>>();

/**
 * A variable of `-e` as a value: its texts may be templates, as those in files.
 * @throws {SlipwayErrors} where such a template is wrong
 */
export function extraValue(extraVars: Data, name: string): Value {
  const values = compiled.get(extraVars) ?? new Map<string, Value>();
  compiled.set(extraVars, values);
  const known = values.get(name);
  if (known) return known;
  const problems = new Problems();
  const span = { source: { path: `-e ${name}`, text: String(extraVars[name]) }, start: 0, end: 0 };
  const value = compileValue(nodeOf(extraVars[name], span), problems);
  problems.throwIfAny();
  values.set(name, value);
  return value;
}

function nodeOf(data: unknown, span: Span): Node {
  if (Array.isArray(data)) return { kind: 'list', span, items: data.map((item) => nodeOf(item, span)) };
  if (data !== null && typeof data === 'object') {
    const entries = Object.entries(data).map(([key, item]) => ({
      key,
      keySpan: span,
      value: nodeOf(item, span),
    }));
    return { kind: 'map', span, entries };
  }
  const value =
    typeof data === 'string' || typeof data === 'number' || typeof data === 'boolean' ? data : null;
  return { kind: 'scalar', span, value, source: String(data), quoted: false };
}
