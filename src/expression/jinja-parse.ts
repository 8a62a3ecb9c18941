import { nameOrConstant } from './cel.ts';
import type { BinaryOperator, Expr } from './expr.ts';
import { JinjaSyntaxError, nextToken, type Token, unquote } from './jinja-lex.ts';

interface Reader {
  readonly text: string;
  readonly end: number;
  token: Token;
  /** End of the token before this one. */
  last: number;
}

/** Parses a whole Jinja2 expression. @throws {JinjaSyntaxError} */
export function parseJinja(text: string, from = 0, end = text.length): Expr {
  const reader: Reader = { text, end, token: nextToken(text, from, end), last: from };
  const expr = conditional(reader);
  if (reader.token.kind !== 'end') throw unexpected(reader);
  return expr;
}

/** Parses as much of a path (`a.b[0]["c"]`) as there is at `from`. @throws {JinjaSyntaxError} */
export function parsePath(text: string, from: number, end = text.length): Expr {
  const reader: Reader = { text, end, token: nextToken(text, from, end), last: from };
  let expr = primary(reader);
  // White space ends a path in a mustache: `{{join a [b]}}` has two arguments.
  while ((is(reader, '.') || is(reader, '[')) && reader.token.start === reader.last)
    expr = member(reader, expr);
  return expr;
}

function unexpected(reader: Reader): JinjaSyntaxError {
  const { kind, text, start } = reader.token;
  return new JinjaSyntaxError(kind === 'end' ? 'it ends too early' : `unexpected ${text}`, start);
}

function advance(reader: Reader): Token {
  const { token } = reader;
  reader.last = token.end;
  reader.token = nextToken(reader.text, token.end, reader.end);
  return token;
}

function is(reader: Reader, ...texts: readonly string[]): boolean {
  const { kind, text } = reader.token;
  return (kind === 'operator' || kind === 'name') && texts.includes(text);
}

function accept(reader: Reader, ...texts: readonly string[]): boolean {
  if (!is(reader, ...texts)) return false;
  advance(reader);
  return true;
}

function expect(reader: Reader, text: string): void {
  if (!accept(reader, text)) throw unexpected(reader);
}

/** `a if c else b`. */
function conditional(reader: Reader): Expr {
  const yes = either(reader);
  if (!accept(reader, 'if')) return yes;
  const condition = either(reader);
  expect(reader, 'else');
  const no = conditional(reader);
  return { op: 'choose', condition, yes, no, start: yes.start, end: no.end };
}

function either(reader: Reader): Expr {
  let left = both(reader);
  while (accept(reader, 'or', '||')) {
    const right = both(reader);
    left = { op: 'or', left, right, start: left.start, end: right.end };
  }
  return left;
}

function both(reader: Reader): Expr {
  let left = negation(reader);
  while (accept(reader, 'and', '&&')) {
    const right = negation(reader);
    left = { op: 'and', left, right, start: left.start, end: right.end };
  }
  return left;
}

function negation(reader: Reader): Expr {
  const { start } = reader.token;
  if (!accept(reader, 'not', '!')) return comparison(reader);
  const operand = negation(reader);
  return { op: 'not', operand, start, end: operand.end };
}

const COMPARISONS = ['==', '!=', '<', '<=', '>', '>=', 'in'];

function comparison(reader: Reader): Expr {
  let left = concatenation(reader);
  for (;;) {
    const negated = is(reader, 'not');
    if (negated) advance(reader);
    if (negated ? !is(reader, 'in') : !is(reader, ...COMPARISONS)) {
      if (negated) throw unexpected(reader);
      return left;
    }
    const operator = advance(reader).text as BinaryOperator;
    const right = concatenation(reader);
    const place = { start: left.start, end: right.end };
    const made: Expr = { ...place, op: 'binary', operator, left, right };
    left = negated ? { ...place, op: 'not', operand: made } : made;
  }
}

function concatenation(reader: Reader): Expr {
  const args = [sum(reader)];
  while (accept(reader, '~')) args.push(sum(reader));
  const first = args[0]!;
  return args.length === 1
    ? first
    : { op: 'call', name: 'concat', args, start: first.start, end: reader.last };
}

function sum(reader: Reader): Expr {
  return arithmetic(reader, ['+', '-'], product);
}

function product(reader: Reader): Expr {
  return arithmetic(reader, ['*', '/', '%'], unary);
}

function arithmetic(reader: Reader, operators: readonly string[], next: (reader: Reader) => Expr): Expr {
  let left = next(reader);
  while (is(reader, ...operators)) {
    const operator = advance(reader).text as BinaryOperator;
    const right = next(reader);
    left = { op: 'binary', operator, left, right, start: left.start, end: right.end };
  }
  return left;
}

function unary(reader: Reader): Expr {
  const { start } = reader.token;
  if (!accept(reader, '-')) return postfix(reader);
  const operand = unary(reader);
  return { op: 'negate', operand, start, end: operand.end };
}

