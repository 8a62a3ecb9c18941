import { type ASTNode, Environment, ParseError } from '@marcbachmann/cel-js';
import { didYouMean } from '../base/suggest.ts';
import type { BinaryOperator, Expr, Macro, Place } from './expr.ts';
import { compilePattern, FUNCTION_NAMES, METHOD_NAMES } from './functions.ts';

/** A CEL text that cannot be used, and where in it. */
export class CelSyntaxError extends Error {
  readonly place: Place;
  readonly hint: string | undefined;
  /** False: it is CEL by its grammar, but uses something that does not exist. */
  readonly grammar: boolean;
  constructor(message: string, place: Place, hint?: string, grammar = false) {
    super(message);
    this.place = place;
    this.hint = hint;
    this.grammar = grammar;
  }
}

let environment: Environment | undefined;

/** The library parses; evaluation is ours (run.ts), since values can be unknown and are read lazily. @throws {CelSyntaxError} */
export function parseCel(text: string): Expr {
  environment ??= new Environment({ unlistedVariablesAreDyn: true, enableOptionalTypes: true });
  let ast: ASTNode;
  try {
    ast = environment.parse(text).ast;
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
    const range = error.range ?? { start: 0, end: text.length };
    const single = error.summary === 'Unexpected character: =';
    throw new CelSyntaxError(
      describe(error),
      { start: range.start, end: range.end },
      single ? 'Compare with `==`.' : undefined,
      true,
    );
  }
  return convert(ast);
}

function describe(error: ParseError): string {
  const end = /Unexpected token: EOF|got: EOF|got EOF/.test(error.summary);
  return end ? 'The condition ends too early' : error.summary;
}

function place(ast: ASTNode): Place {
  return { start: ast.start, end: ast.end };
}

function convert(ast: ASTNode): Expr {
  const at = place(ast);
  switch (ast.op) {
    case 'value':
      return { ...at, op: 'literal', value: literal(ast.args) };
    case 'id':
      return { ...at, ...nameOrConstant(ast.args) };
    case '.':
    case '.?': {
      const key: Expr = {
        start: ast.end - ast.args[1].length,
        end: ast.end,
        op: 'literal',
        value: ast.args[1],
      };
      return { ...at, op: 'member', target: convert(ast.args[0]), key, optional: ast.op === '.?' };
    }
    case '[]':
    case '[?]':
      return {
        ...at,
        op: 'member',
        target: convert(ast.args[0]),
        key: convert(ast.args[1]),
        optional: ast.op === '[?]',
      };
    case 'call':
      return call(ast.args[0], ast.args[1], at);
    case 'rcall':
      return receiverCall(ast.args[0], ast.args[1], ast.args[2], ast);
    case 'list':
      return { ...at, op: 'list', items: ast.args.map(convert) };
    case 'map':
      return {
        ...at,
        op: 'map',
        entries: ast.args.map(([key, value]) => [convert(key), convert(value)] as const),
      };
    case '?:': {
      const [condition, yes, no] = ast.args;
      return { ...at, op: 'choose', condition: convert(condition), yes: convert(yes), no: convert(no) };
    }
    case '&&':
    case '||':
      return {
        ...at,
        op: ast.op === '&&' ? 'and' : 'or',
        left: convert(ast.args[0]),
        right: convert(ast.args[1]),
      };
    case '!_':
      return { ...at, op: 'not', operand: convert(ast.args) };
    case '-_':
      return { ...at, op: 'negate', operand: convert(ast.args) };
    default:
      return comparison(ast.op, ast.args[0], ast.args[1], at);
  }
}

function literal(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString();
  // An unsigned literal (`2u`) is an integer like any other here.
  if (value !== null && typeof value === 'object') return BigInt(String(value));
  return value;
}

/** Python's spellings come with conditions that were written for Ansible. */
export function nameOrConstant(
  name: string,
): { op: 'name'; name: string } | { op: 'literal'; value: unknown } {
  if (name === 'True' || name === 'False') return { op: 'literal', value: name === 'True' };
  return name === 'None' ? { op: 'literal', value: null } : { op: 'name', name };
}

const TYPE_NAMES = new Set(['int', 'double', 'string', 'bool', 'list', 'map', 'null_type']);

/** `type(x) == string` compares with the name of a type. */
function comparison(operator: BinaryOperator, left: ASTNode, right: ASTNode, at: Place): Expr {
  const typed = [left, right].some((side) => side.op === 'call' && side.args[0] === 'type');
  const side = (ast: ASTNode): Expr =>
    typed && ast.op === 'id' && TYPE_NAMES.has(ast.args)
      ? { ...place(ast), op: 'literal', value: ast.args }
      : convert(ast);
  return { ...at, op: 'binary', operator, left: side(left), right: side(right) };
}

function call(name: string, args: readonly ASTNode[], at: Place): Expr {
  if (name === 'has') {
    if (args.length !== 1 || !args[0]) throw new CelSyntaxError('`has()` takes one variable or field', at);
    return { ...at, op: 'defined', operand: convert(args[0]) };
  }
  if (!FUNCTION_NAMES.includes(name)) {
    throw new CelSyntaxError(
      `There is no function \`${name}\``,
      { start: at.start, end: at.start + name.length },
      name === 'length' || name === 'len' ? 'Write `size(...)`.' : didYouMean(name, FUNCTION_NAMES),
    );
  }
  return { ...at, op: 'call', name, args: args.map(convert) };
}

const MACROS = new Set(['exists', 'all', 'exists_one', 'map', 'filter']);

function receiverCall(name: string, receiver: ASTNode, args: readonly ASTNode[], ast: ASTNode): Expr {
  const at = place(ast);
  const [first, second, third] = args;
  if (
    receiver.op === 'id' &&
    receiver.args === 'cel' &&
    name === 'bind' &&
    first?.op === 'id' &&
    second &&
    third
  )
    return { ...at, op: 'bind', variable: first.args, value: convert(second), body: convert(third) };
  const target = convert(receiver);
  if (MACROS.has(name) && first?.op === 'id' && second) {
    const filtered = name !== 'map' || third !== undefined;
    const give = third ?? (name === 'map' ? second : undefined);
    return {
      ...at,
      op: 'macro',
      name: name as Macro,
      target,
      variable: first.args,
      where: filtered ? convert(second) : undefined,
      give: give && convert(give),
    };
  }
  const nameStart = ast.input.indexOf(name, receiver.end);
  const namePlace = { start: nameStart, end: nameStart + name.length };
  if (!METHOD_NAMES.includes(name))
    throw new CelSyntaxError(`There is no method \`${name}()\``, namePlace, didYouMean(name, METHOD_NAMES));
  if (name === 'matches') checkPattern(first, at);
  return { ...at, op: 'method', name, nameStart, target, args: args.map(convert) };
}

/** A pattern from outside could keep a regular expression busy for hours, so only literal ones are accepted. */
function checkPattern(pattern: ASTNode | undefined, at: Place): void {
  if (pattern?.op !== 'value' || typeof pattern.args !== 'string') {
    throw new CelSyntaxError(
      '`matches()` takes a pattern that is written out',
      pattern ? place(pattern) : at,
      'Use `contains()`, `startsWith()` or `endsWith()` with a variable.',
    );
  }
  try {
    compilePattern(pattern.args);
  } catch (error) {
    throw new CelSyntaxError(`The pattern is wrong: ${(error as Error).message}`, place(pattern));
  }
}
