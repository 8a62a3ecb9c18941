import type { Expr, Place } from './expr.ts';

/** `skipped`: a field that is only there where its task was not skipped; found by examination alone. */
export type Failure = 'undefined' | 'type' | 'evaluate' | 'skipped';

/** What an expression is evaluated in. */
export interface Env {
  /** The value of a variable, or undefined where there is none. `up` counts the `../` before it. */
  variable(name: string, up: number): unknown;
  /** The current item of a block (`this`), or undefined outside of one. */
  item(up: number): unknown;
  /** Names that can be used here, for "did you mean". */
  names(): Iterable<string>;
  /** A stretch of the expression as the user wrote it. */
  text(place: Place): string;
  fail(failure: Failure, message: string, place: Place, hint?: string, cause?: unknown): never;
  helper?(call: Extract<Expr, { op: 'helper' }>, env: Env): unknown;
}

/** The same with one more variable. */
export function withVariable<E extends Env>(env: E, name: string, value: unknown): E {
  return {
    ...env,
    variable: (wanted, up) => (wanted === name && up === 0 ? value : env.variable(wanted, up)),
    names: () => [name, ...env.names()],
  };
}
