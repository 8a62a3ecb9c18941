import { type Expr, partsOf, type Place } from './expr.ts';
import { FUNCTION_NAMES, METHOD_NAMES } from './functions.ts';
import { JinjaSyntaxError } from './jinja-lex.ts';
import { parseJinja } from './jinja-parse.ts';
import { toCel } from './jinja-cel.ts';

/** Either an expression that means the same, or what to say about it, or nothing: it is not Jinja2. */
export interface JinjaCondition {
  readonly expr?: Expr | undefined;
  readonly place?: Place | undefined;
  readonly message?: string | undefined;
  readonly hint?: string | undefined;
}

/**
 * A condition that is not CEL, read as Ansible reads it. Names, comparisons, `and`, `or`, `not`, `in` and `is defined`
 * simply work; of filters and other tests the hint shows how they are written in CEL.
 */
export function parseJinjaCondition(text: string): JinjaCondition {
  const parsed = tryJinja(text);
  if (!parsed) return {};
  const simple = simplify(parsed);
  const first = firstForeign(simple);
  if (!first) return { expr: simple };
  return { place: first, ...foreignMessage(first, text, toCel(simple)) };
}

function tryJinja(text: string): Expr | undefined {
  try {
    return parseJinja(text);
  } catch (error) {
    if (error instanceof JinjaSyntaxError) return undefined;
    throw error;
  }
}

/** How a condition with Python's methods (`x.lower()`) is written in CEL, where that is something else. */
export function celHint(text: string): string | undefined {
  const parsed = tryJinja(text);
  const written = parsed && toCel(simplify(parsed));
  return written === undefined || written === text ? undefined : `Write \`${written}\`.`;
}

/** What to say of a condition with `{{ }}` in it; undefined when there is none. */
export function mustacheInside(
  text: string,
): { readonly place: Place; readonly message: string; readonly hint: string } | undefined {
  const match = /\{\{[^]*?\}\}/.exec(text);
  if (!match) return undefined;
  const unquoted = text.replace(/(["'])\{\{\{?\s*([^}]*?)\s*\}?\}\}\1/g, '$2');
  const bare = unquoted.replace(/\{\{\{?\s*|\s*\}?\}\}/g, '');
  const parsed = tryJinja(bare);
  return {
    place: { start: match.index, end: match.index + match[0].length },
    message: 'A condition is an expression already: it takes no {{ }}',
    hint: `Write \`${(parsed && toCel(simplify(parsed))) ?? bare}\`.`,
  };
}

/** The tests that are only another spelling: of `has(x)`, or of a field of a registered result. */
const FIELD_TESTS: Readonly<Record<string, { readonly field: string; readonly negated?: boolean }>> = {
  changed: { field: 'changed' },
  change: { field: 'changed' },
  failed: { field: 'failed' },
  failure: { field: 'failed' },
  skipped: { field: 'skipped' },
  skip: { field: 'skipped' },
  succeeded: { field: 'failed', negated: true },
  success: { field: 'failed', negated: true },
};

/** Replaces what is only spelt differently; filters and other tests stay as they are. */
export function simplify(expr: Expr): Expr {
  const { start, end } = expr;
  switch (expr.op) {
    case 'test':
      return simplifyTest(expr);
    case 'not':
    case 'negate':
      return { ...expr, operand: simplify(expr.operand) };
    case 'and':
    case 'or':
    case 'binary':
      return { ...expr, left: simplify(expr.left), right: simplify(expr.right) };
    case 'choose':
      return {
        ...expr,
        condition: simplify(expr.condition),
        yes: simplify(expr.yes),
        no: simplify(expr.no),
      };
    case 'member':
      return { ...expr, target: simplify(expr.target), key: simplify(expr.key) };
    case 'filter':
      return { ...expr, target: simplify(expr.target), args: expr.args.map(simplify) };
    case 'method':
      return { ...expr, target: simplify(expr.target), args: expr.args.map(simplify) };
    case 'list':
      return { ...expr, items: expr.items.map(simplify) };
    case 'call': {
      const args = expr.args.map(simplify);
      if (expr.name === 'has' && args.length === 1) return { start, end, op: 'defined', operand: args[0]! };
      return { ...expr, args };
    }
    default:
      return expr;
  }
}

function simplifyTest(expr: Extract<Expr, { op: 'filter' | 'test' }>): Expr {
  const place = { start: expr.start, end: expr.end };
  const target = simplify(expr.target);
  if (expr.name === 'defined') return { ...place, op: 'defined', operand: target };
  if (expr.name === 'undefined')
    return { ...place, op: 'not', operand: { ...place, op: 'defined', operand: target } };
  const field = Object.hasOwn(FIELD_TESTS, expr.name) ? FIELD_TESTS[expr.name] : undefined;
  if (!field) return { ...expr, target };
  const key: Expr = { ...place, op: 'literal', value: field.field };
  const member: Expr = { start: target.start, end: target.end, op: 'member', target, key, optional: true };
  const no: Expr = { ...place, op: 'literal', value: false };
  const value: Expr = {
    ...place,
    op: 'method',
    name: 'orValue',
    nameStart: expr.start,
    target: member,
    args: [no],
  };
  return field.negated ? { ...place, op: 'not', operand: value } : value;
}

/** The first part that cannot be evaluated here. */
function firstForeign(expr: Expr): Expr | undefined {
  if (expr.op === 'filter' || expr.op === 'test') return expr;
  if (expr.op === 'call' && !FUNCTION_NAMES.includes(expr.name)) return expr;
  if (expr.op === 'method' && (expr.name === 'matches' || !METHOD_NAMES.includes(expr.name))) return expr;
  for (const part of partsOf(expr)) {
    const found = firstForeign(part);
    if (found) return found;
  }
  return undefined;
}

function foreignMessage(
  expr: Expr,
  text: string,
  cel: string | undefined,
): { message: string; hint: string } {
  const name = 'name' in expr ? expr.name : '';
  const what =
    expr.op === 'filter'
      ? `The filter \`${name}\``
      : expr.op === 'test'
        ? `The test \`is ${name}\``
        : `\`${text.slice(expr.start, expr.end)}\``;
  return {
    message: `${what} is Jinja2; conditions are written in CEL`,
    hint: cel
      ? `Write \`${cel}\`.`
      : 'CEL has no such thing: compute the value in a task before (`set_fact`, `command`) and test that.',
  };
}
