import { didYouMean } from '../base/suggest.ts';
import type { Env } from './env.ts';
import type { Expr } from './expr.ts';
import { asBoolean, describeType, show, toNumber } from './kinds.ts';
import { Unknown } from './types.ts';
import { unknownWithin } from './unknown.ts';
import { compareVersions } from './versions.ts';

type Call = Extract<Expr, { op: 'call' }>;
type Method = Extract<Expr, { op: 'method' }>;
type Types = readonly ('string' | 'list' | 'int' | 'any' | 'sized' | 'pattern')[];

/** Stops the evaluation of a function; the caller knows the place. */
class Unfit extends Error {}

interface Definition {
  /** Types of the arguments; those past `least` may be left out. */
  readonly args: Types;
  readonly least?: number;
  readonly call: (...args: never[]) => unknown;
}

const count = (value: string | readonly unknown[] | object): bigint =>
  BigInt(
    typeof value === 'string'
      ? [...value].length
      : Array.isArray(value)
        ? value.length
        : Object.keys(value).length,
  );

/** CEL's functions, as far as conditions of a playbook need them. */
const FUNCTIONS: Readonly<Record<string, Definition>> = {
  size: { args: ['sized'], call: count },
  int: { args: ['any'], call: toInt },
  double: { args: ['any'], call: toDouble },
  string: { args: ['any'], call: toText },
  bool: { args: ['any'], call: toBool },
  type: { args: ['any'], call: typeOf },
  versionCompare: {
    args: ['string', 'string'],
    call: (a: string, b: string) => BigInt(compareVersions(a, b)),
  },
  dyn: { args: ['any'], call: (value: unknown) => value },
};

const STRING_METHODS: Readonly<Record<string, Definition>> = {
  size: { args: [], call: count },
  contains: { args: ['string'], call: (text: string, part: string) => text.includes(part) },
  startsWith: { args: ['string'], call: (text: string, part: string) => text.startsWith(part) },
  endsWith: { args: ['string'], call: (text: string, part: string) => text.endsWith(part) },
  matches: { args: ['pattern'], call: (text: string, pattern: string) => compilePattern(pattern).test(text) },
  lowerAscii: { args: [], call: (text: string) => text.toLowerCase() },
  upperAscii: { args: [], call: (text: string) => text.toUpperCase() },
  trim: { args: [], call: (text: string) => text.trim() },
  split: { args: ['string'], call: (text: string, by: string) => text.split(by) },
  replace: {
    args: ['string', 'string'],
    call: (text: string, a: string, b: string) => text.replaceAll(a, () => b),
  },
  indexOf: { args: ['string'], call: (text: string, part: string) => BigInt(text.indexOf(part)) },
  lastIndexOf: { args: ['string'], call: (text: string, part: string) => BigInt(text.lastIndexOf(part)) },
  substring: {
    args: ['int', 'int'],
    least: 1,
    call: (text: string, from: bigint, to?: bigint) =>
      text.slice(Number(from), to === undefined ? undefined : Number(to)),
  },
};

const LIST_METHODS: Readonly<Record<string, Definition>> = {
  size: { args: [], call: count },
  join: {
    args: ['string'],
    least: 0,
    call: (list: readonly unknown[], by = '') => unknownWithin(list) ?? list.map(toText).join(by),
  },
};

const MAP_METHODS: Readonly<Record<string, Definition>> = { size: { args: [], call: count } };

export const FUNCTION_NAMES: readonly string[] = [...Object.keys(FUNCTIONS), 'has'];
export const METHOD_NAMES: readonly string[] = [
  ...new Set([
    ...Object.keys({ ...STRING_METHODS, ...LIST_METHODS }),
    'exists',
    'all',
    'exists_one',
    'map',
    'filter',
    'orValue',
    'hasValue',
  ]),
];

export function callFunction(call: Call, args: readonly unknown[], env: Env): unknown {
  const definition = Object.hasOwn(FUNCTIONS, call.name) ? FUNCTIONS[call.name] : undefined;
  if (!definition)
    return env.fail(
      'evaluate',
      `There is no function \`${call.name}\``,
      call,
      didYouMean(call.name, FUNCTION_NAMES),
    );
  return apply(definition, call.name, args, env, call);
}

