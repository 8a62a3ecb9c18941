import { nearest } from '../base/suggest.ts';
import { withVariable } from './env.ts';
import type { Expr } from './expr.ts';
import { examineBinary } from './examine-binary.ts';
import { examineTable } from './examine-absent.ts';
import { examineField, perhapsUnset } from './examine-field.ts';
import { examineHelper } from './examine-helper.ts';
import { callFunction, callMethod } from './functions.ts';
import { asBoolean } from './kinds.ts';
import { memberOf } from './member.ts';
import { lookupAsMember, truth, truthHint, undefinedVariable } from './run.ts';
import { attempt, FAULTY, pathOf, type Survey } from './survey.ts';
import { holds, holdsNot, isMissing, unsure } from './unsure.ts';
import { itemOf, kindOf, typed, WORDS } from './shape.ts';
import { Unknown } from './types.ts';

/** A value, or Unknown; undefined only where `optional` allows it. */
export function examine(expr: Expr, env: Survey, optional = false): unknown {
  switch (expr.op) {
    case 'literal':
      return expr.value;
    case 'name':
      return named(expr, env, optional);
    case 'this': {
      const value = env.item(expr.up);
      if (value !== undefined || optional) return value;
      return attempt(env, () => env.fail('undefined', '`this` has no meaning outside of a block', expr));
    }
    case 'member':
      return member(expr, env, optional || expr.optional === true);
    case 'defined': {
      const value = examine(expr.operand, env, true);
      return value instanceof Unknown ? typed(value.why, 'boolean') : value !== undefined;
    }
    case 'method':
      return method(expr, env, optional);
    case 'call': {
      const args = expr.args.map((arg) => examine(arg, env));
      const unknown = args.find((arg) => arg instanceof Unknown);
      if (unknown) return typed((unknown as Unknown).why, GIVES[expr.name] ?? '');
      return attempt(env, () => callFunction(expr, args, env));
    }
    case 'macro':
      return macro(expr, env);
    case 'bind':
      return examine(expr.body, withVariable(env, expr.variable, examine(expr.value, env)), optional);
    case 'list':
      return expr.items.map((item) => examine(item, env));
    case 'map':
      return Object.fromEntries(
        expr.entries.map(([key, value]) => [String(examine(key, env)), examine(value, env)]),
      );
    case 'not': {
      const value = examineTruth(expr.operand, env);
      return value instanceof Unknown ? value : !value;
    }
    case 'negate': {
      const value = examine(expr.operand, env);
      if (value instanceof Unknown) return value;
      return examineBinary('-', 0n, value, env, { ...expr, left: expr.operand, right: expr.operand });
    }
    case 'and':
    case 'or':
      return logical(expr, env);
    case 'choose':
      return choose(expr, env, optional);
    case 'binary':
      return examineBinary(expr.operator, examine(expr.left, env), examine(expr.right, env), env, expr);
    case 'helper':
      return optional && expr.name === 'lookup' ? lookedUp(expr, env) : examineHelper(expr, env);
    case 'filter':
    case 'test':
      return FAULTY;
  }
}

const GIVES: Readonly<Record<string, string>> = {
  size: 'integer',
  int: 'integer',
  double: 'number',
  string: 'string',
  bool: 'boolean',
  type: 'string',
  versionCompare: 'integer',
};

/** An operand that must be true or false. */
export function examineTruth(expr: Expr, env: Survey): boolean | Unknown {
  const value = examine(expr, env);
  if (!(value instanceof Unknown)) {
    if (asBoolean(value) !== undefined) return asBoolean(value)!;
    const literal: Expr = { start: expr.start, end: expr.end, op: 'literal', value };
    return attempt(env, () => truth(literal, env)) as boolean | Unknown;
  }
  const kind = kindOf(value);
  if (kind === undefined || kind === 'boolean') return value;
  const text = env.text(expr);
  const sample = { string: '', number: 0, list: [], map: {}, null: null }[kind];
  // A text may be "yes" and a number 1.
  const warning = kind === 'string' || kind === 'number';
  env.report('type', `\`${text}\` is ${WORDS[kind]}, not true or false`, expr, {
    hint: truthHint(text, sample),
    warning,
  });
  return new Unknown(value.why);
}

function named(expr: Extract<Expr, { op: 'name' }>, env: Survey, optional: boolean): unknown {
  const value = env.within(env.sure, () => env.variable(expr.name, expr.up ?? 0));
  if (value instanceof Unknown && !optional) perhapsUnset(value, expr, env);
  if (value !== undefined || optional) return value;
  if (env.guards.has(expr.name)) return new Unknown(expr.name);
  return attempt(env, () => undefinedVariable(expr, env), expr.name);
}

function choose(expr: Extract<Expr, { op: 'choose' }>, env: Survey, optional: boolean): unknown {
  const condition = examineTruth(expr.condition, env);
  if (!(condition instanceof Unknown)) return examine(condition ? expr.yes : expr.no, env, optional);
  examine(expr.yes, unsure(env, expr.condition, holds), optional);
  examine(expr.no, unsure(env, expr.condition, holdsNot), optional);
  return new Unknown(condition.why);
}

