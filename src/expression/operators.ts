import type { Env } from './env.ts';
import type { BinaryOperator, Expr, Place } from './expr.ts';
import { describeType, equal, show, toNumber } from './kinds.ts';
import { Unknown } from './types.ts';

interface Operands extends Place {
  readonly left: Expr;
  readonly right: Expr;
}

/** CEL's binary operators. Either side Unknown makes the result Unknown. */
export function binary(operator: BinaryOperator, a: unknown, b: unknown, env: Env, at: Operands): unknown {
  if (a instanceof Unknown) return a;
  if (b instanceof Unknown) return b;
  switch (operator) {
    case '==':
      return equal(a, b);
    case '!=': {
      const same = equal(a, b);
      return same instanceof Unknown ? same : !same;
    }
    case 'in':
      return isIn(a, b, env, at);
    case '<':
    case '<=':
    case '>':
    case '>=':
      return compare(operator, a, b, env, at);
    default:
      return arithmetic(operator, a, b, env, at);
  }
}

function isIn(item: unknown, container: unknown, env: Env, at: Operands): unknown {
  if (Array.isArray(container)) {
    let unknown: Unknown | undefined;
    for (const candidate of container) {
      const same = equal(item, candidate);
      if (same === true) return true;
      if (same instanceof Unknown) unknown ??= same;
    }
    return unknown ?? false;
  }
  if (typeof container === 'string') {
    if (typeof item === 'string') return container.includes(item);
    return env.fail(
      'type',
      `\`in\` looks for text in text, and \`${env.text(at.left)}\` is ${describeType(item)}`,
      at,
      toNumber(item) === undefined ? undefined : `Write \`string(${env.text(at.left)})\`.`,
    );
  }
  if (container !== null && typeof container === 'object')
    return (
      (typeof item === 'string' || typeof item === 'number' || typeof item === 'bigint') &&
      Object.hasOwn(container, String(item))
    );
  return env.fail(
    'type',
    `\`in\` needs a list, a map or text, and \`${env.text(at.right)}\` is ${describeType(container)}`,
    at,
  );
}

function compare(operator: '<' | '<=' | '>' | '>=', a: unknown, b: unknown, env: Env, at: Operands): boolean {
  const x = toNumber(a) ?? a;
  const y = toNumber(b) ?? b;
  const numbers = toNumber(a) !== undefined && toNumber(b) !== undefined;
  if (!numbers && !(typeof x === 'string' && typeof y === 'string')) {
    const text = typeof x === 'string' ? at.left : at.right;
    const mixed =
      (typeof x === 'string' && toNumber(b) !== undefined) ||
      (typeof y === 'string' && toNumber(a) !== undefined);
    return env.fail(
      'type',
      `\`${operator}\` cannot compare ${describeType(a)} (${show(a)}) with ${describeType(b)} (${show(b)})`,
      at,
      mixed ? `Write \`int(${env.text(text)})\`.` : undefined,
    );
  }
  const left = x as number;
  const right = y as number;
  if (operator === '<') return left < right;
  if (operator === '<=') return left <= right;
  return operator === '>' ? left > right : left >= right;
}

function arithmetic(operator: BinaryOperator, a: unknown, b: unknown, env: Env, at: Operands): unknown {
  if (operator === '+' && typeof a === 'string' && typeof b === 'string') return a + b;
  if (operator === '+' && Array.isArray(a) && Array.isArray(b)) return [...a, ...b];
  const x = toNumber(a);
  const y = toNumber(b);
  if (x === undefined || y === undefined) {
    const text = typeof a === 'string' ? at.right : at.left;
    const joins = operator === '+' && (typeof a === 'string' || typeof b === 'string');
    return env.fail(
      'type',
      `\`${operator}\` cannot take ${describeType(a)} (${show(a)}) and ${describeType(b)} (${show(b)})`,
      at,
      joins ? `Write \`string(${env.text(text)})\`.` : undefined,
    );
  }
  const whole = typeof x === 'bigint' && typeof y === 'bigint' && !isDouble(at.left) && !isDouble(at.right);
  if (whole) return integers(operator, x, y, env, at);
  return doubles(operator, Number(x), Number(y));
}

/** `5.0` and `double(x)` are doubles also where nothing stands after the point. */
function isDouble(expr: Expr): boolean {
  if (expr.op === 'literal') return typeof expr.value === 'number';
  if (expr.op === 'call') return expr.name === 'double';
  return expr.op === 'binary' && (isDouble(expr.left) || isDouble(expr.right));
}

function integers(operator: BinaryOperator, x: bigint, y: bigint, env: Env, at: Operands): bigint {
  if ((operator === '/' || operator === '%') && y === 0n) return env.fail('evaluate', 'Division by zero', at);
  if (operator === '+') return x + y;
  if (operator === '-') return x - y;
  if (operator === '*') return x * y;
  return operator === '/' ? x / y : x % y;
}

function doubles(operator: BinaryOperator, x: number, y: number): number {
  if (operator === '+') return x + y;
  if (operator === '-') return x - y;
  if (operator === '*') return x * y;
  return operator === '/' ? x / y : x % y;
}
