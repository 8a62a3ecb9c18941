import path from 'node:path';
import { Problems, type SlipwayError, SlipwayErrors } from '../base/errors.ts';
import type { Entry, MapNode } from '../document/node.ts';
import type { Value } from '../expression/types.ts';
import { checkKeywords, type Fields } from './check-keywords.ts';
import { variables } from './fields.ts';
import { handlerNames } from './handlers.ts';
import { readIncludedRole, roleTarget } from './include-role.ts';
import { readIncludedTasks } from './include-tasks.ts';
import { readIncludedVars, varsTarget } from './include-vars.ts';
import { inherit } from './inherit.ts';
import { BlockKeywords, IncludeKeywords } from './keywords.ts';
import { idsFrom, type Place } from './loader.ts';
import { loopOf } from './loop.ts';
import { fileArgument } from './tasks-import.ts';
import { registerOf } from './task-parts.ts';
import type { Include, IncludedTasks, Keywords } from './types.ts';

export type IncludeModule = 'include_tasks' | 'include_role' | 'include_vars';

/** What an include brings, once its target is known. */
export interface Bring {
  readonly target: Value;
  /** Keywords for all that is inside (`apply`). */
  readonly apply?: MapNode | undefined;
  readonly read: (target: string, inside: Place) => IncludedTasks;
}

/** Reads include_tasks, include_role or include_vars. What is inside is read when a host gets there, once a target. */
export function readInclude(module: IncludeModule, map: MapNode, call: Entry, place: Place): Include[] {
  const { problems } = place;
  const where = { what: `\`${module}\``, at: 'task', others: (key: string) => key === call.key } as const;
  const fields = checkKeywords(map, IncludeKeywords, where, problems);
  const own = withParams(inherit(place.keywords, fields, problems, { ownVars: false }), fields, problems);
  const bring = bringOf(module, call, fields, place);
  if (!bring) return [];
  const id = place.ids.next();
  const load = loaderOf(bring, id, innerKeywords(place.keywords, own, bring, problems), place);
  const include: Include = {
    ...own,
    kind: 'include',
    id,
    span: map.span,
    what: module === 'include_role' ? 'role' : module === 'include_vars' ? 'vars' : 'tasks',
    target: bring.target,
    loop: loopOf(fields, problems),
    register: registerOf(fields, place),
    load: (target) => whole(load(target)),
    read: (target) => load(target),
  };
  aheadOfRun(include, load, place);
  return [include];
}

function bringOf(module: IncludeModule, call: Entry, fields: Fields, place: Place): Bring | undefined {
  if (module === 'include_role') {
    const target = roleTarget(call, fields, place);
    return (
      target && { ...target, read: (name, inside) => readIncludedRole(name, target.target.span, inside) }
    );
  }
  if (module === 'include_vars') {
    const vars = varsTarget(call, fields, place);
    return (
      vars && {
        target: vars.target,
        read: (name, inside) => readIncludedVars(name, vars, vars.target.span, inside),
      }
    );
  }
  const file = fileArgument(call, fields, place);
  return file && { ...file, read: (name, inside) => readIncludedTasks(name, file.target.span, inside) };
}

/** The `vars` of an include are its parameters: as in Ansible, they win over `set_fact`, too. */
function withParams(keywords: Keywords, fields: Fields, problems: Problems): Keywords {
  const own = variables({ fields, problems }, 'vars');
  const { layers } = keywords;
  return own.size === 0 ? keywords : { ...keywords, layers: { ...layers, params: [...layers.params, own] } };
}

/** Inside hold the keywords around the include, its `vars`, and those of `apply`; its `when` and tags are its own. */
function innerKeywords(outer: Keywords, own: Keywords, { apply }: Bring, problems: Problems): Keywords {
  const base: Keywords = { ...outer, layers: own.layers };
  if (!apply) return base;
  return inherit(
    base,
    checkKeywords(apply, BlockKeywords, { what: '`apply`', at: 'task' }, problems),
    problems,
  );
}

type Read = IncludedTasks & { readonly errors: readonly SlipwayError[] };
type Load = (target: string, problems?: Problems) => Read;

function whole(read: Read): IncludedTasks {
  if (read.errors.length > 0) throw new SlipwayErrors(read.errors);
  return read;
}

/** Reads each target once, and remembers its errors, too. */
function loaderOf({ target, read }: Bring, id: string, keywords: Keywords, place: Place): Load {
  const cache = new Map<string, Read>();
  const fixed = target.kind === 'data';
  return (name, given) => {
    const known = cache.get(name);
    if (known) return known;
    const problems = given ?? new Problems();
    const before = problems.errors.length;
    const ids = idsFrom(fixed ? `${id}.` : `${id}(${path.basename(name)}).`);
    const brought = read(name, { ...place, problems, keywords, ids });
    const made = { ...brought, errors: problems.errors.slice(before) };
    cache.set(name, made);
    return made;
  };
}

/** What is named plainly is read at once, so that its errors are found before anything runs. */
function aheadOfRun(
  { what, target }: Include,
  load: Load,
  { loader, problems, play, file, role }: Place,
): void {
  if (target.kind !== 'data') {
    if (what !== 'vars') play.openHandlers = true;
    return;
  }
  const name = String(target.data);
  const key = [what, name, role?.path ?? path.dirname(file)].join('\n');
  if (loader.aheadOfRun.has(key)) return;
  loader.aheadOfRun.add(key);
  for (const handler of handlerNames(load(name, problems).handlers)) play.laterHandlers.add(handler);
}