function logical(expr: Extract<Expr, { op: 'and' | 'or' }>, env: Survey): boolean | Unknown {
  const decisive = expr.op === 'or';
  const left = examineTruth(expr.left, env);
  if (!(left instanceof Unknown)) return left === decisive ? left : examineTruth(expr.right, env);
  const right = examineTruth(expr.right, unsure(env, expr.left, decisive ? holdsNot : holds));
  return right === decisive ? right : left;
}

function lookedUp(call: Extract<Expr, { op: 'helper' }>, env: Survey): unknown {
  examineTable(call.args[0]!, env);
  return member(lookupAsMember(call), env, true);
}

function member(expr: Extract<Expr, { op: 'member' }>, env: Survey, optional: boolean): unknown {
  const target = examine(expr.target, env, optional);
  const key = examine(expr.key, env);
  if (target === undefined) return undefined;
  if (key instanceof Unknown) return new Unknown(key.why);
  if (target instanceof Unknown) return examineField(target, key, expr, env, optional);
  const path = pathOf(expr);
  const copes = optional || (path !== undefined && env.guards.has(path));
  const value = attempt(env, () => memberOf(target, key, env, expr, copes));
  return value === undefined && !optional ? FAULTY : value;
}

const METHODS: Readonly<Partial<Record<string, readonly string[]>>> = {
  string:
    'size contains startsWith endsWith matches lowerAscii upperAscii trim split replace indexOf lastIndexOf substring'.split(
      ' ',
    ),
  list: ['size', 'join'],
  map: ['size'],
};

function method(expr: Extract<Expr, { op: 'method' }>, env: Survey, optional: boolean): unknown {
  if (expr.name === 'orValue' && expr.args[0]) {
    const value = examine(expr.target, env, true);
    if (value !== undefined && !(value instanceof Unknown)) return value;
    const otherwise = examine(
      expr.args[0],
      value instanceof Unknown ? unsure(env, expr.target, isMissing) : env,
      optional,
    );
    return value instanceof Unknown ? new Unknown(value.why) : otherwise;
  }
  if (expr.name === 'hasValue') {
    const value = examine(expr.target, env, true);
    return value instanceof Unknown ? value : value !== undefined;
  }
  const target = examine(expr.target, env, optional);
  const args = expr.args.map((arg) => examine(arg, env));
  if (target === undefined) return undefined;
  const unknown = [target, ...args].find((value) => value instanceof Unknown) as Unknown | undefined;
  if (!unknown) return attempt(env, () => callMethod(expr, target, args, env));
  const kind = kindOf(target);
  if (kind !== undefined && METHODS[kind]?.includes(expr.name) !== true) {
    const text = env.text(expr.target);
    const near = nearest(expr.name, METHODS[kind] ?? []);
    env.report('type', `\`${text}\` is ${WORDS[kind]}, which has no \`${expr.name}()\``, expr, {
      general: true,
      hint: near ? `Did you mean \`${near}\`?` : `Write \`string(${text}).${expr.name}(...)\`.`,
    });
  }
  return typed(unknown.why, METHOD_GIVES[expr.name] ?? 'string');
}

const METHOD_GIVES: Readonly<Record<string, string>> = {
  size: 'integer',
  contains: 'boolean',
  startsWith: 'boolean',
  endsWith: 'boolean',
  matches: 'boolean',
  split: 'array',
  indexOf: 'integer',
  lastIndexOf: 'integer',
};

function macro(expr: Extract<Expr, { op: 'macro' }>, env: Survey): unknown {
  const target = examine(expr.target, env);
  const gives = expr.name === 'map' || expr.name === 'filter' ? 'array' : 'boolean';
  const over = (item: unknown, around: Survey) => {
    const inner = withVariable(around, expr.variable, item);
    const kept = expr.where ? examineTruth(expr.where, inner) : true;
    const reached = kept instanceof Unknown ? unsure(inner, expr.where, holds) : inner;
    return { holds: kept, given: expr.give && kept !== false ? examine(expr.give, reached) : item };
  };
  const kind = kindOf(target);
  if (kind !== undefined && kind !== 'list' && kind !== 'map') {
    const text = `\`${expr.name}\` needs a list or a map, and \`${env.text(expr.target)}\` is ${WORDS[kind]}`;
    env.report('type', text, expr);
    return typed('something wrong', gives);
  }
  if (target instanceof Unknown) {
    over(kind === 'map' ? typed(target.why, 'string') : itemOf(target), unsure(env));
    return typed(target.why, gives);
  }
  const items: readonly unknown[] = Array.isArray(target) ? target : Object.keys(target as object);
  const kept: unknown[] = [];
  let unknown: Unknown | undefined;
  for (const item of items) {
    const { holds: fits, given } = over(item, unknown ? unsure(env) : env);
    if (fits instanceof Unknown) unknown ??= fits;
    else if (fits && expr.name === 'exists') return true;
    else if (!fits && expr.name === 'all') return false;
    else if (fits) kept.push(given);
  }
  if (unknown) return typed(unknown.why, gives);
  if (expr.name === 'exists') return false;
  if (expr.name === 'all') return true;
  return expr.name === 'exists_one' ? kept.length === 1 : kept;
}
