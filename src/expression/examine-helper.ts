import { examineEquality } from './examine-binary.ts';
import type { Expr } from './expr.ts';
import { isTruthy } from './helper.ts';
import { HELPERS } from './helpers.ts';
import { callHelper } from './render.ts';
import { itemOf, texts, typed } from './shape.ts';
import { attempt, type Survey } from './survey.ts';
import { Unknown } from './types.ts';
import { unknownWithin } from './unknown.ts';
import { isFalse, isMissing, isTrue, unsure } from './unsure.ts';

type Call = Extract<Expr, { op: 'helper' }>;

/** A helper: those that choose among their arguments are followed, the others called with what is known. */
export function examineHelper(call: Call, env: Survey): unknown {
  const named = Object.entries(call.named).map(([key, value]) => [key, env.look(value, env)] as const);
  const own = CHOOSERS[call.name];
  if (own) return own(call, env);
  const args = call.args.map((arg) => env.look(arg, env));
  if (call.name === 'eq' || call.name === 'ne') examineEq(call, args, env);
  const all = [...args, ...named.map(([, value]) => value)];
  const unknown = all.find((value) => value instanceof Unknown) as Unknown | undefined;
  if (unknown) return given(call, args, unknown);
  const inner = unknownWithin(all);
  if (inner) return WHOLE.has(call.name) ? new Unknown(inner.why) : (callKnown(call, args, env) ?? inner);
  return callKnown(call, args, env);
}

function examineEq(call: Call, [a, b]: readonly unknown[], env: Survey): void {
  const [left, right] = call.args as [Expr, Expr];
  const operator = call.name === 'eq' ? '==' : '!=';
  const whole = env.text(call).replace(/^[({]+~?\s*|\s*~?[)}]+$/g, '');
  examineEquality(operator, a, b, env, { ...call, left, right }, { whole, int: (text) => `(int ${text})` });
}

/** Helpers that look into all of their arguments. */
const WHOLE: ReadonlySet<string> = new Set([
  'json',
  'yaml',
  'join',
  'sort',
  'unique',
  'eq',
  'ne',
  'in',
  'sum',
  'min',
  'max',
]);

function callKnown(call: Call, args: readonly unknown[], env: Survey): unknown {
  const literal = (value: unknown, at: Expr): Expr => ({
    start: at.start,
    end: at.end,
    op: 'literal',
    value,
  });
  const known: Call = { ...call, args: args.map((value, i) => literal(value, call.args[i]!)) };
  return attempt(env, () => {
    const helper = HELPERS.get(call.name);
    return helper?.call && unknownWithin(args) ? lookInto(helper.call, args) : callHelper(known, env);
  });
}

/** A call whose arguments hold something unknown further in; what it makes of them may not need it. */
function lookInto(
  call: (args: readonly unknown[], options: Record<string, never>) => unknown,
  args: readonly unknown[],
) {
  try {
    return call(args, {});
  } catch {
    return unknownWithin(args);
  }
}

const TYPES: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries({
    string:
      'upper lower trim string quote b64encode b64decode sha256 basename dirname concat replace indent json yaml join',
    boolean: 'eq ne lt le gt ge not in bool',
    integer: 'int length ip_version',
    array: 'split list range keys values sort reverse unique flatten',
    object: 'merge dict',
  }).flatMap(([type, names]) => names.split(' ').map((name) => [name, type] as const)),
);

function given(call: Call, args: readonly unknown[], unknown: Unknown): Unknown {
  const [list] = args;
  if ((call.name === 'first' || call.name === 'last') && list instanceof Unknown) return itemOf(list);
  const type = TYPES[call.name];
  if (call.name === 'split' || call.name === 'keys') return texts(unknown.why);
  return type === undefined ? new Unknown(unknown.why) : typed(unknown.why, type);
}

type Chooser = (call: Call, env: Survey) => unknown;

const CHOOSERS: Readonly<Record<string, Chooser>> = {
  default: (call, env) => {
    const [wanted, fallback] = call.args as [Expr, Expr];
    const found = env.look(wanted, env, true);
    if (found instanceof Unknown) {
      env.look(fallback, unsure(env, wanted, isMissing));
      return new Unknown(found.why);
    }
    const empty = call.named.empty ? env.look(call.named.empty, env) === true : false;
    return found === undefined || (empty && !isTruthy(found)) ? env.look(fallback, env) : found;
  },
  defined: (call, env) => {
    const found = env.look(call.args[0]!, env, true);
    return found instanceof Unknown ? typed(found.why, 'boolean') : found !== undefined;
  },
  ternary: (call, env) => {
    const [condition, yes, no] = call.args as [Expr, Expr, Expr];
    const value = env.look(condition, env);
    if (!(value instanceof Unknown)) return env.look(isTruthy(value) ? yes : no, env);
    env.look(yes, unsure(env, condition, isTrue));
    env.look(no, unsure(env, condition, isFalse));
    return new Unknown(value.why);
  },
  and: (call, env) => chain(call, env, false),
  or: (call, env) => chain(call, env, true),
};

function chain(call: Call, env: Survey, decisive: boolean): unknown {
  let inner = env;
  let unknown: Unknown | undefined;
  let last: unknown;
  for (const arg of call.args) {
    last = env.look(arg, inner);
    if (last instanceof Unknown) {
      unknown ??= last;
      inner = unsure(inner, arg, decisive ? isFalse : isTrue);
    } else if (isTruthy(last) === decisive) return unknown && decisive ? unknown : last;
  }
  return unknown ? new Unknown(unknown.why) : last;
}
