import { examine } from './examine.ts';
import { examineAbsent } from './examine-absent.ts';
import type { Expr } from './expr.ts';
import { isTruthy } from './helper.ts';
import type { BlockPiece, Piece } from './program.ts';
import { eachLocals, inside, named, notIterable, textOf } from './render.ts';
import { itemOf, kindOf, typed, WORDS } from './shape.ts';
import { attempt, type Survey } from './survey.ts';
import { Unknown } from './types.ts';
import { isFalse, isTrue, type Leads, unsure } from './unsure.ts';

/** The pieces of a template as text; Unknown where any of it is, but all of it is looked at. */
export function examineText(pieces: readonly Piece[], env: Survey): string | Unknown {
  let text = '';
  let unknown: Unknown | undefined;
  for (const piece of pieces) {
    const part =
      piece.kind === 'text'
        ? piece.text
        : piece.kind === 'value'
          ? valueText(piece.expr, env)
          : block(piece, env);
    if (part instanceof Unknown) unknown ??= part;
    else text += part;
  }
  return unknown ? typed(unknown.why, 'string') : text;
}

function valueText(expr: Expr, env: Survey): string | Unknown {
  const value = examine(expr, env);
  if (!(value instanceof Unknown)) return attempt(env, () => textOf(value, expr, env)) as string | Unknown;
  const kind = kindOf(value);
  if (kind === 'list' || kind === 'map') {
    const sample = kind === 'list' ? [] : {};
    attempt(env, () => textOf(sample, expr, env));
  }
  return value;
}

function block(piece: BlockPiece, env: Survey): string | Unknown {
  const subject = examine(piece.subject, env, true);
  if (subject === undefined) examineAbsent(piece, env);
  if (piece.kind === 'if' || piece.kind === 'unless') {
    if (!(subject instanceof Unknown))
      return examineText(isTruthy(subject) === (piece.kind === 'if') ? piece.body : piece.otherwise, env);
    const [yes, no] = piece.kind === 'if' ? [isTrue, isFalse] : [isFalse, isTrue];
    examineText(piece.body, guarded(piece, env, yes));
    examineText(piece.otherwise, guarded(piece, env, no));
    return subject;
  }
  if (subject === undefined || subject === null) return examineText(piece.otherwise, env);
  if (subject instanceof Unknown) return unknownSubject(piece, subject, env);
  if (piece.kind === 'with')
    return examineText(piece.body, entered(env, subject, named(piece, [subject]), [subject]));
  return each(piece, subject, env);
}

// A value that is asked for as a whole is guarded as one that is asked for with `has`.
function guarded({ subject }: BlockPiece, env: Survey, leads: Leads): Survey {
  return unsure(env, subject, leads, true);
}

/** The inside of a block. Where one of its items is a map, any name may be a field that this one does without. */
function entered(
  env: Survey,
  item: unknown,
  locals: ReadonlyMap<string, unknown>,
  items: readonly unknown[],
): Survey {
  const mayHaveFields = items.some(
    (each) => typeof each === 'object' && each !== null && !Array.isArray(each),
  );
  const known = (name: string, up: number) =>
    up > 0 ? env.known(name, up - 1) : mayHaveFields || locals.has(name) || env.known(name, 0);
  return { ...inside(env, item, locals), known };
}

function unknownSubject(piece: BlockPiece, subject: Unknown, env: Survey): Unknown {
  const inner = guarded(piece, env, (value) => value !== undefined && value !== null);
  const item = piece.kind === 'with' ? subject : itemOf(subject);
  const kind = kindOf(subject);
  if (piece.kind === 'each' && kind !== undefined && kind !== 'list' && kind !== 'map')
    env.report(
      'type',
      `\`#each\` needs a list or a map, and \`${env.text(piece.subject)}\` is ${WORDS[kind]}`,
      piece.subject,
    );
  const locals = piece.kind === 'with' ? named(piece, [item]) : eachLocals(piece, item, 0, 0, 1);
  // Any name may be a field of what is not known, but for what has none.
  const shape = kindOf(item);
  const bare = shape !== undefined && shape !== 'map';
  const open: Survey = {
    ...entered(inner, item, locals, [item]),
    variable: (name, up) => {
      if (up > 0) return inner.variable(name, up - 1);
      if (locals.has(name)) return locals.get(name);
      return inner.variable(name, 0) ?? (bare ? undefined : new Unknown(name));
    },
  };
  examineText(piece.body, open);
  examineText(
    piece.otherwise,
    guarded(piece, env, () => true),
  );
  return subject;
}

function each(piece: BlockPiece, subject: unknown, env: Survey): string | Unknown {
  if (typeof subject !== 'object') return attempt(env, () => notIterable(piece, subject, env)) as Unknown;
  const entries: readonly (readonly [string | number, unknown])[] = Array.isArray(subject)
    ? subject.map((item, i) => [i, item] as const)
    : Object.entries(subject as object);
  if (entries.length === 0) return examineText(piece.otherwise, env);
  const items = entries.map(([, item]) => item);
  let text = '';
  let unknown: Unknown | undefined;
  for (const [i, [key, item]] of entries.entries()) {
    const locals = eachLocals(piece, item, key, i, entries.length);
    const part = examineText(piece.body, entered(env, item, locals, items));
    if (part instanceof Unknown) unknown ??= part;
    else text += part;
  }
  return unknown ?? text;
}
