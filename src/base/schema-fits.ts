import type { TSchema } from 'typebox';
import { hasType, type Schema } from './schema-convert.ts';

/** Keywords that are understood here, or say nothing about what is valid. */
const KNOWN: ReadonlySet<string> = new Set(
  (
    'type const enum anyOf properties patternProperties additionalProperties required items minimum maximum pattern ' +
    'minLength maxLength minItems maxItems description default title octal'
  ).split(' '),
);

/** Thrown at a keyword that is not understood. */
const NOT_UNDERSTOOD = Symbol('not understood');

/**
 * Whether data of which some are not known yet (`isTemplated`) fit a schema, without compiling it. False also where a
 * keyword is not known here: then ajv has the last word, and it is ajv that says what is wrong.
 */
export function fits(schema: TSchema, data: unknown, isTemplated: (value: unknown) => boolean): boolean {
  try {
    return fit(schema as Schema & Limits, data, isTemplated);
  } catch (thrown) {
    if (thrown === NOT_UNDERSTOOD) return false;
    throw thrown;
  }
}

interface Limits {
  readonly minimum?: number;
  readonly maximum?: number;
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
}

type Full = Schema & Limits;
type IsTemplated = (value: unknown) => boolean;

const understood = new WeakSet<object>();

function fit(schema: Full, data: unknown, isTemplated: IsTemplated): boolean {
  if (!understood.has(schema)) {
    for (const key in schema) if (!KNOWN.has(key)) throw NOT_UNDERSTOOD;
    understood.add(schema);
  }
  if (isTemplated(data)) return true;
  if (schema.anyOf && !schema.anyOf.some((branch) => fit(branch, data, isTemplated))) return false;
  if (schema.type !== undefined && !hasTypeOf(schema, data)) return false;
  if ('const' in schema && schema.const !== data) return false;
  if (schema.enum && !schema.enum.includes(data)) return false;
  if (typeof data === 'string') return fitText(schema, data);
  if (typeof data === 'number')
    return (schema.minimum ?? -Infinity) <= data && data <= (schema.maximum ?? Infinity);
  if (Array.isArray(data)) {
    const { items, minItems = 0, maxItems = Infinity } = schema;
    if (data.length < minItems || data.length > maxItems) return false;
    return !items || data.every((item) => fit(items, item, isTemplated));
  }
  return (
    data === null || typeof data !== 'object' || fitMap(schema, data as Record<string, unknown>, isTemplated)
  );
}

function hasTypeOf(schema: Full, data: unknown): boolean {
  if (data === null) return hasType(schema, 'null');
  if (Array.isArray(data)) return hasType(schema, 'array');
  if (typeof data === 'number')
    return (
      Number.isFinite(data) &&
      (hasType(schema, 'number') || (hasType(schema, 'integer') && Number.isInteger(data)))
    );
  return hasType(schema, typeof data);
}

function fitText({ pattern, minLength = 0, maxLength = Infinity }: Full, text: string): boolean {
  if (minLength > 0 || maxLength < Infinity) {
    const length = [...text].length;
    if (length < minLength || length > maxLength) return false;
  }
  return pattern === undefined || new RegExp(pattern, 'u').test(text);
}

function fitMap(schema: Full, data: Record<string, unknown>, isTemplated: IsTemplated): boolean {
  const { properties = {}, patternProperties, additionalProperties, required = [] } = schema;
  for (const key of required) if (data[key] === undefined || !Object.hasOwn(data, key)) return false;
  for (const [key, value] of Object.entries(data)) {
    if (value === undefined) continue;
    const own = Object.hasOwn(properties, key) ? properties[key] : undefined;
    if (own && !fit(own, value, isTemplated)) return false;
    const patterns = Object.entries(patternProperties ?? {}).filter(([text]) =>
      new RegExp(text, 'u').test(key),
    );
    if (!patterns.every(([, branch]) => fit(branch, value, isTemplated))) return false;
    if (own || patterns.length > 0 || additionalProperties === undefined || additionalProperties === true)
      continue;
    if (additionalProperties === false || !fit(additionalProperties, value, isTemplated)) return false;
  }
  return true;
}
