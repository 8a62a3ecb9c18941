import { describeType, show } from './kinds.ts';

/** An argument that is evaluated when it is asked for; `optional` gives undefined instead of an error. */
export type Late = (optional?: boolean) => unknown;

export interface HelperExample {
  readonly template: string;
  readonly variables?: Readonly<Record<string, unknown>>;
  /** What it gives, with its type. Run by a test. */
  readonly gives: unknown;
}

interface HelperInfo {
  readonly name: string;
  /** One line, for the reference. */
  readonly summary: string;
  readonly example: HelperExample;
  /** Least and most arguments. */
  readonly args: readonly [number, number];
  /** Options, `name=value`. */
  readonly named?: readonly string[];
}

type Options = Readonly<Record<string, unknown>>;

/** A helper of templates: pure. Throws HelperError when the arguments do not fit. */
export type Helper = HelperInfo &
  (
    | { readonly call: (args: readonly unknown[], options: Options) => unknown; readonly late?: undefined }
    /** Decides itself which arguments are needed. */
    | { readonly late: (args: readonly Late[], options: Options) => unknown; readonly call?: undefined }
  );

/** Arguments that a helper cannot work with; the caller knows the place. */
export class HelperError extends Error {
  readonly hint: string | undefined;
  constructor(message: string, hint?: string) {
    super(message);
    this.hint = hint;
  }
}

function wanted(what: string, value: unknown): HelperError {
  return new HelperError(`needs ${what}, not ${describeType(value)} (${show(value)})`);
}

/** Text, or what has one way to be written as text. */
export function text(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint')
    return String(value);
  throw wanted('a string', value);
}

export function list(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw wanted('a list', value);
}

export function map(value: unknown): Readonly<Record<string, unknown>> {
  if (value !== null && typeof value === 'object' && !Array.isArray(value))
    return value as Record<string, unknown>;
  throw wanted('a map', value);
}

/** A number, also from text that is one. */
export function number(value: unknown): number {
  if (typeof value === 'bigint' || typeof value === 'number') return Number(value);
  if (typeof value === 'string' && value.trim() !== '' && !Number.isNaN(Number(value))) return Number(value);
  throw wanted('a number', value);
}

const FALSE_WORDS = new Set(['', 'false', 'no', 'off']);

/** What counts as true in `#if`, `and`, `or`, `not`: not null, false, 0, an empty text, list or map, or "no"/"off"/"false". */
export function isTruthy(value: unknown): boolean {
  if (value === undefined || value === null || value === false || value === 0 || value === 0n) return false;
  if (typeof value === 'string') return !FALSE_WORDS.has(value.toLowerCase());
  return typeof value !== 'object' || Object.keys(value).length > 0;
}
