import { nearest } from '../base/suggest.ts';
import type { Expr } from './expr.ts';
import { fieldOf, kindOf, part, WORDS } from './shape.ts';
import { pathOf, type Survey } from './survey.ts';
import { type Maybe, Unknown } from './types.ts';

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

export function reportMissing(
  target: Unknown,
  name: string,
  known: readonly string[],
  expr: Extract<Expr, { op: 'member' }>,
  env: Survey,
  warning = false,
): void {
  const kind = kindOf(target);
  const text = env.text(expr.target);
  if (kind !== undefined && kind !== 'map') {
    const hint = kind === 'list' && name in { changed: 1, stdout: 1 } ? 'Name an item: `[0]`.' : undefined;
    return env.report('undefined', `\`${text}\` is ${WORDS[kind]}, so it has no \`${name}\``, expr, {
      hint,
      warning,
      general: true,
    });
  }
  const near = nearest(name, known);
  const shown = known.slice(0, 20);
  const list = `It has: ${shown.join(', ')}${known.length > shown.length ? ', …' : ''}.`;
  env.report('undefined', `${target.shape!.missing} \`${name}\``, expr, {
    general: true,
    warning,
    hint: near ? `Did you mean \`${near}\`?` : list,
  });
}

/** The task that gives the value may be skipped, and nothing asks whether it was. */
function perhaps(target: Unknown, name: string, expr: Extract<Expr, { op: 'member' }>, env: Survey): void {
  const maybe = target.shape?.maybe;
  const root = pathOf(expr)?.split('.')[0];
  if (!maybe?.always || maybe.always.has(name) || (root !== undefined && env.guards.has(root))) return;
  if (holdsHere(maybe, env)) return;
  const text = env.text(expr.target);
  env.report('skipped', `\`${text}\` has no \`${name}\` where its task is skipped`, expr, {
    hint: askFirst(maybe, `${text}.${name}`),
    warning: true,
  });
}

/** The same of a variable that such a task sets. */
export function perhapsUnset(value: Unknown, expr: Extract<Expr, { op: 'name' }>, env: Survey): void {
  const maybe = value.shape?.maybe;
  if (!maybe || maybe.always || env.guards.has(expr.name) || holdsHere(maybe, env)) return;
  env.report('skipped', `\`${expr.name}\` is not set where its task is skipped`, expr, {
    hint: askFirst(maybe, expr.name),
    warning: true,
  });
}

function holdsHere({ when }: Maybe, env: Survey): boolean {
  return when.length > 0 && when.every((condition) => env.when.has(condition));
}

function askFirst({ when }: Maybe, text: string): string {
  const condition = when.join(' && ');
  return condition === ''
    ? `Ask first: \`has(${text})\`.`
    : `Add \`when: ${condition}\`, or ask first: \`has(${text})\`.`;
}
