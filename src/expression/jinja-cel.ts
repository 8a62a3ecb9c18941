import type { Expr } from './expr.ts';

type Filter = Extract<Expr, { op: 'filter' | 'test' }>;

/** Writes an expression as CEL, for hints. Undefined where CEL has nothing of the kind. */
export function toCel(expr: Expr): string | undefined {
  switch (expr.op) {
    case 'literal':
      return literal(expr.value);
    case 'name':
      return expr.name;
    case 'member':
      return memberText(expr);
    case 'defined':
      return fill`has(${expr.operand})`;
    case 'not':
      return fill`!${operand(expr.operand)}`;
    case 'negate':
      return fill`-${operand(expr.operand)}`;
    case 'and':
    case 'or': {
      const wrap = (side: Expr): string | undefined =>
        side.op === 'or' || side.op === 'choose' ? fill`(${side})` : toCel(side);
      return join([wrap(expr.left), wrap(expr.right)], expr.op === 'and' ? ' && ' : ' || ');
    }
    case 'binary':
      return join([operand(expr.left), operand(expr.right)], ` ${expr.operator} `);
    case 'choose':
      return fill`${operand(expr.condition)} ? ${operand(expr.yes)} : ${operand(expr.no)}`;
    case 'list': {
      const items = join(expr.items.map(toCel), ', ');
      return items === undefined ? undefined : `[${items}]`;
    }
    case 'call':
      return callText(expr);
    case 'method':
      return methodText(expr);
    case 'filter':
      return filterText(expr);
    case 'test':
      return testText(expr);
    default:
      return undefined;
  }
}

type Part = Expr | string | undefined;

function fill(strings: TemplateStringsArray, ...parts: readonly Part[]): string | undefined {
  let text = strings[0] ?? '';
  for (const [i, part] of parts.entries()) {
    const shown = part === undefined || typeof part === 'string' ? part : toCel(part);
    if (shown === undefined) return undefined;
    text += shown + (strings[i + 1] ?? '');
  }
  return text;
}

function join(parts: readonly (string | undefined)[], by: string): string | undefined {
  return parts.some((part) => part === undefined) ? undefined : parts.join(by);
}

/** In brackets where it would otherwise be torn apart. */
function operand(expr: Expr): string | undefined {
  const loose = ['and', 'or', 'choose', 'binary', 'not'].includes(expr.op);
  return loose ? fill`(${expr})` : toCel(expr);
}

function literal(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}

function memberText(expr: Extract<Expr, { op: 'member' }>): string | undefined {
  const { key } = expr;
  if (key.op === 'literal' && typeof key.value === 'string' && /^[A-Za-z_]\w*$/.test(key.value))
    return fill`${operand(expr.target)}${expr.optional ? '.?' : '.'}${key.value}`;
  return fill`${operand(expr.target)}[${key}]`;
}

function callText(expr: Extract<Expr, { op: 'call' }>): string | undefined {
  if (expr.name === 'concat')
    return join(
      expr.args.map((arg) => (arg.op === 'literal' ? toCel(arg) : fill`string(${arg})`)),
      ' + ',
    );
  const known: Readonly<Record<string, string>> = {
    int: 'int',
    string: 'string',
    float: 'double',
    bool: 'bool',
    len: 'size',
  };
  const name = Object.hasOwn(known, expr.name) ? known[expr.name] : undefined;
  return name && fill`${name}(${join(expr.args.map(toCel), ', ')})`;
}

const METHODS: Readonly<Record<string, string>> = {
  startswith: 'startsWith',
  endswith: 'endsWith',
  lower: 'lowerAscii',
  upper: 'upperAscii',
  strip: 'trim',
  find: 'indexOf',
  split: 'split',
  replace: 'replace',
};

function methodText(expr: Extract<Expr, { op: 'method' }>): string | undefined {
  if (expr.name === 'get' && expr.args.length > 0)
    return fill`${operand(expr.target)}[?${expr.args[0]}].orValue(${expr.args[1] ?? 'null'})`;
  const same = [
    'orValue',
    'hasValue',
    'contains',
    'matches',
    'startsWith',
    'endsWith',
    'size',
    'trim',
    'join',
  ];
  const name = Object.hasOwn(METHODS, expr.name)
    ? METHODS[expr.name]
    : same.includes(expr.name)
      ? expr.name
      : undefined;
  return name && fill`${operand(expr.target)}.${name}(${join(expr.args.map(toCel), ', ')})`;
}

function filterText(expr: Filter): string | undefined {
  const target = operand(expr.target);
  const [first, second] = expr.args;
  switch (expr.name) {
    case 'default':
    case 'd':
      return fill`${target}.orValue(${first ?? '""'})`;
    case 'bool':
    case 'int':
    case 'string':
      return fill`${expr.name}(${expr.target})`;
    case 'float':
      return fill`double(${expr.target})`;
    case 'length':
    case 'count':
      return fill`size(${expr.target})`;
    case 'lower':
    case 'upper':
      return fill`${target}.${expr.name}Ascii()`;
    case 'trim':
      return fill`${target}.trim()`;
    case 'first':
      return fill`${target}[0]`;
    case 'last':
      return fill`${target}[size(${expr.target}) - 1]`;
    case 'join':
      return fill`${target}.join(${first ?? '""'})`;
    case 'split':
      return fill`${target}.split(${first ?? '" "'})`;
    case 'replace':
      return first && second && fill`${target}.replace(${first}, ${second})`;
    case 'list':
      return target;
    default:
      return undefined;
  }
}

function testText(expr: Filter): string | undefined {
  const target = operand(expr.target);
  const [first] = expr.args;
  const pattern = first?.op === 'literal' && typeof first.value === 'string' ? first.value : undefined;
  switch (expr.name) {
    case 'match':
      return pattern === undefined ? undefined : fill`${target}.matches(${JSON.stringify(`^${pattern}`)})`;
    case 'search':
    case 'regex':
      return pattern === undefined ? undefined : fill`${target}.matches(${JSON.stringify(pattern)})`;
    case 'none':
      return fill`${target} == null`;
    case 'string':
    case 'integer':
    case 'float':
    case 'boolean':
    case 'mapping': {
      const names: Readonly<Record<string, string>> = {
        integer: 'int',
        float: 'double',
        boolean: 'bool',
        mapping: 'map',
      };
      return fill`type(${expr.target}) == ${names[expr.name] ?? expr.name}`;
    }
    case 'true':
    case 'false':
      return fill`${target} == ${expr.name}`;
    case 'sameas':
    case 'eq':
    case 'equalto':
      return first && fill`${target} == ${operand(first)}`;
    case 'version':
    case 'version_compare': {
      const operator = expr.args[1]?.op === 'literal' ? String(expr.args[1].value) : '==';
      const names: Readonly<Record<string, string>> = {
        ge: '>=',
        gt: '>',
        le: '<=',
        lt: '<',
        eq: '==',
        ne: '!=',
        '=': '==',
      };
      return first && fill`versionCompare(${expr.target}, ${first}) ${names[operator] ?? operator} 0`;
    }
    case 'in':
      return first && fill`${target} in ${operand(first)}`;
    default:
      return undefined;
  }
}
