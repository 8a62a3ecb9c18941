import type { TSchema } from 'typebox';
import type { Problems } from '../base/errors.ts';
import { didYouMean, nearest } from '../base/suggest.ts';
import type { Entry, MapNode, Node } from '../document/node.ts';
import { asBoolean } from '../inventory/connection-values.ts';
import { insteadOf } from './not-supported.ts';

/** The parts of a JSON schema that keyword tables and module parameters use. */
export interface Schema {
  readonly type?: string;
  readonly description?: string;
  readonly anyOf?: readonly Schema[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly static?: boolean;
  readonly condition?: boolean;
  /** What is inside of the map is checked with a table of its own. */
  readonly own?: boolean;
}

/** The entries of a map that were written, by keyword; only those whose values have the right type. */
export type Fields = ReadonlyMap<string, Entry>;

/** Whether a node is text with a template in it. */
export function isTemplate(node: Node): boolean {
  return (
    node.kind === 'scalar' && typeof node.value === 'string' && !node.unsafe && node.value.includes('{{')
  );
}

/** Where a key stands, for messages. */
export interface Where {
  readonly what: string;
  readonly at: 'play' | 'task';
  /** What to do with a key that belongs elsewhere. */
  readonly hint?: (key: string) => string | undefined;
}

/**
 * Checks a map against a keyword table: unknown keys, words that are not supported, wrong types.
 * @param others keys that are not keywords and are left to the caller
 */
export function checkKeywords(
  map: MapNode,
  table: TSchema,
  where: Where & { readonly others?: (key: string) => boolean },
  problems: Problems,
): Fields {
  const properties = (table as Schema).properties ?? {};
  const fields = new Map<string, Entry>();
  for (const entry of map.entries) {
    const schema = Object.hasOwn(properties, entry.key) ? properties[entry.key] : undefined;
    if (schema) {
      if (checkValue(entry, schema, problems)) fields.set(entry.key, entry);
    } else if (!where.others?.(entry.key)) unknownKey(entry, where, Object.keys(properties), problems);
  }
  return fields;
}

/** In an error's data: what is left out because of it would have defined no variables. */
export const DEFINES_NOTHING = { defines: [] } as const;

function mayDefine(key: string): boolean {
  return (
    nearest(key, ['register', 'vars', 'vars_files', 'loop_control', 'roles', 'include_vars']) !== undefined
  );
}

/** Reports a key that has no meaning at its place. */
export function unknownKey(
  { key, keySpan }: Entry,
  where: Where,
  known: Iterable<string>,
  problems: Problems,
): void {
  const instead = insteadOf(key, where.at);
  if (instead)
    problems.error('playbook.not-supported', `\`${key}\` is not supported`, { span: keySpan, hint: instead });
  else
    problems.error('schema.unknown-key', `\`${key}\` is not known in ${where.what}`, {
      span: keySpan,
      hint: where.hint?.(key) ?? didYouMean(key, known),
      data: { allowed: [...known], ...(mayDefine(key) ? {} : DEFINES_NOTHING) },
    });
}

/** Checks one value, as far as it is no template. False (and a problem) where it does not fit. */
export function checkValue(
  { key, value }: Entry,
  schema: Schema,
  problems: Problems,
  definesNothing?: boolean,
): boolean {
  const data = () => ((definesNothing ?? !mayDefine(key)) ? DEFINES_NOTHING : undefined);
  if (schema.condition) return true;
  if (isTemplate(value)) {
    if (!schema.static) return true;
    problems.error(
      'playbook.not-supported',
      `\`${key}\` cannot be a template: it is needed before any host is known`,
      {
        span: value.span,
        hint: 'Write the value itself.',
        data: data(),
      },
    );
    return false;
  }
  const nothing = value.kind === 'scalar' && value.value === null;
  const empty =
    nothing &&
    (['array', 'object'].includes(schema.type ?? '') ||
      (schema.anyOf ?? []).some(({ type }) => type === 'array'));
  if (empty) return false;
  if (schema.own && value.kind === 'map') return true;
  const wrong = misfit(key, value, schema);
  if (wrong) {
    problems.error(
      'schema.wrong-type',
      `\`${wrong.key}\` must be ${wanted(wrong.schema)}, not ${shown(wrong.value)}`,
      {
        span: wrong.value.span,
        hint: meant(wrong.value, wrong.schema) ?? wrong.schema.description ?? schema.description,
        data: data(),
      },
    );
    return false;
  }
  const outside = value.kind === 'scalar' ? outsideOf(value.source, value.value, schema) : undefined;
  if (outside === undefined) return true;
  problems.error('schema.invalid-value', `\`${key}\` ${outside}`, {
    span: value.span,
    hint: schema.description,
    data: data(),
  });
  return false;
}

interface Misfit {
  readonly key: string;
  readonly value: Node;
  readonly schema: Schema;
}

/** The part that does not fit: inside of a list or map where that is what was wanted. */
function misfit(key: string, value: Node, schema: Schema): Misfit | undefined {
  if (fits(value, schema)) return undefined;
  const kind = value.kind === 'map' ? 'object' : value.kind === 'list' ? 'array' : undefined;
  const branch = (schema.anyOf ?? [schema]).filter(({ type }) => kind !== undefined && type === kind);
  const inside = branch.length === 1 ? misfitInside(key, value, branch[0]!) : undefined;
  return inside ?? { key, value, schema };
}

function misfitInside(key: string, value: Node, schema: Schema): Misfit | undefined {
  if (value.kind === 'list' && schema.items) {
    const items = schema.items;
    return value.items.map((item) => misfit(key, item, items)).find(Boolean);
  }
  if (value.kind !== 'map') return undefined;
  const wrong = value.entries.find((entry) => !fitsEntry(entry, schema));
  const inner = wrong && entrySchema(wrong.key, schema);
  return wrong && inner && misfit(`${key}.${wrong.key}`, wrong.value, inner);
}

/** The allowed word that was most likely meant. */
function meant(value: Node, schema: Schema): string | undefined {
  if (value.kind !== 'scalar' || typeof value.value !== 'string') return undefined;
  const allowed = (schema.enum ?? (schema.anyOf ?? []).map((each) => each.const)).filter(
    (each): each is string => typeof each === 'string',
  );
  const near = nearest(value.value, allowed);
  return near && `Did you mean \`${near}\`?`;
}

function fits(node: Node, schema: Schema): boolean {
  if (isTemplate(node)) return true;
  if (schema.anyOf) return schema.anyOf.some((each) => fits(node, each));
  if ('const' in schema) return node.kind === 'scalar' && node.value === schema.const;
  if (schema.enum) return node.kind === 'scalar' && schema.enum.includes(node.value);
  switch (schema.type) {
    case 'boolean':
      return (
        node.kind === 'scalar' &&
        node.value !== null &&
        typeof node.value !== 'number' &&
        asBoolean(node.value) !== undefined
      );
    case 'integer':
      return node.kind === 'scalar' && node.value !== '' && Number.isInteger(numberOf(node.value));
    case 'number':
      return node.kind === 'scalar' && node.value !== '' && Number.isFinite(numberOf(node.value));
    case 'string':
      return node.kind === 'scalar' && node.value !== null;
    case 'array':
      return node.kind === 'list' && node.items.every((item) => !schema.items || fits(item, schema.items));
    case 'object':
      return node.kind === 'map' && node.entries.every((entry) => fitsEntry(entry, schema));
    default:
      return true;
  }
}

function fitsEntry({ key, value }: Entry, schema: Schema): boolean {
  const inner = entrySchema(key, schema);
  return !inner || fits(value, inner);
}

function entrySchema(key: string, { properties, additionalProperties }: Schema): Schema | undefined {
  const schema = properties && Object.hasOwn(properties, key) ? properties[key] : additionalProperties;
  return typeof schema === 'object' ? schema : undefined;
}

/** What is wrong with a value of the right type. */
function outsideOf(
  source: string,
  value: unknown,
  { pattern, minimum, maximum }: Schema,
): string | undefined {
  if (pattern !== undefined && !new RegExp(pattern, 'u').test(String(value)))
    return `cannot be \`${source}\``;
  if (minimum !== undefined && Number(value) < minimum) return `must be ${minimum} or more, not ${source}`;
  if (maximum !== undefined && Number(value) > maximum) return `must be ${maximum} or less, not ${source}`;
  return undefined;
}

function numberOf(value: string | number | boolean | null): number {
  return typeof value === 'number' || typeof value === 'string' ? Number(value) : Number.NaN;
}

const WORDS: Readonly<Record<string, string>> = {
  boolean: 'true or false',
  integer: 'a whole number',
  number: 'a number',
  string: 'text',
  array: 'a list',
  object: 'a map',
};

function wanted(schema: Schema): string {
  if (schema.enum) return wanted({ anyOf: schema.enum.map((value) => ({ const: value })) });
  if (!schema.anyOf)
    return 'const' in schema ? `\`${String(schema.const)}\`` : (WORDS[schema.type ?? ''] ?? 'a value');
  const parts = [...new Set(schema.anyOf.map(wanted))];
  const all = 'const' in (schema.anyOf[0] ?? {}) ? 'one of ' : '';
  return all + (parts.length > 1 ? `${parts.slice(0, -1).join(', ')} or ${parts.at(-1)}` : (parts[0] ?? ''));
}

function shown(node: Node): string {
  if (node.kind !== 'scalar') return node.kind === 'map' ? 'a map' : 'a list';
  return node.value === null ? 'nothing' : `\`${node.source}\``;
}
