import { createRequire } from 'node:module';
import type * as AjvModuleType from 'ajv';
import type { ErrorObject, ValidateFunction } from 'ajv';
import type { TSchema } from 'typebox';
import type { ErrorCode } from './errors.ts';
import { convertData } from './schema-convert.ts';
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

/** A validator that the build made; keyed by `schemaKey`. */
export type Validator = ((data: unknown) => boolean) & { errors?: readonly ErrorObject[] | null };

const compiled = new WeakMap<TSchema, Validator>();
const prepared = new Map<string, Validator>();

/** Hands over validators made at build time, so that nothing has to be compiled. */
export function registerValidators(validators: ReadonlyMap<string, Validator>): void {
  for (const [key, validator] of validators) prepared.set(key, validator);
}

/** The same for the same schema, in every process. */
export function schemaKey(schema: TSchema): string {
  return JSON.stringify(schema);
}

/** How the build must set up ajv, so that its validators say as much as ours. */
export const AJV_OPTIONS = { allErrors: true, verbose: true, strict: false } as const;

let compile: ((schema: TSchema) => ValidateFunction) | undefined;

function validatorOf(schema: TSchema): Validator {
  const known = compiled.get(schema) ?? (prepared.size > 0 ? prepared.get(schemaKey(schema)) : undefined);
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

/** Checks plain data against a schema: converts what Ansible would convert, then says all that is wrong. */
export function validateData(schema: TSchema, given: unknown, options: CheckOptions = {}): Checked {
  const problems: SchemaProblem[] = [];
  const isTemplated = options.isTemplated ?? (() => false);
  const data = convertData(schema, given, { problems, isTemplated });
  const validate = validatorOf(schema);
  if (!validate(data)) {
    const said = new Set(problems.map(({ path }) => JSON.stringify(path)));
    for (const problem of explain(validate.errors ?? [], options.what))
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
