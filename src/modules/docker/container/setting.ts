import type { ContainerParams } from './params.ts';

/**
 * What of a container a parameter stands for. `value` and `list` are compared as a whole, a `set` by its elements (in any
 * order), a `map` by its keys.
 */
export type Kind = 'value' | 'list' | 'set' | 'map';

/** A value in the form in which it is compared and shown. */
export type View = string | readonly string[] | Readonly<Record<string, string>>;

export interface Setting {
  /** The parameter. */
  readonly name: string;
  readonly kind: Kind;
  /** Where it stands in what the Engine takes and tells: `HostConfig`, `LogConfig`, `Type`. */
  readonly path: readonly string[];
  /** As the Engine takes it; undefined where it is not declared. @throws {SlipwayError} task.invalid */
  readonly wanted: (p: ContainerParams) => unknown;
  /** Of what the Engine takes or tells (null and undefined, too). */
  readonly view: (value: unknown) => View;
  /** The Engine changes it in a container that is there. */
  readonly live?: boolean;
  /** A container has it from its image, too. */
  readonly inherited?: boolean;
}

type Row = Pick<Setting, 'live' | 'inherited'>;
type Wanted = (p: ContainerParams) => unknown;

const isNothing = (value: unknown) => value === undefined || value === null;

export const textOf = (value: unknown): string => (isNothing(value) ? '' : String(value));

function make(
  name: string,
  kind: Kind,
  path: string,
  wanted: Wanted,
  view: (value: unknown) => View,
  row: Row,
) {
  return { name, kind, path: path.split('.'), wanted, view, ...row };
}

export function text(name: string, path: string, wanted: Wanted, row: Row = {}): Setting {
  return make(name, 'value', path, wanted, textOf, row);
}

/** Something shown in another way than the Engine tells it. */
export function value(
  name: string,
  path: string,
  wanted: Wanted,
  view: (value: unknown) => string,
  row: Row = {},
): Setting {
  return make(name, 'value', path, wanted, view, row);
}

export function flag(name: string, path: string, wanted: Wanted): Setting {
  return make(name, 'value', path, wanted, (value) => String(value ?? false), {});
}

/** 0 where the Engine says nothing. */
export function number(name: string, path: string, wanted: Wanted, row: Row = {}): Setting {
  return make(name, 'value', path, wanted, (value) => String(value ?? 0), row);
}

export function list(name: string, path: string, wanted: Wanted): Setting {
  return make(name, 'list', path, wanted, (value) => ((value ?? []) as unknown[]).map(String), {});
}

export function set(
  name: string,
  path: string,
  wanted: Wanted,
  view: (value: unknown) => readonly string[] = (value) => ((value ?? []) as unknown[]).map(String),
  row: Row = {},
): Setting {
  return make(name, 'set', path, wanted, (value) => [...new Set(view(value))].sort(), row);
}

export function map(
  name: string,
  path: string,
  wanted: Wanted,
  view: (value: unknown) => Readonly<Record<string, string>> = texts,
  row: Row = {},
): Setting {
  return make(name, 'map', path, wanted, view, row);
}

/** A map whose values may be other scalars. */
export function texts(value: unknown): Record<string, string> {
  return Object.fromEntries(Object.entries((value ?? {}) as object).map(([key, one]) => [key, textOf(one)]));
}

/** `KEY=value` texts as a map. */
export function pairs(separator: string): (value: unknown) => Record<string, string> {
  return (value) =>
    Object.fromEntries(
      ((value ?? []) as string[]).map((pair) => {
        const at = pair.indexOf(separator);
        return at < 0 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + separator.length)];
      }),
    );
}

/** The parts of something nested. */
export function dig(from: unknown, path: readonly string[]): unknown {
  let found = from;
  for (const key of path) found = (found as Record<string, unknown> | null | undefined)?.[key];
  return found;
}

/** Puts a value into something nested. */
export function put(into: Record<string, unknown>, path: readonly string[], what: unknown): void {
  let at = into;
  for (const key of path.slice(0, -1)) at = (at[key] ??= {}) as Record<string, unknown>;
  at[path.at(-1)!] = what;
}
