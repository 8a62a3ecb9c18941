import { nearest } from '../base/suggest.ts';
import { reportMissing } from './examine-field.ts';
import type { Expr } from './expr.ts';
import type { BlockPiece } from './program.ts';
import { undefinedVariable } from './run.ts';
import { fieldOf } from './shape.ts';
import { attempt, type Survey } from './survey.ts';
import { Unknown } from './types.ts';

/**
 * A block copes with a subject that is not there: so a host may be without it. One that no host can have was spelled
 * wrong: `#if` only asks, so that is a warning; `#each` and `#with` use it.
 */
export function examineAbsent({ kind, subject }: BlockPiece, env: Survey): void {
  const asks = kind === 'if' || kind === 'unless';
  const root = rootOf(subject);
  if (root && !root.name.startsWith('@') && !env.known(root.name, root.up ?? 0)) {
    if (asks) reportNobodys(root, env);
    else attempt(env, () => undefinedVariable(root, env), root.name);
    return;
  }
  if (subject.op !== 'member' || subject.key.op !== 'literal') return;
  const target = env.look(subject.target, env, true);
  if (!(target instanceof Unknown) || !target.shape) return;
  const name = String(subject.key.value);
  const field = fieldOf(target.shape.schema, name);
  if (field.is === 'missing') reportMissing(target, name, field.known, subject, env, asks);
}

/** `default` copes with what a lookup does not find, not with a table that nobody has. */
export function examineTable(table: Expr, env: Survey): void {
  if (table.op === 'name' && !table.name.startsWith('@') && !env.known(table.name, table.up ?? 0))
    reportNobodys(table, env);
}

function reportNobodys(root: Name, env: Survey): void {
  env.report('undefined', `nothing defines \`${root.name}\``, root, {
    hint: hintOf(root.name, env),
    warning: true,
  });
}

type Name = Extract<Expr, { op: 'name' }>;

function rootOf(expr: Expr): Name | undefined {
  if (expr.op === 'member') return rootOf(expr.target);
  return expr.op === 'name' ? expr : undefined;
}

function hintOf(name: string, env: Survey): string {
  const near = nearest(name, env.names());
  return near
    ? `Did you mean \`${near}\`?`
    : `Define it, or ask \`(defined ${name})\` if it is only ever given with \`-e\`.`;
}
