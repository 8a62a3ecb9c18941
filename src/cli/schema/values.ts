import type { Schema } from '../../playbook/check-keywords.ts';

/** JSON schema, draft 7, with the keywords that editors know besides: `patternErrorMessage`, `doNotSuggest`. */
export type Json = Readonly<Record<string, unknown>>;

/** A text that holds a template. */
export const TEMPLATE = '\\{\\{';
/** A text that holds none. */
const NO_TEMPLATE = '^(?![\\s\\S]*\\{\\{)';
const NUMBER = '^\\s*[-+]?(\\d+\\.?\\d*|\\.\\d+)([eE][-+]?\\d+)?\\s*$|^\\s*0[xXoObB][\\da-fA-F]+\\s*$';
const YES_OR_NO = `^(${['true', 'yes', 'on', 'y', 't', '1', 'false', 'no', 'off', 'n', 'f', '0'].map(anyCase).join('|')})$`;

function anyCase(word: string): string {
  return word.replaceAll(/[a-z]/g, (letter) => `[${letter}${letter.toUpperCase()}]`);
}

/** What a value may be, type by type. */
interface Accepted {
  /** Every text, or those that one of these patterns fits. */
  readonly text: 'any' | readonly string[];
  readonly types: readonly string[];
  readonly lists: readonly Json[];
  readonly maps: readonly Json[];
  readonly values: readonly unknown[];
}

const NOTHING: Accepted = { text: [], types: [], lists: [], maps: [], values: [] };

/**
 * The values that the loader takes for a keyword or an argument (`checkValue`), as a JSON schema: a template may stand for
 * a value of any type, a number may be written as text, yes or no may stand for a boolean, and nothing for a list or map.
 */
export function valueSchema(name: string, schema: Schema): Json {
  const { description } = schema;
  const about = { description, ...defaultOf(schema) };
  if (schema.condition) return { ...about, ...conditionSchema() };
  const accepted = acceptedBy(schema);
  if (!isTyped(schema)) return { ...about, ...(schema.static ? { pattern: NO_TEMPLATE } : {}) };
  const mode = /(^|_)mode$/.test(name) && accepted.text === 'any';
  const types = mode
    ? accepted.types.filter((type) => type !== 'number' && type !== 'integer')
    : accepted.types;
  const mayBeEmpty = accepted.lists.length > 0 || schema.type === 'object';
  const outer = { ...accepted, types: mayBeEmpty ? [...types, 'null'] : types };
  const lost = mode ? { errorMessage: "Put it in quotes: '0644'." } : {};
  return { ...about, ...emit(limited(outer, schema), schema), ...lost };
}

function defaultOf(schema: Schema): Json {
  const value = (schema as { default?: unknown }).default;
  return value === undefined ? {} : { default: value };
}

function isTyped({ type, anyOf, enum: values, ...rest }: Schema): boolean {
  return type !== undefined || anyOf !== undefined || values !== undefined || 'const' in rest;
}

/** CEL or a boolean; of a list, all. */
export function conditionSchema(): Json {
  return { type: ['boolean', 'string', 'array'], items: { type: ['boolean', 'string', 'array'] } };
}

function acceptedBy(schema: Schema): Accepted {
  if (schema.anyOf) return schema.anyOf.map(acceptedBy).reduce(union, NOTHING);
  if ('const' in schema) return { ...NOTHING, values: [schema.const] };
  if (schema.enum) return { ...NOTHING, values: schema.enum };
  switch (schema.type) {
    case 'boolean':
      return { ...NOTHING, types: ['boolean'], text: [YES_OR_NO] };
    case 'integer':
    case 'number':
      return { ...NOTHING, types: [schema.type], text: [NUMBER] };
    case 'string':
      return { ...NOTHING, types: ['number', 'boolean'], text: 'any' };
    case 'array':
      return { ...NOTHING, lists: [schema.items ? { items: innerSchema(schema.items) } : {}] };
    case 'object':
      return { ...NOTHING, maps: [mapSchema(schema)] };
    default:
      return { ...NOTHING, types: ['number', 'boolean', 'null'], text: 'any', lists: [{}], maps: [{}] };
  }
}

