import type { Env } from './env.ts';
import type { Expr, Place } from './expr.ts';
import { HelperError, isTruthy } from './helper.ts';
import { HELPERS } from './helpers.ts';
import { describeType } from './kinds.ts';
import type { BlockPiece, Piece } from './program.ts';
import { run } from './run.ts';
import { Unknown } from './types.ts';
import { unknownWithin } from './unknown.ts';

/** Renders the pieces of a template to text; Unknown as soon as the text hangs on one. */
export function renderText(pieces: readonly Piece[], env: Env): string | Unknown {
  let text = '';
  for (const piece of pieces) {
    const part =
      piece.kind === 'text'
        ? piece.text
        : piece.kind === 'value'
          ? valueText(piece.expr, env)
          : renderBlock(piece, env);
    if (part instanceof Unknown) return part;
    text += part;
  }
  return text;
}

function valueText(expr: Expr, env: Env): string | Unknown {
  return textOf(run(expr, env), expr, env);
}

/** A value as text where there is one way to write it, else a failure. */
export function textOf(value: unknown, expr: Expr, env: Env): string | Unknown {
  if (typeof value === 'string' || value instanceof Unknown) return value;
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint')
    return String(value);
  const text = env.text(expr).replace(/^\{+~?\s*|\s*~?\}+$/g, '');
  if (value === null)
    return env.fail(
      'evaluate',
      `\`${text}\` is null and cannot stand in a text`,
      expr,
      `Give it a value, or write \`{{default ${text} "" empty=true}}\`.`,
    );
  const argument = /\s/.test(text) ? `(${text})` : text;
  const hint = Array.isArray(value)
    ? `Write \`{{join ${argument} ","}}\` or \`{{json ${argument}}}\`.`
    : `Write \`{{json ${argument}}}\`, or name a field.`;
  return env.fail('evaluate', `\`${text}\` is ${describeType(value)} and cannot stand in a text`, expr, hint);
}

function renderBlock(block: BlockPiece, env: Env): string | Unknown {
  const subject = run(block.subject, env, true);
  if (subject instanceof Unknown) return subject;
  if (block.kind === 'if' || block.kind === 'unless')
    return renderText(isTruthy(subject) === (block.kind === 'if') ? block.body : block.otherwise, env);
  if (subject === undefined || subject === null) return renderText(block.otherwise, env);
  if (block.kind === 'with') return renderText(block.body, inside(env, subject, named(block, [subject])));
  return renderEach(block, subject, env);
}

function renderEach(block: BlockPiece, subject: unknown, env: Env): string | Unknown {
  if (typeof subject !== 'object') return notIterable(block, subject, env);
  const isList = Array.isArray(subject);
  const entries: readonly (readonly [string | number, unknown])[] = isList
    ? subject.map((item, i) => [i, item] as const)
    : Object.entries(subject as object);
  if (entries.length === 0) return renderText(block.otherwise, env);
  let text = '';
  for (const [i, [key, item]] of entries.entries()) {
    const locals = eachLocals(block, item, key, i, entries.length);
    const part = renderText(block.body, inside(env, item, locals));
    if (part instanceof Unknown) return part;
    text += part;
  }
  return text;
}

export function notIterable(block: BlockPiece, subject: unknown, env: Env): never {
  const text = env.text(block.subject);
  return env.fail(
    'type',
    `\`#each\` needs a list or a map, and \`${text}\` is ${describeType(subject)}`,
    block.subject,
  );
}

/** The names that one round of `#each` sees. */
export function eachLocals(
  block: BlockPiece,
  item: unknown,
  key: string | number,
  at: number,
  count: number,
): Map<string, unknown> {
  return named(block, [item, key])
    .set('@index', at)
    .set('@key', key)
    .set('@first', at === 0)
    .set('@last', at === count - 1);
}

export function named(block: BlockPiece, values: readonly unknown[]): Map<string, unknown> {
  return new Map(block.names.map((name, i) => [name, values[i]]));
}

/**
 * The inside of `#each` or `#with`: the block's own names first, then the fields of the item, then what is known
 * outside. `../` steps out once.
 */
export function inside<E extends Env>(env: E, item: unknown, locals: ReadonlyMap<string, unknown>): E {
  const fields =
    item !== null && typeof item === 'object' && !Array.isArray(item)
      ? (item as Record<string, unknown>)
      : {};
  return {
    ...env,
    variable: (name, up) => {
      if (up > 0) return env.variable(name, up - 1);
      if (locals.has(name)) return locals.get(name);
      return Object.hasOwn(fields, name) ? fields[name] : env.variable(name, 0);
    },
    item: (up) => (up === 0 ? item : env.item(up - 1)),
    names: () => new Set([...locals.keys(), ...Object.keys(fields), ...env.names()]),
  };
}

type HelperCall = Extract<Expr, { op: 'helper' }>;

/** Calls a helper. An Unknown among the arguments that it needs is the result. */
export function callHelper(call: HelperCall, env: Env): unknown {
  const helper = HELPERS.get(call.name);
  if (!helper) return env.fail('evaluate', `There is no helper \`${call.name}\``, call);
  const options: Record<string, unknown> = {};
  for (const [key, expr] of Object.entries(call.named)) {
    const value = run(expr, env);
    if (value instanceof Unknown) return value;
    options[key] = value;
  }
  if (helper.late) {
    const args = call.args.map(
      (arg) =>
        (optional = false) =>
          run(arg, env, optional),
    );
    return attempt(call, env, () => helper.late(args, options));
  }
  const args: unknown[] = [];
  for (const arg of call.args) {
    const value = run(arg, env);
    if (value instanceof Unknown) return value;
    args.push(value);
  }
  const inner = args.length === 0 ? undefined : unknownWithin(args);
  return inner ?? attempt(call, env, () => helper.call(args, options));
}

function attempt(call: HelperCall, env: Env, work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof HelperError)) throw error;
    return env.fail('evaluate', `\`${call.name}\` ${error.message}`, call as Place, error.hint, error);
  }
}
