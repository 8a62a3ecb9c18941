import type { Span } from '../base/span.ts';

/** A value that cannot be known yet (a register of a task that a dry run did not run). It flows through expressions. */
export class Unknown {
  /** Completes "depends on ...": `init.changed`. */
  readonly why: string;
  constructor(why: string) {
    this.why = why;
  }
}

/** The variables of one host at one moment. Lookups are lazy: a variable may itself be a template. */
export interface Scope {
  /** The value (plain data), an Unknown, or undefined where there is no such variable. @throws {SlipwayError} */
  get(name: string): unknown;
  has(name: string): boolean;
  /** All names, for "did you mean" and `debug`. */
  names(): Iterable<string>;
}

/** A use of a variable: `a.b.c` is ['a', 'b', 'c']; a computed step ends the path. */
export interface Reference {
  readonly path: readonly string[];
  readonly span: Span;
  /** True where the expression copes with its absence: `default`, `has()`, `#if`. */
  readonly optional: boolean;
}

/** A string with mustaches, parsed. One that is a single mustache keeps its value's type. */
export interface Template {
  readonly kind: 'template';
  readonly text: string;
  readonly span: Span;
  readonly references: readonly Reference[];
  /** @throws {SlipwayError} template.undefined, template.render */
  render(scope: Scope): unknown;
}

/** A CEL condition, parsed. */
export interface Condition {
  readonly kind: 'condition';
  readonly text: string;
  readonly span: Span;
  readonly references: readonly Reference[];
  /** @throws {SlipwayError} condition.undefined, condition.type, condition.evaluate */
  test(scope: Scope): boolean | Unknown;
}

/** Data with templates in it, as written in a file. */
export type Value =
  | { readonly kind: 'data'; readonly data: unknown; readonly span: Span }
  | Template
  | { readonly kind: 'list'; readonly items: readonly Value[]; readonly span: Span }
  | {
      readonly kind: 'map';
      readonly entries: readonly { readonly key: string; readonly keySpan: Span; readonly value: Value }[];
      readonly span: Span;
    };
