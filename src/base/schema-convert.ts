import type { TSchema } from 'typebox';
import type { Path, SchemaProblem } from './schema.ts';

/** The keywords of JSON Schema that conversion looks at. */
export interface Schema {
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly patternProperties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: boolean | Schema;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly default?: unknown;
  readonly description?: string;
  /** A file mode: a number here was written without quotes and has lost its leading zero. */
  readonly octal?: boolean;
}

interface Context {
  readonly problems: SchemaProblem[];
  readonly isTemplated: (value: unknown) => boolean;
}

/** A copy of data with defaults filled in and single values converted as Ansible converts them. */
export function convertData(schema: TSchema, data: unknown, context: Context): unknown {
  return convert(schema as Schema, data, [], context);
}

const defaultsOf = new WeakMap<TSchema, readonly (readonly [string, unknown])[] | undefined>();

/**
 * The defaults of a map's properties, where that is all that conversion could add to data which is valid as it is:
 * undefined where a property may itself be a map, or could be a file mode that lost its leading zero.
 */
export function plainDefaults(schema: TSchema): readonly (readonly [string, unknown])[] | undefined {
  if (defaultsOf.has(schema)) return defaultsOf.get(schema);
  const { properties = {}, patternProperties, additionalProperties } = schema as Schema;
  const open = patternProperties !== undefined || typeof additionalProperties === 'object';
  const isPlain = !open && Object.values(properties).every(isPlainProperty);
  const defaults = Object.entries(properties)
    .map(([name, property]) => [name, property.default] as const)
    .filter(([, value]) => value !== undefined);
  defaultsOf.set(schema, isPlain ? defaults : undefined);
  return defaultsOf.get(schema);
}

function isPlainProperty(property: Schema): boolean {
  const isText = (branch: Schema) => hasType(branch, 'string') || typeof branch.const === 'string';
  const isNumber = (branch: Schema) => hasType(branch, 'number') || hasType(branch, 'integer');
  const branches = branchesOf(property);
  const mayBeMode = branches.some(isText) && branches.some(isNumber);
  if (mayBeMode || typeof property.default === 'object') return false;
  return branches.every((branch) => isKnownScalar(branch) || isListOfScalars(branch));
}

function isKnownScalar(branch: Schema): boolean {
  return branch.enum !== undefined || 'const' in branch || SCALARS.some((type) => branch.type === type);
}

const SCALARS = ['string', 'number', 'integer', 'boolean', 'null'];

function isListOfScalars({ type, items }: Schema): boolean {
  return type === 'array' && items !== undefined && branchesOf(items).every(isKnownScalar);
}

function convert(schema: Schema, data: unknown, path: Path, context: Context): unknown {
  if (context.isTemplated(data)) return data;
  if (typeof data === 'number' && isOctal(schema, path)) {
    context.problems.push(octalProblem(data, path));
    return data;
  }
  const branch = branchFor(schema, data);
  if (Array.isArray(data)) {
    const { items } = branch;
    return items ? data.map((item, i) => convert(items, item, [...path, i], context)) : data;
  }
  if (data !== null && typeof data === 'object')
    return convertMap(branch, data as Record<string, unknown>, path, context);
  return convertScalar(schema, data);
}

function isOctal(schema: Schema, path: Path): boolean {
  const takesText = branchesOf(schema).some((branch) => hasType(branch, 'string'));
  return schema.octal === true || (path.at(-1) === 'mode' && takesText);
}

function octalProblem(data: number, path: Path): SchemaProblem {
  const digits = /^[0-7]{3,4}$/.test(String(data)) ? String(data).padStart(4, '0') : '0644';
  const name = String(path.at(-1) ?? 'mode');
  return {
    path,
    code: 'schema.wrong-type',
    message: `\`${name}\` is the number ${data}; a file mode must stand in quotes`,
    hint: `Write \`${name}: '${digits}'\`.`,
  };
}

