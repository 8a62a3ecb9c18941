import { type Expr, type Place, partsOf } from './expr.ts';

/** A use of a variable, with its place in the parsed text. */
export interface Use extends Place {
  readonly path: readonly string[];
  readonly optional: boolean;
}

/**
 * Every variable that an expression uses. Names bound inside it (`exists(h, ...)`) are not variables. `bound` names
 * are those bound around it.
 */
export function usesOf(expr: Expr, bound: ReadonlySet<string> = new Set(), optional = false): readonly Use[] {
  const uses: Use[] = [];
  collect(expr, bound, optional, uses);
  return uses;
}

function collect(expr: Expr, bound: ReadonlySet<string>, optional: boolean, uses: Use[]): void {
  if (expr.op === 'name' || expr.op === 'member') {
    collectPath(expr, bound, optional, uses);
    return;
  }
  if (expr.op === 'macro' || expr.op === 'bind') {
    collect(expr.op === 'macro' ? expr.target : expr.value, bound, optional, uses);
    const inside = new Set([...bound, expr.variable]);
    const bodies = expr.op === 'macro' ? [expr.where, expr.give] : [expr.body];
    for (const body of bodies) if (body) collect(body, inside, optional, uses);
    return;
  }
  if (expr.op === 'method' && (expr.name === 'orValue' || expr.name === 'hasValue')) {
    collect(expr.target, bound, true, uses);
    for (const arg of expr.args) collect(arg, bound, optional, uses);
    return;
  }
  if (expr.op === 'helper') {
    const copes = expr.name === 'default' || expr.name === 'defined';
    expr.args.forEach((arg, i) => collect(arg, bound, optional || (copes && i === 0), uses));
    for (const arg of Object.values(expr.named)) collect(arg, bound, optional, uses);
    return;
  }
  for (const part of partsOf(expr)) collect(part, bound, optional || expr.op === 'defined', uses);
}

function collectPath(expr: Expr, bound: ReadonlySet<string>, optional: boolean, uses: Use[]): void {
  const steps: Extract<Expr, { op: 'member' }>[] = [];
  let root = expr;
  while (root.op === 'member') {
    steps.unshift(root);
    root = root.target;
  }
  for (const step of steps) if (step.key.op !== 'literal') collect(step.key, bound, false, uses);
  if (root.op !== 'name') {
    if (root.op !== 'this') collect(root, bound, optional, uses);
    return;
  }
  if (bound.has(root.name) || root.up || root.name.startsWith('@')) return;
  const path = [root.name];
  let end = root.end;
  for (const step of steps) {
    if (step.key.op !== 'literal') break;
    path.push(String(step.key.value));
    end = step.end;
  }
  uses.push({ path, start: root.start, end, optional: optional || steps.some((step) => step.optional) });
}
