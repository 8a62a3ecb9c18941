import type { Problems } from '../base/errors.ts';
import type { Span } from '../base/span.ts';
import type { Node } from '../document/node.ts';
import type { Condition, Value } from '../expression/types.ts';
import { compileConditions } from '../expression/condition.ts';
import { compileValue } from '../expression/value.ts';
import { asBoolean } from '../inventory/connection-values.ts';
import { compileVariables } from '../inventory/variables-file.ts';
import { type Fields, isTemplate } from './check-keywords.ts';
import type { Variables } from './types.ts';

/** Reads checked keywords. What is not there, or was wrong, is undefined or empty. */
export interface Reader {
  readonly fields: Fields;
  readonly problems: Problems;
}

export function value({ fields, problems }: Reader, key: string): Value | undefined {
  const entry = fields.get(key);
  return entry && compileValue(entry.value, problems);
}

/** A boolean that may be a template; `yes` and `no` become true and false. */
export function flag({ fields, problems }: Reader, key: string): Value | undefined {
  const node = fields.get(key)?.value;
  if (!node) return undefined;
  if (isTemplate(node) || node.kind !== 'scalar') return compileValue(node, problems);
  return { kind: 'data', data: asBoolean(node.value) ?? false, span: node.span };
}

/** A number that may be a template. */
export function number({ fields, problems }: Reader, key: string): Value | undefined {
  const node = fields.get(key)?.value;
  if (!node) return undefined;
  if (isTemplate(node) || node.kind !== 'scalar') return compileValue(node, problems);
  return { kind: 'data', data: Number(node.value), span: node.span };
}

/** A word that is no template. */
export function text({ fields }: Reader, key: string): string | undefined {
  const node = fields.get(key)?.value;
  return node?.kind === 'scalar' && node.value !== null ? String(node.value) : undefined;
}

/** A word that becomes the name of a variable. */
export function variableName(from: Reader, key: string): string | undefined {
  const name = text(from, key);
  if (name === undefined || isVariableName(name)) return name;
  wrongName(name, from.fields.get(key)!.value.span, from.problems);
  return undefined;
}

export function isVariableName(name: string): boolean {
  return /^[A-Za-z_]\w*$/.test(name);
}

export function wrongName(name: string, span: Span, problems: Problems): void {
  problems.error('schema.invalid-value', `\`${name}\` is not a name for a variable`, {
    span,
    hint: 'Names have letters, digits and _, and do not start with a digit.',
  });
}

export function conditions({ fields, problems }: Reader, key: string): readonly Condition[] {
  const node = fields.get(key)?.value;
  return node ? compileConditions(node, problems) : [];
}

/** A word or a list of words; a word may hold several with commas between them. */
export function words({ fields }: Reader, key: string): readonly string[] {
  const node = fields.get(key)?.value;
  if (!node) return [];
  return nodesOf(node)
    .flatMap((item) => (item.kind === 'scalar' && item.value !== null ? String(item.value).split(',') : []))
    .map((word) => word.trim())
    .filter((word) => word !== '');
}

/** One value or a list of values. */
export function values({ fields, problems }: Reader, key: string): readonly Value[] {
  const node = fields.get(key)?.value;
  return node ? nodesOf(node).map((item) => compileValue(item, problems)) : [];
}

export function variables({ fields, problems }: Reader, key: string): Variables {
  const node = fields.get(key)?.value;
  return compileVariables(node?.kind === 'map' ? node : undefined, problems);
}

export function nodesOf(node: Node): readonly Node[] {
  return node.kind === 'list' ? node.items : [node];
}
