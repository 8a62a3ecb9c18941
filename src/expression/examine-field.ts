import { nearest } from '../base/suggest.ts';
import type { Expr } from './expr.ts';
import { fieldOf, kindOf, part, WORDS } from './shape.ts';
import { pathOf, type Survey } from './survey.ts';
import { Unknown } from './types.ts';

/** A field of something that is not known yet: its shape says whether there can be one of this name. */
export function examineField(
  target: Unknown,
  key: unknown,
  expr: Extract<Expr, { op: 'member' }>,
  env: Survey,
  optional: boolean,
): unknown {
  const { shape } = target;
  const name = String(key);
  const why = `${target.why}.${name}`;
  if (!shape) return new Unknown(why);
  const field = fieldOf(shape.schema, name);
  const path = pathOf(expr);
  const guarded = path !== undefined && env.guards.has(path);
  if (field.is === 'missing') {
    if (!optional && !guarded) reportMissing(target, name, field.known, expr, env);
    return optional ? undefined : new Unknown(why);
  }
  if (!optional && !guarded) perhaps(target, name, expr, env);
  return new Unknown(why, field.is === 'there' ? part(shape, field.schema) : undefined);
}

function reportMissing(
  target: Unknown,
  name: string,
  known: readonly string[],
  expr: Extract<Expr, { op: 'member' }>,
  env: Survey,
): void {
  const kind = kindOf(target);
  const text = env.text(expr.target);
  if (kind !== undefined && kind !== 'map') {
    const hint = kind === 'list' && name in { changed: 1, stdout: 1 } ? 'Name an item: `[0]`.' : undefined;
    return env.report('undefined', `\`${text}\` is ${WORDS[kind]}, so it has no \`${name}\``, expr, {
      hint,
      general: true,
    });
  }
  const near = nearest(name, known);
  const shown = known.slice(0, 20);
  const list = `It has: ${shown.join(', ')}${known.length > shown.length ? ', …' : ''}.`;
  env.report('undefined', `${target.shape!.missing} \`${name}\``, expr, {
    general: true,
    hint: near ? `Did you mean \`${near}\`?` : list,
  });
}

/** The task that gives the value may be skipped, and nothing asks whether it was. */
function perhaps(target: Unknown, name: string, expr: Extract<Expr, { op: 'member' }>, env: Survey): void {
  const maybe = target.shape?.maybe;
  const root = pathOf(expr)?.split('.')[0];
  if (!maybe || maybe.always.has(name) || (root !== undefined && env.guards.has(root))) return;
  if (maybe.when.length > 0 && maybe.when.every((condition) => env.when.has(condition))) return;
  const text = env.text(expr.target);
  const when = maybe.when.join(' && ');
  env.report('skipped', `\`${text}\` has no \`${name}\` where its task is skipped`, expr, {
    hint: when
      ? `Add \`when: ${when}\`, or ask first: \`has(${text}.${name})\`.`
      : `Ask first: \`has(${text}.${name})\`.`,
    warning: true,
  });
}
