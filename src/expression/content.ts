import type { Expr } from './expr.ts';
import type { Piece } from './program.ts';
import { usesOf } from './references.ts';

/** Helpers that take any text and give one. */
const TOTAL: ReadonlySet<string> = new Set(
  'default lower upper trim string quote concat b64encode sha256 basename dirname indent json yaml'.split(
    ' ',
  ),
);

/** Variables of a template whose content matters to how it is rendered; the others only become part of the text. */
export function lookedInto(pieces: readonly Piece[]): ReadonlySet<string> {
  const names = new Set<string>();
  for (const piece of pieces) collect(piece, names);
  return names;
}

function collect(piece: Piece, names: Set<string>): void {
  if (piece.kind === 'text') return;
  if (piece.kind === 'value') {
    ofExpr(piece.expr, names);
    return;
  }
  for (const { path } of usesOf(piece.subject)) names.add(path[0]!);
  for (const inner of [...piece.body, ...piece.otherwise]) collect(inner, names);
}

function ofExpr(expr: Expr, names: Set<string>): void {
  if (expr.op === 'name' || expr.op === 'literal' || expr.op === 'this') return;
  if (expr.op === 'member' && expr.key.op === 'literal') {
    ofExpr(expr.target, names);
    return;
  }
  if (expr.op === 'helper' && TOTAL.has(expr.name)) {
    for (const arg of [...expr.args, ...Object.values(expr.named)]) ofExpr(arg, names);
    return;
  }
  for (const { path } of usesOf(expr)) names.add(path[0]!);
}
