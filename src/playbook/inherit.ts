import type { Fields } from './check-keywords.ts';
import { conditions, flag, number, type Reader, value, values, variables, words } from './fields.ts';
import type { Keywords, VariableLayers, Variables } from './types.ts';
import type { Problems } from '../base/errors.ts';

const NO_LAYERS: VariableLayers = { roleDefaults: [], roleVars: [], vars: [], params: [] };

const NO_VARIABLES: Variables = new Map();

/** What holds where nothing is written. */
export const NO_KEYWORDS: Keywords = {
  tags: [],
  when: [],
  become: {},
  environment: [],
  runOnce: false,
  layers: NO_LAYERS,
};

/**
 * Keywords of something inside `outer`: tags, conditions and environments add up, of all else the inner one wins.
 * The name is not inherited. The `vars` of plays and roles are layers of their own, so these pass `ownVars: false`.
 */
export function inherit(
  outer: Keywords,
  fields: Fields,
  problems: Problems,
  options: { readonly ownVars: boolean } = { ownVars: true },
): Keywords {
  const from: Reader = { fields, problems };
  const own = options.ownVars ? variables(from, 'vars') : NO_VARIABLES;
  const tags = words(from, 'tags');
  const when = conditions(from, 'when');
  const environment = values(from, 'environment');
  return {
    ...outer,
    name: value(from, 'name'),
    tags: tags.length === 0 ? outer.tags : [...new Set([...outer.tags, ...tags])],
    when: when.length === 0 ? outer.when : [...outer.when, ...when],
    become: becomeOf(outer, from),
    environment: environment.length === 0 ? outer.environment : [...outer.environment, ...environment],
    checkMode: flag(from, 'check_mode') ?? outer.checkMode,
    diff: flag(from, 'diff') ?? outer.diff,
    noLog: flag(from, 'no_log') ?? outer.noLog,
    ignoreErrors: flag(from, 'ignore_errors') ?? outer.ignoreErrors,
    ignoreUnreachable: flag(from, 'ignore_unreachable') ?? outer.ignoreUnreachable,
    anyErrorsFatal: flag(from, 'any_errors_fatal') ?? outer.anyErrorsFatal,
    runOnce: runOnceOf(outer, from),
    throttle: number(from, 'throttle') ?? outer.throttle,
    timeout: number(from, 'timeout') ?? outer.timeout,
    delegateTo: value(from, 'delegate_to') ?? outer.delegateTo,
    delegateFacts: fixedFlag(from, 'delegate_facts') ?? outer.delegateFacts,
    layers: own.size === 0 ? outer.layers : { ...outer.layers, vars: [...outer.layers.vars, own] },
  };
}

function becomeOf(outer: Keywords, from: Reader): Keywords['become'] {
  if (!['become', 'become_user', 'become_method', 'become_flags'].some((key) => from.fields.has(key)))
    return outer.become;
  return {
    become: flag(from, 'become') ?? outer.become.become,
    user: value(from, 'become_user') ?? outer.become.user,
    method: value(from, 'become_method') ?? outer.become.method,
    flags: value(from, 'become_flags') ?? outer.become.flags,
  };
}

function runOnceOf(outer: Keywords, from: Reader): boolean {
  return fixedFlag(from, 'run_once') ?? outer.runOnce;
}

/** A boolean that must be known while loading. */
export function fixedFlag(from: Reader, key: string): boolean | undefined {
  const found = flag(from, key);
  if (!found) return undefined;
  if (found.kind === 'data') return found.data === true;
  from.problems.error('playbook.not-supported', `\`${key}\` cannot be a template`, {
    span: found.span,
    hint: 'Write true or false; use `when` for a condition.',
  });
  return undefined;
}
