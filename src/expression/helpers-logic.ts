import { type Helper, HelperError, isTruthy, type Late } from './helper.ts';
import { describeType, equal, show } from './kinds.ts';
import { Unknown } from './types.ts';

function compared(name: string, sign: string, holds: (order: number) => boolean): Helper {
  return {
    name,
    summary: `Whether the first is ${sign} the second; two numbers or two texts.`,
    example: { template: `{{${name} 2 10}}`, gives: holds(-1) },
    args: [2, 2],
    call: ([a, b]) => {
      if (typeof a !== typeof b || (typeof a !== 'number' && typeof a !== 'string'))
        throw new HelperError(
          `cannot compare ${describeType(a)} (${show(a)}) with ${describeType(b)} (${show(b)})`,
          'Turn a text into a number with `(int x)`.',
        );
      return holds(a < (b as typeof a) ? -1 : a > (b as typeof a) ? 1 : 0);
    },
  };
}

/** Evaluates until one decides; an Unknown before it leaves the result open. */
function decide(args: readonly Late[], decisive: boolean): unknown {
  let unknown: Unknown | undefined;
  let last: unknown;
  for (const arg of args) {
    last = arg();
    if (last instanceof Unknown) unknown ??= last;
    else if (isTruthy(last) === decisive) return unknown && decisive ? unknown : last;
  }
  return unknown ?? last;
}

export const logicHelpers: readonly Helper[] = [
  {
    name: 'default',
    summary:
      'The first value, or the second where the first is not defined; with `empty=true` also where it is empty.',
    example: { template: '{{default port 6443}}', gives: 6443 },
    args: [2, 2],
    named: ['empty'],
    late: ([value, fallback], { empty }) => {
      const found = value!(true);
      if (found instanceof Unknown) return found;
      return found === undefined || (empty === true && !isTruthy(found)) ? fallback!() : found;
    },
  },
  {
    name: 'defined',
    summary: 'Whether a variable or field is there.',
    example: { template: '{{defined node.ip}}', variables: { node: {} }, gives: false },
    args: [1, 1],
    late: ([value]) => {
      const found = value!(true);
      return found instanceof Unknown ? found : found !== undefined;
    },
  },
  {
    name: 'ternary',
    summary: 'The second value where the first is true, else the third.',
    example: { template: '{{ternary ha "many" "one"}}', variables: { ha: true }, gives: 'many' },
    args: [3, 3],
    late: ([condition, then, otherwise]) => {
      const value = condition!();
      if (value instanceof Unknown) return value;
      return isTruthy(value) ? then!() : otherwise!();
    },
  },
  {
    name: 'and',
    summary: 'The first value that is not true, or the last one.',
    example: { template: '{{and true 0 2}}', gives: 0 },
    args: [1, Infinity],
    late: (args) => decide(args, false),
  },
  {
    name: 'or',
    summary: 'The first value that is true, or the last one.',
    example: { template: '{{or "" "b" "c"}}', gives: 'b' },
    args: [1, Infinity],
    late: (args) => decide(args, true),
  },
  {
    name: 'not',
    summary: 'Whether a value is not true: null, false, 0, empty, or "no", "off", "false".',
    example: { template: '{{not list}}', variables: { list: [] }, gives: true },
    args: [1, 1],
    call: ([value]) => !isTruthy(value),
  },
  {
    name: 'eq',
    summary: 'Whether two values are the same, of the same type; lists and maps by their content.',
    example: { template: '{{eq os "debian"}}', variables: { os: 'debian' }, gives: true },
    args: [2, 2],
    call: ([a, b]) => equal(a, b),
  },
  {
    name: 'ne',
    summary: 'Whether two values differ.',
    example: { template: '{{ne os "debian"}}', variables: { os: 'debian' }, gives: false },
    args: [2, 2],
    call: ([a, b]) => equal(a, b) !== true,
  },
  compared('lt', 'less than', (order) => order < 0),
  compared('le', 'less than or equal to', (order) => order <= 0),
  compared('gt', 'greater than', (order) => order > 0),
  compared('ge', 'greater than or equal to', (order) => order >= 0),
  {
    name: 'bool',
    summary: 'True or false from "yes", "no", "on", "off", "true", "false", 1 and 0.',
    example: { template: '{{bool "yes"}}', gives: true },
    args: [1, 1],
    call: ([value]) => {
      if (typeof value !== 'boolean' && !/^(?:yes|no|on|off|true|false|1|0)$/i.test(String(value)))
        throw new HelperError(`needs "yes", "no" or the like, not ${describeType(value)} (${show(value)})`);
      return /^(?:yes|on|true|1)$/i.test(String(value));
    },
  },
];
