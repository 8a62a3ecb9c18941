import { type Schema, propertyOf } from '../base/schema-convert.ts';
import { type Shape, Unknown } from './types.ts';

export type Kind = 'string' | 'number' | 'boolean' | 'list' | 'map' | 'null';

const KINDS: Readonly<Record<string, Kind>> = {
  string: 'string',
  number: 'number',
  integer: 'number',
  boolean: 'boolean',
  array: 'list',
  object: 'map',
  null: 'null',
};

/** The kind of a value, also of one that is not known yet; undefined where it may be of several. */
export function kindOf(value: unknown): Kind | undefined {
  if (value instanceof Unknown) return value.shape && kindOfSchema(value.shape.schema);
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'list';
  if (typeof value === 'bigint') return 'number';
  return KINDS[typeof value];
}

function kindOfSchema(schema: Schema): Kind | undefined {
  const kinds = kindsOfSchema(schema);
  return kinds?.size === 1 ? [...kinds][0] : undefined;
}

/** The kinds that something which is not known may have; undefined where it may be anything. */
export function kindsOf({ shape }: Unknown): readonly Kind[] | undefined {
  const kinds = shape && kindsOfSchema(shape.schema);
  return kinds && [...kinds];
}

function kindsOfSchema(schema: Schema): ReadonlySet<Kind> | undefined {
  const { type, anyOf } = schema;
  if (anyOf) {
    const all = anyOf.map(kindsOfSchema);
    return all.some((kinds) => kinds === undefined)
      ? undefined
      : new Set(all.flatMap((kinds) => [...kinds!]));
  }
  const kind = 'const' in schema ? kindOf(schema.const) : typeof type === 'string' ? KINDS[type] : undefined;
  return kind && new Set([kind]);
}

/** Every kind that a value may have, in words. */
export const WORDS: Readonly<Record<Kind, string>> = {
  string: 'a string',
  number: 'a number',
  boolean: 'a boolean',
  list: 'a list',
  map: 'a map',
  null: 'null',
};

/** Something of this type, of which nothing else is known. */
export function typed(why: string, type: string): Unknown {
  return new Unknown(why, { schema: { type }, missing: 'there is no' });
}

/** A list of texts. */
export function texts(why: string): Unknown {
  return new Unknown(why, { schema: { type: 'array', items: { type: 'string' } }, missing: 'there is no' });
}

export type Field =
  | { readonly is: 'there'; readonly schema: Schema }
  | { readonly is: 'open' }
  | { readonly is: 'missing'; readonly known: readonly string[] };

/** What a schema says of a field: what it holds, that it cannot be there, or nothing. */
export function fieldOf(schema: Schema, key: string): Field {
  if (schema.anyOf) return ofUnion(schema.anyOf.map((branch) => fieldOf(branch, key)));
  if (schema.type === 'array') {
    if (key === 'length') return { is: 'there', schema: { type: 'integer' } };
    if (!/^-?\d+$/.test(key)) return { is: 'missing', known: [] };
    return schema.items ? { is: 'there', schema: schema.items } : { is: 'open' };
  }
  const found = propertyOf(schema, key);
  if (found) return { is: 'there', schema: found };
  const closed = schema.type === 'object' && schema.properties && schema.additionalProperties !== true;
  if (closed) return { is: 'missing', known: Object.keys(schema.properties!) };
  return typeof schema.type === 'string' && schema.type !== 'object'
    ? { is: 'missing', known: [] }
    : { is: 'open' };
}

function ofUnion(fields: readonly Field[]): Field {
  if (fields.some(({ is }) => is === 'open')) return { is: 'open' };
  const there = fields.flatMap((field) => (field.is === 'there' ? [field.schema] : []));
  if (there.length > 0) return { is: 'there', schema: there.length === 1 ? there[0]! : { anyOf: there } };
  const known = new Set(fields.flatMap((field) => (field.is === 'missing' ? field.known : [])));
  return { is: 'missing', known: [...known] };
}

/** What a loop over an Unknown gives. */
export function itemOf(list: Unknown): Unknown {
  const items = list.shape?.schema.type === 'array' ? list.shape.schema.items : undefined;
  return new Unknown(list.why, items && part(list.shape!, items));
}

/** The shape of a part of something: what its message says is not certain of the part. */
export function part(shape: Shape, schema: Schema): Shape {
  return { schema, missing: shape.missing.replace(' in a loop', '') };
}