function postfix(reader: Reader): Expr {
  let expr = primary(reader);
  for (;;) {
    if (is(reader, '.') || is(reader, '[')) expr = member(reader, expr);
    else if (is(reader, '(')) expr = call(reader, expr);
    else if (accept(reader, '|')) expr = filter(reader, expr);
    else if (accept(reader, 'is')) expr = test(reader, expr);
    else return expr;
  }
}

function member(reader: Reader, target: Expr): Expr {
  if (accept(reader, '[')) {
    const key = conditional(reader);
    expect(reader, ']');
    return { op: 'member', target, key, start: target.start, end: reader.last };
  }
  expect(reader, '.');
  const token = advance(reader);
  // `a.0.1` is read as the number 0.1; its parts are two steps.
  if (token.kind === 'float') {
    const [first = '', second = ''] = token.text.split('.');
    const middle = step(target, BigInt(first), token.start, token.start + first.length);
    return step(middle, BigInt(second), token.end - second.length, token.end);
  }
  if (token.kind === 'int') return step(target, BigInt(token.text), token.start, token.end);
  if (token.kind !== 'name') throw new JinjaSyntaxError('a name is missing after the dot', token.start);
  return step(target, token.text, token.start, token.end);
}

function step(target: Expr, value: unknown, start: number, end: number): Expr {
  return { op: 'member', target, key: { op: 'literal', value, start, end }, start: target.start, end };
}

interface Arguments {
  readonly args: Expr[];
  readonly named: Record<string, Expr>;
}

function argumentsOf(reader: Reader): Arguments {
  const found: Arguments = { args: [], named: {} };
  expect(reader, '(');
  while (!is(reader, ')')) {
    const value = conditional(reader);
    if (value.op === 'name' && accept(reader, '=')) found.named[value.name] = conditional(reader);
    else found.args.push(value);
    if (!accept(reader, ',')) break;
  }
  expect(reader, ')');
  return found;
}

function call(reader: Reader, target: Expr): Expr {
  const { args } = argumentsOf(reader);
  const place = { start: target.start, end: reader.last };
  if (target.op === 'name') return { ...place, op: 'call', name: target.name, args };
  if (target.op !== 'member' || target.key.op !== 'literal') throw unexpected(reader);
  return {
    ...place,
    op: 'method',
    name: String(target.key.value),
    nameStart: target.key.start,
    target: target.target,
    args,
  };
}

function nameOf(reader: Reader): string {
  const token = advance(reader);
  if (token.kind !== 'name') throw new JinjaSyntaxError(`unexpected ${token.text}`, token.start);
  let name = token.text;
  while (is(reader, '.')) {
    advance(reader);
    name += `.${advance(reader).text}`;
  }
  return name;
}

function filter(reader: Reader, target: Expr): Expr {
  const name = nameOf(reader);
  const given = is(reader, '(') ? argumentsOf(reader) : { args: [], named: {} };
  return { op: 'filter', name, target, ...given, start: target.start, end: reader.last };
}

function test(reader: Reader, target: Expr): Expr {
  const negated = accept(reader, 'not');
  const name = nameOf(reader);
  const given: Arguments = is(reader, '(') ? argumentsOf(reader) : { args: [], named: {} };
  // `x is sameas true`: one argument may stand without brackets.
  if (given.args.length === 0 && ['int', 'float', 'string'].includes(reader.token.kind))
    given.args.push(primary(reader));
  const place = { start: target.start, end: reader.last };
  const made: Expr = { ...place, op: 'test', name, target, ...given };
  return negated ? { ...place, op: 'not', operand: made } : made;
}

function primary(reader: Reader): Expr {
  const token = advance(reader);
  const place = { start: token.start, end: token.end };
  if (token.kind === 'string') return { ...place, op: 'literal', value: unquote(token.text) };
  if (token.kind === 'int') return { ...place, op: 'literal', value: BigInt(token.text) };
  if (token.kind === 'float') return { ...place, op: 'literal', value: Number(token.text) };
  if (token.kind === 'name') {
    if (['and', 'or', 'not', 'in', 'is', 'if', 'else'].includes(token.text))
      throw new JinjaSyntaxError(`unexpected ${token.text}`, token.start);
    if (token.text === 'true' || token.text === 'false')
      return { ...place, op: 'literal', value: token.text === 'true' };
    return token.text === 'none' || token.text === 'null'
      ? { ...place, op: 'literal', value: null }
      : { ...place, ...nameOrConstant(token.text) };
  }
  if (token.text === '(') {
    const inner = conditional(reader);
    expect(reader, ')');
    return { ...inner, start: token.start, end: reader.last };
  }
  if (token.text === '[') return list(reader, token.start);
  throw new JinjaSyntaxError(
    token.kind === 'end' ? 'it ends too early' : `unexpected ${token.text}`,
    token.start,
  );
}

function list(reader: Reader, start: number): Expr {
  const items: Expr[] = [];
  while (!is(reader, ']')) {
    items.push(conditional(reader));
    if (!accept(reader, ',')) break;
  }
  expect(reader, ']');
  return { op: 'list', items, start, end: reader.last };
}
