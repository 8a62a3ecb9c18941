import type { BinaryOperator, Expr, Place } from './expr.ts';
import { show } from './kinds.ts';
import { binary } from './operators.ts';
import { attempt, type Survey } from './survey.ts';
import { type Kind, kindOf, typed, WORDS } from './shape.ts';
import { Unknown } from './types.ts';

type At = Place & { readonly left: Expr; readonly right: Expr };

/** CEL's binary operators; of values that are not known yet, at least the types must fit. */
export function examineBinary(
  operator: BinaryOperator,
  a: unknown,
  b: unknown,
  env: Survey,
  at: At,
): unknown {
  const [left, right] = [kindOf(a), kindOf(b)];
  if (!(a instanceof Unknown) && !(b instanceof Unknown)) {
    if (operator === '==' || operator === '!=') examineEquality(operator, a, b, env, at);
    return attempt(env, () => binary(operator, a, b, env, at));
  }
  const { why } = (a instanceof Unknown ? a : b) as Unknown;
  const arithmetic = '+-*/%'.includes(operator);
  if (operator === 'in') {
    examineIn(left, right, env, at);
    return typed(why, 'boolean');
  }
  const equality = operator === '==' || operator === '!=';
  if (left === undefined || right === undefined)
    return equality || !arithmetic ? typed(why, 'boolean') : new Unknown(why);
  if (equality) {
    examineEquality(operator, a, b, env, at);
    return typed(why, 'boolean');
  }
  const fits =
    (left === 'number' && right === 'number') ||
    (left === right && left === 'string' && (operator === '+' || !arithmetic)) ||
    (left === right && left === 'list' && operator === '+');
  if (!fits) {
    const [verb, and] = arithmetic ? ['take', 'and'] : ['compare', 'with'];
    env.report('type', `\`${operator}\` cannot ${verb} ${described(a)} ${and} ${described(b)}`, at, {
      general: true,
      hint: conversion(operator, left, right, env, at),
    });
  }
  if (!arithmetic) return typed(why, 'boolean');
  return fits ? typed(why, left === 'list' ? 'array' : left) : new Unknown(why);
}

/** How a comparison is written: whole, and with a text turned into a number. */
interface Written {
  readonly whole: string;
  readonly int: (text: string) => string;
}

/** Warns of two values that cannot be equal. */
export function examineEquality(
  operator: '==' | '!=',
  a: unknown,
  b: unknown,
  env: Survey,
  at: At,
  written: Written = { whole: env.text(at), int: (text) => `int(${text})` },
): void {
  const [left, right] = [kindOf(a), kindOf(b)];
  if (left === undefined || right === undefined) return;
  const known = !(a instanceof Unknown) && !(b instanceof Unknown);
  const never = known ? scalars(left, right) : left !== right && left !== 'null' && right !== 'null';
  if (never) neverEqual(operator, a, b, env, at, written);
}

/** A text beside a number or a boolean: what is compared so was most likely written with or without quotes by mistake. */
function scalars(left: Kind | undefined, right: Kind | undefined): boolean {
  const kinds = [left, right];
  return kinds.includes('string') && (kinds.includes('number') || kinds.includes('boolean'));
}

function examineIn(left: Kind | undefined, right: Kind | undefined, env: Survey, at: At): void {
  if (right === 'string' && left !== undefined && left !== 'string')
    env.report('type', `\`in\` looks for text in text, and \`${env.text(at.left)}\` is ${WORDS[left]}`, at, {
      hint: left === 'number' ? `Write \`string(${env.text(at.left)})\`.` : undefined,
    });
  if (right === 'number' || right === 'boolean')
    env.report(
      'type',
      `\`in\` needs a list, a map or text, and \`${env.text(at.right)}\` is ${WORDS[right]}`,
      at,
    );
}

function conversion(operator: BinaryOperator, left: string, right: string, env: Survey, at: At) {
  const mixed = [left, right].sort().join() === 'number,string';
  if (!mixed) return undefined;
  const [text, number] = left === 'string' ? [at.left, at.right] : [at.right, at.left];
  return operator === '+'
    ? `Write \`int(${env.text(text)})\`, or \`string(${env.text(number)})\` for a text.`
    : `Write \`int(${env.text(text)})\`.`;
}

function neverEqual(
  operator: BinaryOperator,
  a: unknown,
  b: unknown,
  env: Survey,
  at: At,
  { whole, int }: Written,
): void {
  const kinds = [kindOf(a), kindOf(b)];
  const text = kinds[0] === 'string' ? at.left : at.right;
  const number = kinds.includes('string') && kinds.includes('number');
  const message = `\`${whole}\` is ${operator === '!='}: ${described(a)} is never ${described(b)}`;
  const literal = [a, b].find((value) => typeof value === 'string');
  const quoted = [a, b].find((value) => typeof value === 'bigint' || typeof value === 'number');
  const hint = !number
    ? typeof literal === 'string' && /^(true|false)$/i.test(literal)
      ? `Write ${literal.toLowerCase()} without quotes.`
      : undefined
    : typeof literal === 'string' && /^-?\d+$/.test(literal)
      ? `Write ${literal} without quotes.`
      : quoted !== undefined
        ? `Write \`"${String(quoted)}"\`, or \`${int(env.text(text))}\`.`
        : undefined;
  env.report('type', message, at, { hint, warning: true });
}

function described(value: unknown): string {
  const kind = kindOf(value)!;
  return value instanceof Unknown ? WORDS[kind] : `${WORDS[kind]} (${show(value)})`;
}
