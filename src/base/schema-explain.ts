import type { ErrorObject } from 'ajv';
import type { SchemaProblem } from './schema.ts';
import { branchFor, looksLike, type Schema } from './schema-convert.ts';
import { didYouMean, nearest } from './suggest.ts';
import { describe, show } from './values.ts';

type Path = (string | number)[];

/** Turns ajv's errors into problems that name the wrong value, say what is allowed and what may have been meant. */
export function explain(errors: readonly ErrorObject[], what?: string): SchemaProblem[] {
  return outermost(errors).map((error) => problemOf(error, what));
}

/**
 * A union that does not fit gives an error for every branch. If the data is clearly meant for one branch, what is
 * wrong in that one counts; else only that the union does not fit.
 */
function outermost(errors: readonly ErrorObject[]): readonly ErrorObject[] {
  const unions = errors.filter((error) => error.keyword === 'anyOf');
  // ajv reports the union after its branches, the outer one last.
  const union = unions.at(-1);
  if (!union) return errors;
  const below = `${union.schemaPath}/`;
  const inside = errors.filter(
    (error) =>
      error !== union &&
      error.schemaPath.startsWith(below) &&
      error.instancePath.startsWith(union.instancePath),
  );
  const outside = errors.filter((error) => error !== union && !inside.includes(error));
  const branches = union.schema as readonly Schema[];
  const meant = meantBranch(branches, union.data);
  const chosen =
    meant < 0
      ? [{ ...union, keyword: 'union' }]
      : outermost(inside.filter((error) => error.schemaPath.startsWith(`${below}${meant}/`)));
  return [...outermost(outside), ...chosen];
}

function meantBranch(branches: readonly Schema[], data: unknown): number {
  if (branches.some((branch) => 'const' in branch || branch.enum) && typeof data === 'string') return -1;
  const fitting = branches.filter((branch) => looksLike(branch, data));
  if (fitting.length === 0) return -1;
  const best = branchFor({ anyOf: fitting }, data);
  return branches.findIndex((branch) => branch === best || branch.anyOf?.includes(best));
}

function pathOf(pointer: string): Path {
  const keys = pointer.split('/').slice(1);
  return keys
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((key) => (/^\d+$/.test(key) ? Number(key) : key));
}

function problemOf(error: ErrorObject, what: string | undefined): SchemaProblem {
  const path = pathOf(error.instancePath);
  const name = path.length > 0 ? `\`${path.map(String).join('.')}\`` : (what ?? 'This');
  const place = what ? ` of ${what}` : '';
  const schema = (error.parentSchema ?? {}) as Schema;
  if (error.keyword === 'additionalProperties' || error.keyword === 'unevaluatedProperties') {
    const key = String(error.params['additionalProperty'] ?? error.params['unevaluatedProperty']);
    const known = Object.keys(schema.properties ?? {});
    const hint = known.length > 0 ? didYouMean(key, known) : undefined;
    return {
      path,
      key,
      code: 'schema.unknown-key',
      message: `\`${key}\` is not known here${what ? ` (${what})` : ''}`,
      hint,
    };
  }
  if (error.keyword === 'required') {
    const key = String(error.params['missingProperty']);
    const about = schema.properties?.[key]?.description;
    const where = path.length > 0 ? ` in ${name}` : what ? ` in ${what}` : '';
    return {
      path,
      code: 'schema.missing-key',
      message: `\`${key}\` is missing${where}`,
      hint: about ? `Add \`${key}\`: ${about}` : `Add \`${key}\`.`,
    };
  }
  const wanted = wantedOf(error, schema);
  if (wanted !== undefined) {
    const near =
      typeof error.data === 'string' ? nearest(error.data, allowedTexts(error, schema)) : undefined;
    return {
      path,
      code: 'schema.wrong-type',
      message: `${name}${path.length > 0 ? place : ''} must be ${wanted}, not ${describe(error.data)}`,
      hint: near === undefined ? typeHint(error, path) : `Did you mean \`${near}\`?`,
    };
  }
  return {
    path,
    code: 'schema.invalid-value',
    ...limit(error, schema, `${name}${path.length > 0 ? place : ''}`),
  };
}

function typeHint(error: ErrorObject, path: Path): string | undefined {
  const text = error.keyword === 'type' && error.params['type'] === 'string';
  if (text && typeof error.data === 'boolean')
    return `Put it in quotes: \`${String(path.at(-1) ?? 'value')}: "${error.data}"\`.`;
  return undefined;
}

function wantedOf(error: ErrorObject, schema: Schema): string | undefined {
  if (error.keyword === 'type') return either([schema.type ?? ''].flat().map(typeWords));
  if (error.keyword === 'const') return constant(schema.const);
  if (error.keyword === 'enum') return either((schema.enum ?? []).map(constant));
  if (error.keyword === 'union')
    return either([...new Set((error.schema as readonly Schema[]).flatMap(branchWords))]);
  return undefined;
}

function branchWords(branch: Schema): string[] {
  if (branch.anyOf) return branch.anyOf.flatMap(branchWords);
  if ('const' in branch) return [constant(branch.const)];
  if (branch.enum) return branch.enum.map(constant);
  return [branch.type ?? 'something else'].flat().map(typeWords);
}

const TYPE_WORDS: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map',
  null: 'null',
};

function typeWords(type: string): string {
  return TYPE_WORDS[type] ?? type;
}

function constant(value: unknown): string {
  return typeof value === 'string' ? `\`${value}\`` : String(value);
}

function either(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}

function allowedTexts(error: ErrorObject, schema: Schema): string[] {
  const from = (branch: Schema): unknown[] =>
    branch.anyOf ? branch.anyOf.flatMap(from) : 'const' in branch ? [branch.const] : [...(branch.enum ?? [])];
  const branches = error.keyword === 'union' ? (error.schema as readonly Schema[]) : [schema];
  return branches.flatMap(from).filter((value) => typeof value === 'string');
}

function limit(
  error: ErrorObject,
  schema: Schema,
  name: string,
): { message: string; hint?: string | undefined } {
  const value = show(error.data);
  const number = Number(error.params['limit']);
  const hint = schema.description;
  switch (error.keyword) {
    case 'minimum':
      return { message: `${name} must be at least ${number}, not ${value}`, hint };
    case 'maximum':
      return { message: `${name} must be at most ${number}, not ${value}`, hint };
    case 'exclusiveMinimum':
      return { message: `${name} must be more than ${number}, not ${value}`, hint };
    case 'exclusiveMaximum':
      return { message: `${name} must be less than ${number}, not ${value}`, hint };
    case 'minLength':
    case 'minItems':
    case 'minProperties':
      return {
        message:
          number === 1 ? `${name} must not be empty` : `${name} must have at least ${number} ${unit(error)}`,
        hint,
      };
    case 'maxLength':
    case 'maxItems':
    case 'maxProperties':
      return { message: `${name} must have at most ${number} ${unit(error)}`, hint };
    case 'uniqueItems':
      return { message: `${name} holds the same item twice`, hint };
    case 'pattern':
      return {
        message: `${name} is ${value}, which has not the right form`,
        hint: hint ?? `It must match ${String(error.params['pattern'])}.`,
      };
    default:
      return { message: `${name} ${error.message ?? 'cannot be accepted'} (${value})`, hint };
  }
}

function unit(error: ErrorObject): string {
  return error.keyword.endsWith('Length')
    ? 'characters'
    : error.keyword.endsWith('Items')
      ? 'items'
      : 'entries';
}
