import { createRequire } from 'node:module';
import type * as AjvModuleType from 'ajv';
import type { ErrorObject, ValidateFunction } from 'ajv';
import type { TSchema } from 'typebox';
import type { ErrorCode } from './errors.ts';
import { convertData, plainDefaults } from './schema-convert.ts';
import { fits } from './schema-fits.ts';
import { explain } from './schema-explain.ts';

type AjvModule = typeof AjvModuleType;
export type Path = readonly (string | number)[];

/** Something wrong with data, and where in it. */
export interface SchemaProblem {
  /** To the value, or to the map that holds `key`. */
  readonly path: Path;
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint?: string | undefined;
  /** The key that is not known. */
  readonly key?: string | undefined;
}

export interface CheckOptions {
  /** What is being checked, in the words of a message: "a play", "`copy`". */
  readonly what?: string | undefined;
  /** Values that are not known yet: they are left as they are, and nothing is said of them. */
  readonly isTemplated?: ((value: unknown) => boolean) | undefined;
}

export interface Checked {
  /** A copy with defaults filled in and values converted as Ansible does ("80" to 80, "yes" to true). */
  readonly data: unknown;
  readonly problems: readonly SchemaProblem[];
}

type Validator = ((data: unknown) => boolean) & { errors?: readonly ErrorObject[] | null };

const compiled = new WeakMap<TSchema, Validator>();
const quick = new WeakMap<TSchema, (data: unknown) => boolean>();

/** Hands over a validator made at build time: while it says yes, ajv is neither loaded nor does it compile. */
export function adoptValidator(schema: TSchema, isValid: (data: unknown) => boolean): void {
  quick.set(schema, isValid);
}

const AJV_OPTIONS = { allErrors: true, verbose: true, strict: false } as const;

let compile: ((schema: TSchema) => ValidateFunction) | undefined;

function validatorOf(schema: TSchema): Validator {
  const known = compiled.get(schema);
  if (known) return known;
  if (!compile) {
    // Loaded only where something has to be compiled: it costs start-up time.
    const { Ajv } = createRequire(import.meta.url)('ajv') as AjvModule;
    const ajv = new Ajv(AJV_OPTIONS);
    compile = (wanted) => ajv.compile(wanted);
  }
  const validator = compile(schema) as Validator;
  compiled.set(schema, validator);
  return validator;
}

/** Most data needs no conversion: with its defaults filled in, a quick validator takes it as it is. */
function acceptAsGiven(schema: TSchema, given: unknown): Record<string, unknown> | undefined {
  const isValid = quick.get(schema);
  const defaults = isValid && plainDefaults(schema);
  if (!defaults || typeof given !== 'object' || given === null || Array.isArray(given)) return undefined;
  const data: Record<string, unknown> = { ...given };
  for (const name in data) if (data[name] === null) return undefined;
  for (const [name, value] of defaults) if (!Object.hasOwn(data, name)) data[name] = value;
  return isValid(data) ? data : undefined;
}

function errorsOf(schema: TSchema, data: unknown): readonly ErrorObject[] {
  const validate = validatorOf(schema);
  return validate(data) ? [] : (validate.errors ?? []);
}

/** Checks plain data against a schema: converts what Ansible would convert, then says all that is wrong. */
export function validateData(schema: TSchema, given: unknown, options: CheckOptions = {}): Checked {
  const asGiven = acceptAsGiven(schema, given);
  if (asGiven) return { data: asGiven, problems: [] };
  const problems: SchemaProblem[] = [];
  const isTemplated = options.isTemplated ?? (() => false);
  const data = convertData(schema, given, { problems, isTemplated });
  const valid =
    quick.get(schema)?.(data) === true ||
    (holdsTemplated(data, isTemplated) && fits(schema, data, isTemplated));
  if (!valid) {
    const said = new Set(problems.map(({ path }) => JSON.stringify(path)));
    for (const problem of explain(errorsOf(schema, data), options.what))
      if (!said.has(JSON.stringify(problem.path)) || problem.key !== undefined) problems.push(problem);
  }
  return { data, problems: problems.filter((problem) => !isOpen(problem, data, isTemplated)) };
}

/** Whether a problem is at, below or (for a value as a whole) around something that is not known yet. */
function isOpen(problem: SchemaProblem, data: unknown, isTemplated: (value: unknown) => boolean): boolean {
  let value = data;
  if (isTemplated(value)) return true;
  for (const step of problem.path) {
    value = (value as Record<string | number, unknown> | undefined)?.[step];
    if (isTemplated(value)) return true;
  }
  const aboutParts = problem.code === 'schema.unknown-key' || problem.code === 'schema.missing-key';
  return !aboutParts && holdsTemplated(value, isTemplated);
}

function holdsTemplated(value: unknown, isTemplated: (value: unknown) => boolean): boolean {
  if (isTemplated(value)) return true;
  if (value === null || typeof value !== 'object') return false;
  return Object.values(value).some((part) => holdsTemplated(part, isTemplated));
}
