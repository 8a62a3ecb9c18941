import type { Expr, Place } from './expr.ts';
import { JinjaSyntaxError } from './jinja-lex.ts';
import { parsePath } from './jinja-parse.ts';
import type { Mustache } from './mustaches.ts';

/** A character that no template uses; Handlebars reads a run of it as a name. */
export const SLOT = '\uE000';

export interface Slots {
  /** The text with each subscript path replaced by as many SLOT characters: all offsets stay. */
  readonly text: string;
  /** The paths by their offset. */
  readonly paths: ReadonlyMap<number, Expr>;
}

/**
 * Ansible's paths (`groups['cp'][0]`, `hostvars[item].x`, `a.0.b`) are no Handlebars, so they are read here and
 * Handlebars sees a plain name in their place.
 */
export function cutSubscripts(text: string, mustaches: readonly Mustache[]): Slots {
  const paths = new Map<number, Expr>();
  let out = '';
  let copied = 0;
  for (const { inner } of mustaches) {
    for (const path of pathsIn(text, inner)) {
      paths.set(path.start, path);
      out += text.slice(copied, path.start) + SLOT.repeat(path.end - path.start);
      copied = path.end;
    }
  }
  return { text: out + text.slice(copied), paths };
}

/** Names in a mustache that a subscript or a numbered step follows, outside of quotes and of Handlebars' own `.[x y]`. */
function* pathsIn(text: string, inner: Place): Iterable<Expr> {
  const pattern = /"[^"]*"|'[^']*'|\.\[[^\]]*\]|(?<![\w.@/-])[A-Za-z_][\w.]*?(?=\[|\.\d)(?<!\.)/g;
  const inside = text.slice(inner.start, inner.end);
  for (let match = pattern.exec(inside); match; match = pattern.exec(inside)) {
    if (!/^[A-Za-z_]/.test(match[0])) continue;
    const path = tryPath(text, inner.start + match.index, inner.end);
    if (!path) continue;
    yield path;
    pattern.lastIndex = path.end - inner.start;
  }
}

function tryPath(text: string, from: number, end: number): Expr | undefined {
  try {
    const path = parsePath(text, from, end);
    return path.op === 'member' ? rooted(path) : undefined;
  } catch (error) {
    if (error instanceof JinjaSyntaxError) return undefined;
    throw error;
  }
}

/** `this[0]` starts at the current item, not at a variable. */
function rooted(expr: Expr): Expr {
  if (expr.op === 'member') return { ...expr, target: rooted(expr.target) };
  return expr.op === 'name' && expr.name === 'this'
    ? { start: expr.start, end: expr.end, op: 'this', up: 0 }
    : expr;
}
