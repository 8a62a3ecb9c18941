import { SlipwayError } from '../base/errors.ts';
import { nearest } from '../base/suggest.ts';
import { describe } from '../base/values.ts';
import { type Env, withVariable } from './env.ts';
import type { Expr } from './expr.ts';
import { callFunction, callMethod } from './functions.ts';
import { asBoolean, describeType, toNumber } from './kinds.ts';
import { memberOf } from './member.ts';
import { binary } from './operators.ts';
import { Unknown } from './types.ts';

/**
 * Evaluates an expression. Undefined only where `optional` allows it. An Unknown spreads, except where the result does
 * not hang on it: `false && unknown` is false.
 */
export function run(expr: Expr, env: Env, optional = false): unknown {
  switch (expr.op) {
    case 'literal':
      return expr.value;
    case 'name': {
      const value = ifThere(optional, () => env.variable(expr.name, expr.up ?? 0));
      return value === undefined && !optional ? undefinedVariable(expr, env) : value;
    }
    case 'this': {
      const value = env.item(expr.up);
      if (value !== undefined || optional) return value;
      return env.fail('undefined', '`this` has no meaning outside of a block', expr);
    }
    case 'member':
      return member(expr, env, optional || expr.optional === true);
    case 'defined': {
      const value = run(expr.operand, env, true);
      return value instanceof Unknown ? value : value !== undefined;
    }
    case 'method':
      return method(expr, env, optional);
    case 'call':
      return callFunction(
        expr,
        expr.args.map((arg) => run(arg, env)),
        env,
      );
    case 'macro':
      return macro(expr, env);
    case 'bind':
      return run(expr.body, withVariable(env, expr.variable, run(expr.value, env)), optional);
    case 'list':
      return expr.items.map((item) => run(item, env));
    case 'map':
      return Object.fromEntries(expr.entries.map(([key, value]) => [String(run(key, env)), run(value, env)]));
    case 'not':
      return negation(truth(expr.operand, env));
    case 'negate':
      return negative(expr, env);
    case 'and':
    case 'or':
      return logical(expr, env);
    case 'choose': {
      const condition = truth(expr.condition, env);
      if (condition instanceof Unknown) return condition;
      return run(condition ? expr.yes : expr.no, env, optional);
    }
    case 'binary':
      return binary(expr.operator, run(expr.left, env), run(expr.right, env), env, expr);
    case 'helper':
      // `default` and `defined` cope with what a lookup does not find, as they do with a field that is not there.
      if (optional && expr.name === 'lookup') return run(lookupAsMember(expr), env, optional);
      if (env.helper) return env.helper(expr, env);
      return env.fail('evaluate', `\`${expr.name}\` cannot be used here`, expr);
    case 'filter':
    case 'test':
      return env.fail('evaluate', `The Jinja2 ${expr.op} \`${expr.name}\` cannot be used here`, expr);
  }
}

function member(expr: Extract<Expr, { op: 'member' }>, env: Env, copes: boolean): unknown {
  const [target, key] = [run(expr.target, env, copes), run(expr.key, env)];
  return ifThere(copes, () => memberOf(target, key, env, expr, copes));
}

/** A variable whose own template needs what is not there (facts of another host) is as good as not there. */
function ifThere(optional: boolean, read: () => unknown): unknown {
  if (!optional) return read();
  try {
    return read();
  } catch (error) {
    if (error instanceof SlipwayError && error.code === 'template.undefined') return undefined;
    throw error;
  }
}

/** `lookup a b` is `a[b]`. */
export function lookupAsMember(call: Extract<Expr, { op: 'helper' }>): Extract<Expr, { op: 'member' }> {
  const [target, key] = call.args as [Expr, Expr];
  return { start: call.start, end: call.end, op: 'member', target, key };
}