export function callMethod(call: Method, target: unknown, args: readonly unknown[], env: Env): unknown {
  const table =
    typeof target === 'string'
      ? STRING_METHODS
      : Array.isArray(target)
        ? LIST_METHODS
        : isMap(target)
          ? MAP_METHODS
          : {};
  const definition = Object.hasOwn(table, call.name) ? table[call.name] : undefined;
  if (definition) return apply(definition, call.name, [target, ...args], env, call, 1);
  const listHint =
    call.name === 'contains' && Array.isArray(target)
      ? `Write \`${env.text(call.args[0] ?? call)} in ${env.text(call.target)}\`.`
      : Object.keys(table).length > 0
        ? didYouMean(call.name, Object.keys(table))
        : `Write \`string(${env.text(call.target)}).${call.name}(...)\`.`;
  return env.fail(
    'type',
    `\`${env.text(call.target)}\` is ${describeType(target)}, which has no \`${call.name}()\``,
    call,
    listHint,
  );
}

function isMap(value: unknown): boolean {
  return value !== null && typeof value === 'object';
}

function apply(
  definition: Definition,
  name: string,
  args: readonly unknown[],
  env: Env,
  at: Call | Method,
  receivers = 0,
): unknown {
  const unknown = args.find((arg) => arg instanceof Unknown);
  if (unknown) return unknown;
  const given = args.length - receivers;
  const least = definition.least ?? definition.args.length;
  if (given < least || given > definition.args.length) {
    const wanted = least === definition.args.length ? `${least}` : `${least} to ${definition.args.length}`;
    return env.fail(
      'type',
      `\`${name}()\` takes ${wanted} argument${wanted === '1' ? '' : 's'}, not ${given}`,
      at,
    );
  }
  const ready = args.map((arg, i) => {
    const type = i < receivers ? 'any' : definition.args[i - receivers]!;
    const fits = fit(arg, type);
    if (fits !== undefined) return fits;
    const wanted =
      type === 'sized'
        ? 'a string, list or map'
        : type === 'int'
          ? 'a number'
          : `a ${type === 'pattern' ? 'string' : type}`;
    return env.fail(
      'type',
      `\`${name}()\` needs ${wanted}, not ${describeType(arg)} (${show(arg)})`,
      at.args[i - receivers] ?? at,
    );
  });
  try {
    return (definition.call as (...args: unknown[]) => unknown)(...ready);
  } catch (error) {
    if (error instanceof Unfit) return env.fail('evaluate', error.message, at);
    throw error;
  }
}

function fit(value: unknown, type: Types[number]): unknown {
  if (type === 'any') return value;
  if (type === 'string' || type === 'pattern') return typeof value === 'string' ? value : undefined;
  if (type === 'list') return Array.isArray(value) ? value : undefined;
  if (type === 'sized') return typeof value === 'string' || isMap(value) ? value : undefined;
  const number = toNumber(value);
  return typeof number === 'bigint' ? number : undefined;
}

const patterns = new Map<string, RegExp>();

/** CEL's patterns are RE2: a leading `(?i)` is a flag there. @throws {SyntaxError} */
export function compilePattern(pattern: string): RegExp {
  let known = patterns.get(pattern);
  if (!known) {
    const flags = /^\(\?([ims]+)\)/.exec(pattern);
    known = flags ? new RegExp(pattern.slice(flags[0].length), flags[1]) : new RegExp(pattern);
    patterns.set(pattern, known);
  }
  return known;
}

function toInt(value: unknown): bigint {
  if (typeof value === 'boolean') return value ? 1n : 0n;
  if (typeof value === 'string' && /^\s*[-+]?\d+\s*$/.test(value))
    return BigInt(value.trim().replace(/^\+/, ''));
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : toNumber(value);
  if (number === undefined || (typeof number === 'number' && !Number.isFinite(number)))
    throw new Unfit(`${show(value)} is not a whole number`);
  return BigInt(typeof number === 'number' ? Math.trunc(number) : number);
}

function toDouble(value: unknown): number {
  const number =
    typeof value === 'string' && value.trim() !== '' ? Number(value) : Number(toNumber(value) ?? Number.NaN);
  if (Number.isNaN(number)) throw new Unfit(`${show(value)} is not a number`);
  return number;
}

function toText(value: unknown): string {
  if (typeof value === 'object') throw new Unfit(`${describeType(value)} is not a text`);
  return String(value);
}

function toBool(value: unknown): boolean {
  const boolean = asBoolean(value);
  if (boolean === undefined) throw new Unfit(`${show(value)} is neither true nor false`);
  return boolean;
}

function typeOf(value: unknown): string {
  if (value === null) return 'null_type';
  if (Array.isArray(value)) return 'list';
  const number = toNumber(value);
  if (number !== undefined) return typeof number === 'bigint' ? 'int' : 'double';
  if (typeof value === 'string') return 'string';
  return typeof value === 'boolean' ? 'bool' : 'map';
}
