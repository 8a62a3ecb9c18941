/**
 * An expression: what CEL, the simple Jinja2 that is accepted, and the inside of a mustache all become, so that there
 * is one meaning of "variable", "undefined" and "unknown". Offsets count from the start of the parsed text.
 */
export type Expr = Place & ExprBody;

export interface Place {
  readonly start: number;
  readonly end: number;
}

export type BinaryOperator = '==' | '!=' | '<' | '<=' | '>' | '>=' | 'in' | '+' | '-' | '*' | '/' | '%';

/** CEL's comprehensions: `list.exists(x, ...)`. */
export type Macro = 'exists' | 'all' | 'exists_one' | 'map' | 'filter';

export type ExprBody =
  /** Integers are bigint, other numbers are number: CEL's int and double. */
  | { readonly op: 'literal'; readonly value: unknown }
  /** `up` counts the `../` of a mustache; 'this' is the current item. */
  | { readonly op: 'name'; readonly name: string; readonly up?: number }
  | { readonly op: 'this'; readonly up: number }
  /** `a.b`, `a["b"]`, `a[0]`; `optional` for CEL's `a.?b`. */
  | { readonly op: 'member'; readonly target: Expr; readonly key: Expr; readonly optional?: boolean }
  | { readonly op: 'call'; readonly name: string; readonly args: readonly Expr[] }
  | {
      readonly op: 'method';
      readonly name: string;
      readonly nameStart: number;
      readonly target: Expr;
      readonly args: readonly Expr[];
    }
  | {
      readonly op: 'macro';
      readonly name: Macro;
      readonly target: Expr;
      readonly variable: string;
      /** The predicate (exists, all, exists_one, filter), or map's filter. */
      readonly where?: Expr | undefined;
      /** What `map` makes of each item. */
      readonly give?: Expr | undefined;
    }
  | { readonly op: 'bind'; readonly variable: string; readonly value: Expr; readonly body: Expr }
  | { readonly op: 'list'; readonly items: readonly Expr[] }
  | { readonly op: 'map'; readonly entries: readonly (readonly [Expr, Expr])[] }
  | { readonly op: 'not' | 'negate' | 'defined'; readonly operand: Expr }
  | { readonly op: 'and' | 'or'; readonly left: Expr; readonly right: Expr }
  | { readonly op: 'choose'; readonly condition: Expr; readonly yes: Expr; readonly no: Expr }
  | { readonly op: 'binary'; readonly operator: BinaryOperator; readonly left: Expr; readonly right: Expr }
  /** A Handlebars helper with its arguments. */
  | {
      readonly op: 'helper';
      readonly name: string;
      readonly args: readonly Expr[];
      readonly named: Readonly<Record<string, Expr>>;
    }
  /** Jinja2 only, never evaluated: kept so that the hint can show the translation. */
  | {
      readonly op: 'filter' | 'test';
      readonly name: string;
      readonly target: Expr;
      readonly args: readonly Expr[];
      readonly named: Readonly<Record<string, Expr>>;
    };

/** The direct parts of an expression, in the order written. */
export function partsOf(expr: Expr): readonly Expr[] {
  switch (expr.op) {
    case 'literal':
    case 'name':
    case 'this':
      return [];
    case 'member':
      return [expr.target, expr.key];
    case 'call':
      return expr.args;
    case 'method':
      return [expr.target, ...expr.args];
    case 'macro':
      return [expr.target, ...(expr.where ? [expr.where] : []), ...(expr.give ? [expr.give] : [])];
    case 'bind':
      return [expr.value, expr.body];
    case 'list':
      return expr.items;
    case 'map':
      return expr.entries.flat();
    case 'not':
    case 'negate':
    case 'defined':
      return [expr.operand];
    case 'choose':
      return [expr.condition, expr.yes, expr.no];
    case 'and':
    case 'or':
    case 'binary':
      return [expr.left, expr.right];
    case 'helper':
      return [...expr.args, ...Object.values(expr.named)];
    case 'filter':
    case 'test':
      return [expr.target, ...expr.args, ...Object.values(expr.named)];
  }
}