function branchesOf(schema: Schema): readonly Schema[] {
  return schema.anyOf ? schema.anyOf.flatMap(branchesOf) : [schema];
}

export function hasType(schema: Schema, type: string): boolean {
  return schema.type === type || (Array.isArray(schema.type) && schema.type.includes(type));
}

/** Whether data is of a branch's type, whatever else the branch asks for. */
export function looksLike(schema: Schema, data: unknown): boolean {
  if (schema.anyOf) return schema.anyOf.some((branch) => looksLike(branch, data));
  if ('const' in schema) return schema.const === data;
  if (schema.enum) return schema.enum.includes(data);
  if (schema.type === undefined) return true;
  if (data === null) return hasType(schema, 'null');
  if (Array.isArray(data)) return hasType(schema, 'array');
  if (typeof data === 'number')
    return hasType(schema, 'number') || (hasType(schema, 'integer') && Number.isInteger(data));
  return hasType(schema, typeof data);
}

/** The branch of a union that data belongs to: for maps the one that knows the most of its keys. */
export function branchFor(schema: Schema, data: unknown): Schema {
  const branches = branchesOf(schema).filter((branch) => looksLike(branch, data));
  if (branches.length < 2 || data === null || typeof data !== 'object') return branches[0] ?? schema;
  const known = (branch: Schema): number =>
    Object.keys(data).filter((key) => Object.hasOwn(branch.properties ?? {}, key)).length;
  return branches.reduce((best, branch) => (known(branch) > known(best) ? branch : best));
}

function convertMap(schema: Schema, data: Record<string, unknown>, path: Path, context: Context): unknown {
  const made: [string, unknown][] = [];
  for (const [key, value] of Object.entries(data)) {
    const property = propertyOf(schema, key);
    // Ansible takes `key:` without a value as not given.
    const absent = value === null && property !== undefined && !looksLike(property, null);
    if (!absent) made.push([key, property ? convert(property, value, [...path, key], context) : value]);
  }
  const given = new Set(made.map(([key]) => key));
  for (const [key, property] of Object.entries(schema.properties ?? {}))
    if (!given.has(key) && property.default !== undefined)
      made.push([key, structuredClone(property.default)]);
  return Object.fromEntries(made);
}

export function propertyOf(schema: Schema, key: string): Schema | undefined {
  if (schema.properties && Object.hasOwn(schema.properties, key)) return schema.properties[key];
  for (const [pattern, property] of Object.entries(schema.patternProperties ?? {}))
    if (new RegExp(pattern).test(key)) return property;
  return typeof schema.additionalProperties === 'object' ? schema.additionalProperties : undefined;
}

const NUMBER = /^\s*[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?\s*$/;
const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ...['yes', 'on', 'true'].map((word) => [word, true] as const),
  ...['no', 'off', 'false'].map((word) => [word, false] as const),
]);

/** Leaves a value as it is where it is allowed, else makes of it the first thing that is. */
function convertScalar(schema: Schema, data: unknown): unknown {
  if (looksLike(schema, data)) return data;
  const branches = branchesOf(schema);
  for (const candidate of candidates(data)) {
    if (branches.some((branch) => looksLike(branch, candidate))) {
      if (!Array.isArray(candidate)) return candidate;
      const { items } = branchFor(schema, candidate);
      return items ? candidate.map((item) => convertScalar(items, item)) : candidate;
    }
  }
  return data;
}

function* candidates(data: unknown): Iterable<unknown> {
  if (typeof data === 'string') {
    const word = BOOLEANS.get(data.trim().toLowerCase());
    if (word !== undefined) yield word;
    if (NUMBER.test(data)) yield Number(data);
    // A list written as Ansible's `k=v` form must write it.
    yield data.split(',').map((part) => part.trim());
  } else if (typeof data === 'number') {
    yield String(data);
    if (data === 0 || data === 1) yield data === 1;
    yield [data];
  }
}
