import type { Expr } from './expr.ts';

/** Jinja2's filters that are a helper here with the same arguments. */
const SAME: ReadonlySet<string> = new Set([
  'upper',
  'lower',
  'trim',
  'replace',
  'length',
  'first',
  'last',
  'join',
  'b64encode',
  'b64decode',
  'basename',
  'dirname',
  'quote',
  'unique',
  'sort',
  'int',
  'string',
  'bool',
  'ternary',
  'reverse',
  'min',
  'max',
  'flatten',
  'indent',
  'split',
  'sum',
]);
const RENAMED: Readonly<Record<string, string>> = {
  d: 'default',
  count: 'length',
  to_json: 'json',
  to_nice_json: 'json',
  tojson: 'json',
  to_yaml: 'yaml',
  to_nice_yaml: 'yaml',
  combine: 'merge',
  list: '',
  float: 'number',
  shuffle: '',
};
const OPERATORS: Readonly<Record<string, string>> = {
  '==': 'eq',
  '!=': 'ne',
  '<': 'lt',
  '<=': 'le',
  '>': 'gt',
  '>=': 'ge',
  '+': 'add',
  '-': 'subtract',
  '*': 'multiply',
  '/': 'divide',
  '%': 'modulo',
  in: 'in',
};

/**
 * Writes a Jinja2 expression as the inside of a mustache, for hints; `nested`: as an argument, so a helper needs
 * brackets. Undefined where there is nothing of the kind.
 */
export function toHandlebars(expr: Expr, nested = false): string | undefined {
  switch (expr.op) {
    case 'literal':
      return typeof expr.value === 'string' ? quoted(expr.value) : String(expr.value);
    case 'name':
      return expr.name;
    case 'member':
      return member(expr, nested);
    case 'filter':
      return filter(expr, nested);
    case 'test':
      return test(expr, nested);
    case 'not':
      return helper('not', [expr.operand], nested);
    case 'and':
    case 'or':
      return helper(expr.op, [expr.left, expr.right], nested);
    case 'choose':
      return helper('ternary', [expr.condition, expr.yes, expr.no], nested);
    case 'binary':
      return helper(OPERATORS[expr.operator]!, [expr.left, expr.right], nested);
    case 'call':
      return expr.name === 'concat' || expr.name === 'range'
        ? helper(expr.name, expr.args, nested)
        : undefined;
    case 'method':
      return method(expr, nested);
    default:
      return undefined;
  }
}

function quoted(text: string): string {
  return text.includes('"') ? `'${text}'` : `"${text}"`;
}

function helper(name: string, args: readonly Expr[], nested: boolean, options = ''): string | undefined {
  const shown = args.map((arg) => toHandlebars(arg, true));
  if (shown.some((arg) => arg === undefined)) return undefined;
  const text = [name, ...shown].join(' ') + options;
  return nested ? `(${text})` : text;
}

function member(expr: Extract<Expr, { op: 'member' }>, nested: boolean): string | undefined {
  const target = toHandlebars(expr.target, true);
  const key = toHandlebars(expr.key, true);
  if (target === undefined || key === undefined) return undefined;
  if (target.startsWith('(')) return nested ? `(lookup ${target} ${key})` : `lookup ${target} ${key}`;
  const name = expr.key.op === 'literal' ? expr.key.value : undefined;
  return typeof name === 'string' && /^[A-Za-z_]\w*$/.test(name) ? `${target}.${name}` : `${target}[${key}]`;
}

type Filter = Extract<Expr, { op: 'filter' | 'test' }>;

function filter(expr: Filter, nested: boolean): string | undefined {
  const { name, target, args } = expr;
  if (name === 'default' || name === 'd') {
    const empty = args[1]?.op === 'literal' && args[1].value === true ? ' empty=true' : '';
    const fallback: Expr = args[0] ?? { ...expr, op: 'literal', value: '' };
    return helper('default', [target, fallback], nested, empty);
  }
  if (name === 'hash' && args[0]?.op === 'literal' && args[0].value === 'sha256')
    return helper('sha256', [target], nested);
  const indented = name.startsWith('to_nice_j') ? ' indent=2' : '';
  const renamed = Object.hasOwn(RENAMED, name) ? RENAMED[name] : SAME.has(name) ? name : undefined;
  if (renamed === undefined) return undefined;
  if (renamed === '') return toHandlebars(target, nested);
  const kept = renamed === 'json' || renamed === 'yaml' ? [] : args;
  return helper(renamed, [target, ...kept], nested, indented);
}

function test(expr: Filter, nested: boolean): string | undefined {
  if (expr.name === 'defined') return helper('defined', [expr.target], nested);
  if (expr.name === 'none')
    return helper('eq', [expr.target, { ...expr, op: 'literal', value: null }], nested);
  if (expr.name !== 'undefined') return undefined;
  const defined = toHandlebars({ ...expr, name: 'defined' }, true);
  const text = defined && `not ${defined}`;
  return text && nested ? `(${text})` : text;
}

const METHODS: Readonly<Record<string, string>> = {
  split: 'split',
  upper: 'upper',
  lower: 'lower',
  strip: 'trim',
  replace: 'replace',
  keys: 'keys',
  values: 'values',
};

function method(expr: Extract<Expr, { op: 'method' }>, nested: boolean): string | undefined {
  if (expr.name === 'join') return expr.args[0] && helper('join', [expr.args[0], expr.target], nested);
  if (expr.name === 'get' && expr.args[0]) {
    const looked: Expr = { ...expr, op: 'member', target: expr.target, key: expr.args[0] };
    return helper('default', [looked, expr.args[1] ?? { ...expr, op: 'literal', value: null }], nested);
  }
  const name = Object.hasOwn(METHODS, expr.name) ? METHODS[expr.name] : undefined;
  return name && helper(name, [expr.target, ...expr.args], nested);
}