export function undefinedVariable(expr: Extract<Expr, { op: 'name' }>, env: Env): never {
  const near = nearest(expr.name, env.names());
  const hint = near ? `Did you mean \`${near}\`?` : 'Define it in the inventory, in `vars`, or with `-e`.';
  return env.fail('undefined', `\`${expr.name}\` is not defined`, expr, hint);
}

/** An operand that must be true or false. */
export function truth(expr: Expr, env: Env): boolean | Unknown {
  const value = run(expr, env);
  if (value instanceof Unknown) return value;
  const boolean = asBoolean(value);
  if (boolean !== undefined) return boolean;
  return env.fail(
    'type',
    `\`${env.text(expr)}\` is ${describe(value)}, not true or false`,
    expr,
    truthHint(env.text(expr), value),
  );
}

export function truthHint(text: string, value: unknown): string {
  const name = /^[\w.[\]'"]+$/.test(text) ? text : `(${text})`;
  if (typeof value === 'string') return `Say what it is to be: \`${name} != ""\`.`;
  if (Array.isArray(value) || (typeof value === 'object' && value !== null))
    return `Say what it is to be: \`size(${name}) > 0\`.`;
  if (value === null) return `Say what it is to be: \`${name} != null\`.`;
  return `Say what it is to be: \`${name} != 0\`.`;
}

function negation(value: boolean | Unknown): boolean | Unknown {
  return value instanceof Unknown ? value : !value;
}

function negative(expr: Expr & { readonly operand: Expr }, env: Env): unknown {
  const value = run(expr.operand, env);
  if (value instanceof Unknown) return value;
  const number = toNumber(value);
  return number === undefined
    ? env.fail('type', `\`-\` needs a number, not ${describeType(value)}`, expr)
    : -number;
}

function logical(expr: Extract<Expr, { op: 'and' | 'or' }>, env: Env): boolean | Unknown {
  const decisive = expr.op === 'or';
  const left = truth(expr.left, env);
  if (!(left instanceof Unknown)) return left === decisive ? left : truth(expr.right, env);
  // Whether the right side is reached is not known, so a fault in it is not known either.
  try {
    const right = truth(expr.right, env);
    return right === decisive ? right : left;
  } catch (error) {
    if (error instanceof SlipwayError) return left;
    throw error;
  }
}

function method(expr: Extract<Expr, { op: 'method' }>, env: Env, optional: boolean): unknown {
  if (expr.name === 'orValue' && expr.args[0]) {
    const value = run(expr.target, env, true);
    return value === undefined ? run(expr.args[0], env, optional) : value;
  }
  if (expr.name === 'hasValue') {
    const value = run(expr.target, env, true);
    return value instanceof Unknown ? value : value !== undefined;
  }
  const target = run(expr.target, env, optional);
  if (target === undefined || target instanceof Unknown) return target;
  return callMethod(
    expr,
    target,
    expr.args.map((arg) => run(arg, env)),
    env,
  );
}

function macro(expr: Extract<Expr, { op: 'macro' }>, env: Env): unknown {
  const target = run(expr.target, env);
  if (target instanceof Unknown) return target;
  if (target === null || typeof target !== 'object')
    return env.fail(
      'type',
      `\`${expr.name}\` needs a list or a map, and \`${env.text(expr.target)}\` is ${describeType(target)}`,
      expr,
    );
  const items: readonly unknown[] = Array.isArray(target) ? target : Object.keys(target);
  const kept: unknown[] = [];
  let unknown: Unknown | undefined;
  for (const item of items) {
    const inner = withVariable(env, expr.variable, item);
    const holds = expr.where ? truth(expr.where, inner) : true;
    if (holds instanceof Unknown) unknown ??= holds;
    else if (holds && expr.name === 'exists') return true;
    else if (!holds && expr.name === 'all') return false;
    else if (holds) kept.push(expr.give ? run(expr.give, inner) : item);
  }
  if (unknown) return unknown;
  if (expr.name === 'exists') return false;
  if (expr.name === 'all') return true;
  return expr.name === 'exists_one' ? kept.length === 1 : kept;
}