function union(a: Accepted, b: Accepted): Accepted {
  return {
    text: a.text === 'any' || b.text === 'any' ? 'any' : [...new Set([...a.text, ...b.text])],
    types: [...new Set([...a.types, ...b.types])],
    lists: [...a.lists, ...b.lists],
    maps: [...a.maps, ...b.maps],
    values: [...a.values, ...b.values],
  };
}

/** Inside of a list or a map, a template may stand anywhere. */
function innerSchema(schema: Schema): Json {
  const { description } = schema;
  if (!isTyped(schema)) return { description };
  return { description, ...emit(acceptedBy(schema), { ...schema, static: false }) };
}

function mapSchema({ properties = {}, additionalProperties }: Schema): Json {
  const inner = Object.entries(properties).map(([name, each]) => [name, innerSchema(each)] as const);
  return {
    ...(inner.length > 0 ? { properties: Object.fromEntries(inner) } : {}),
    ...(typeof additionalProperties === 'object'
      ? { additionalProperties: innerSchema(additionalProperties) }
      : {}),
  };
}

function limited(accepted: Accepted, { pattern }: Schema): Accepted {
  return pattern !== undefined && accepted.text === 'any' ? { ...accepted, text: [pattern] } : accepted;
}

function emit(
  { text, types, lists, maps, values }: Accepted,
  { static: fixed, minimum, maximum }: Schema,
): Json {
  const texts = text === 'any' ? undefined : fixed ? text : [...text, TEMPLATE];
  const pattern = texts?.join('|') ?? (fixed ? NO_TEMPLATE : undefined);
  const textual = text === 'any' || (texts ?? []).length > 0;
  const all = [...types, ...(textual ? ['string'] : [])];
  const bounds = {
    ...(minimum === undefined ? {} : { minimum }),
    ...(maximum === undefined ? {} : { maximum }),
  };
  const [list, ...moreLists] = lists;
  const [map, ...moreMaps] = maps;
  const plain = {
    type: one([...all, ...(list ? ['array'] : []), ...(map ? ['object'] : [])]),
    ...(pattern === undefined ? {} : { pattern, patternErrorMessage: wanted(types, lists, maps, fixed) }),
    ...bounds,
    ...list,
    ...map,
  };
  const further = [
    ...moreLists.map((each) => ({ type: 'array', ...each })),
    ...moreMaps.map((each) => ({ type: 'object', ...each })),
  ];
  const words = values.length > 0 ? [{ enum: values }] : [];
  const isEmpty = all.length === 0 && !list && !map;
  const branches = [...words, ...(isEmpty ? [] : [plain]), ...further];
  return branches.length === 1 ? branches[0]! : { anyOf: branches };
}

function one(types: readonly string[]): string | readonly string[] {
  const unique = [...new Set(types)];
  return unique.length === 1 ? unique[0]! : unique;
}

const NAMES: Readonly<Record<string, string>> = {
  boolean: 'true or false',
  integer: 'a whole number',
  number: 'a number',
};

/** What an editor says of a text that fits no pattern. */
function wanted(
  types: readonly string[],
  lists: readonly Json[],
  maps: readonly Json[],
  fixed: boolean | undefined,
): string {
  const own = types.flatMap((type) => NAMES[type] ?? []);
  const parts = [...own, ...(lists.length > 0 ? ['a list'] : []), ...(maps.length > 0 ? ['a map'] : [])];
  if (fixed && own.length === 0) return 'It is needed before any host is known, so it cannot be a template.';
  const all = fixed ? parts : [...(parts.length > 0 ? parts : ['one of the allowed values']), 'a template'];
  return `Write ${all.join(', or ')}.`;
}
