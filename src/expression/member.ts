import { nearest } from '../base/suggest.ts';
import type { Env } from './env.ts';
import type { Place } from './expr.ts';
import { Unknown } from './types.ts';
import { describeType } from './kinds.ts';

/** What is said of a fact that is not there because none are. */
export const NO_FACTS =
  'The facts of these hosts have not been gathered: leave out `gather_facts: false`, or run `setup` before.';

/**
 * `target.key` or `target[key]`. Only what the data itself holds: nothing inherited, so no prototype can be reached.
 * Undefined, where that is allowed, when there is no such thing.
 */
export function memberOf(
  target: unknown,
  key: unknown,
  env: Env,
  place: Place & { readonly target: Place },
  optional: boolean,
): unknown {
  if (target instanceof Unknown) return target;
  if (key instanceof Unknown) return key;
  if (target === undefined) return undefined;
  const value = own(target, key);
  if (value !== undefined || optional) return value;
  const of = env.text(place.target);
  const name = typeof key === 'string' ? key : String(key);
  if (Array.isArray(target)) {
    const count = target.length === 1 ? '1 item' : `${target.length} items`;
    return env.fail('undefined', `\`${of}\` is a list of ${count} and has no [${name}]`, place);
  }
  if (target === null || typeof target !== 'object')
    return env.fail('undefined', `\`${of}\` is ${describeType(target)}, so it has no \`${name}\``, place);
  const near = nearest(name, Object.keys(target));
  const known = Object.keys(target).slice(0, 20);
  const hint = near
    ? `Did you mean \`${near}\`?`
    : known.length > 0
      ? `It has: ${known.join(', ')}${Object.keys(target).length > known.length ? ', …' : ''}.`
      : /(^|\.)ansible_facts$/.test(of)
        ? NO_FACTS
        : 'It is empty.';
  return env.fail('undefined', `\`${of}\` has no \`${name}\``, place, hint);
}

function own(target: unknown, key: unknown): unknown {
  if (target === null || typeof target !== 'object') return undefined;
  if (Array.isArray(target)) {
    if (key === 'length') return target.length;
    const index = typeof key === 'string' ? (/^-?\d+$/.test(key) ? Number(key) : Number.NaN) : Number(key);
    return Number.isInteger(index) ? target.at(index) : undefined;
  }
  if (key === null || (typeof key === 'object' && key !== undefined)) return undefined;
  const name = String(key);
  return Object.hasOwn(target, name) ? (target as Record<string, unknown>)[name] : undefined;
}
