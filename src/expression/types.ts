import type { ErrorCode } from '../base/errors.ts';
import type { Schema } from '../base/schema-convert.ts';
import type { Span } from '../base/span.ts';

/** What is known of the form of an Unknown. */
export interface Shape {
  readonly schema: Schema;
  /** Begins the message about a field that is not in it: "`stat` returns no". */
  readonly missing: string;
  /** Set where not all of it is there for certain: the task that gives the value may be skipped. */
  readonly maybe?: Maybe | undefined;
}

export interface Maybe {
  /** Fields that are there in any case; undefined where the value as a whole may be missing. */
  readonly always: ReadonlySet<string> | undefined;
  /** Conditions under which the rest is there, too. */
  readonly when: readonly string[];
  /** The value where the task is skipped. */
  readonly otherwise: unknown;
}

/** A value that cannot be known yet (a register of a task that a dry run did not run). It flows through expressions. */
export class Unknown {
  /** Completes "depends on ...": `init.changed`. */
  readonly why: string;
  readonly shape: Shape | undefined;
  constructor(why: string, shape?: Shape) {
    this.why = why;
    this.shape = shape;
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

/** Something wrong with an expression, found without running anything. */
export interface Fault {
  readonly code: ErrorCode;
  readonly message: string;
  readonly span: Span;
  readonly hint?: string | undefined;
  /** False where it is not known whether the place is reached at all. */
  readonly sure: boolean;
  readonly warning?: boolean | undefined;
  /** Wrong for every host: it does not hang on the values of one. */
  readonly general?: boolean | undefined;
  /** The variable that is not there. */
  readonly name?: string | undefined;
}

/** Who listens to an examination. */
export interface Watch {
  /** False: it is not known whether what is examined is reached. */
  readonly sure: boolean;
  /** Variables and fields (`reg.stdout`) that a condition around has asked about. */
  readonly guards: ReadonlySet<string>;
  /** Conditions that hold where this is reached. */
  readonly when: ReadonlySet<string>;
  fault(fault: Fault): void;
  /** Does work of which it is (not) known that it is reached: the values of variables are worked out in it. */
  within<T>(sure: boolean, work: () => T): T;
  /** Whether any file defines a variable, for whatever host. */
  isDefined?(name: string): boolean;
  /** Why a variable is not there, where more can be said than that. */
  explain?(name: string): string | undefined;
}

/** A string with mustaches, parsed. One that is a single mustache keeps its value's type. */
export interface Template {
  readonly kind: 'template';
  readonly text: string;
  readonly span: Span;
  readonly references: readonly Reference[];
  /** Variables whose content decides how it is rendered; the others only become part of the text. */
  readonly lookedInto: ReadonlySet<string>;
  /** @throws {SlipwayError} template.undefined, template.render */
  render(scope: Scope): unknown;
  /** As `render`, but goes on after a fault and into branches that may be taken; what is wrong goes to `watch`. */
  examine(scope: Scope, watch: Watch): unknown;
}

/** A CEL condition, parsed. */
export interface Condition {
  readonly kind: 'condition';
  readonly text: string;
  readonly span: Span;
  readonly references: readonly Reference[];
  /** @throws {SlipwayError} condition.undefined, condition.type, condition.evaluate */
  test(scope: Scope): boolean | Unknown;
  /** As `test`, in the way of `Template.examine`. */
  examine(scope: Scope, watch: Watch): boolean | Unknown;
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
