import { describeType as typeInWords } from '../base/values.ts';
import { Unknown } from './types.ts';

export { show } from '../base/values.ts';

/** A value's type in words, with its article. */
export function describeType(value: unknown): string {
  return value instanceof Unknown ? 'not known yet' : typeInWords(value);
}

const TRUE = new Set(['true', 'yes', 'on', '1']);
const FALSE = new Set(['false', 'no', 'off', '0']);

/**
 * A boolean, or what stands for one in Ansible: "yes", "no", "on", "off", "true", "false", 1, 0. Undefined for anything
 * else: a list or a text has no truth of its own here.
 */
export function asBoolean(value: unknown): boolean | undefined {
  if (typeof value === 'boolean') return value;
  if (value === 1 || value === 1n) return true;
  if (value === 0 || value === 0n) return false;
  if (typeof value !== 'string') return undefined;
  const word = value.trim().toLowerCase();
  if (TRUE.has(word)) return true;
  return FALSE.has(word) ? false : undefined;
}

/** A number as CEL sees it: integers are int (bigint), others double. */
export function toNumber(value: unknown): bigint | number | undefined {
  if (typeof value === 'bigint') return value;
  if (typeof value !== 'number') return undefined;
  return Number.isSafeInteger(value) ? BigInt(value) : value;
}

/** CEL's values as plain data: integers that fit become numbers. */
export function toPlain(value: unknown): unknown {
  if (typeof value === 'bigint') {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : String(value);
  }
  if (Array.isArray(value))
    return value.some((item) => typeof item === 'bigint' || Array.isArray(item)) ? value.map(toPlain) : value;
  return value;
}

/** Equality of plain data, ints and doubles by value; Unknown as soon as it hangs on one. */
export function equal(a: unknown, b: unknown): boolean | Unknown {
  if (a instanceof Unknown) return a;
  if (b instanceof Unknown) return b;
  const left = toNumber(a);
  const right = toNumber(b);
  // Loose on purpose: 1n == 1.0.
  if (left !== undefined && right !== undefined) return left == right; // oxlint-disable-line eqeqeq
  if (a === null || b === null || typeof a !== 'object' || typeof b !== 'object') return a === b;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  let unknown: Unknown | undefined;
  for (const key of keys) {
    if (!Object.hasOwn(b, key)) return false;
    const same = equal((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]);
    if (same === false) return false;
    if (same instanceof Unknown) unknown ??= same;
  }
  return unknown ?? true;
}
