import path from 'node:path';
import type { Problems } from '../base/errors.ts';
import type { Span } from '../base/span.ts';
import type { Node } from '../document/node.ts';
import {
  compileVariables,
  findVariableFiles,
  readVariablesNode,
  readSource,
} from '../inventory/variables-file.ts';
import { readHandlers } from './handlers.ts';
import { type Place, type PlayDraft, type RoleDraft, tryParse } from './loader.ts';
import { findRole } from './role-find.ts';
import type { Keywords, Task, TaskNode, Variables } from './types.ts';

/** How a role is called. */
export interface RoleCall {
  readonly name: string;
  readonly span: Span;
  /** Keywords of the call, over those around it. */
  readonly keywords: Keywords;
  /** The call's `vars` and its parameters. */
  readonly vars?: Variables | undefined;
  readonly params?: Variables | undefined;
  readonly tasksFrom?: string | undefined;
  readonly varsFrom?: string | undefined;
  readonly defaultsFrom?: string | undefined;
  readonly handlersFrom?: string | undefined;
}

export interface RoleContent {
  readonly tasks: readonly TaskNode[];
  readonly handlers: readonly Task[];
  readonly defaults: readonly Variables[];
  readonly vars: readonly Variables[];
}

/** Reads an entry of `dependencies:` or `roles:`; passed in, since roles and their lists contain each other. */
export type ReadDependencies = (list: Node, place: Place) => readonly RoleContent[];

/** Reads a role: its dependencies first, then its own tasks and handlers. Undefined (and problems) where it cannot. */
export function readRole(
  call: RoleCall,
  place: Place,
  dependencies: ReadDependencies,
): RoleContent | undefined {
  const folder = findRole(call.name, call.span, place);
  if (folder === undefined) return undefined;
  const from = call.tasksFrom ?? 'main';
  const role: RoleDraft = { name: path.basename(folder), path: folder, from, parent: place.role };
  if (isCycle(role)) {
    place.problems.error('playbook.cycle', `the role \`${role.name}\` leads back to itself: ${wayOf(role)}`, {
      span: call.span,
    });
    return undefined;
  }
  const own = {
    defaults: roleVariables(folder, 'defaults', call.defaultsFrom, call.span, place),
    vars: roleVariables(folder, 'vars', call.varsFrom, call.span, place),
  };
  const outer = call.keywords.layers;
  const called = call.vars ? [call.vars] : [];
  const toDependencies: Keywords = {
    ...call.keywords,
    layers: {
      ...outer,
      roleDefaults: [...outer.roleDefaults, own.defaults],
      roleVars: [...outer.roleVars, own.vars, ...called],
      params: call.params ? [...outer.params, call.params] : outer.params,
    },
  };
  const meta = roleFile(folder, 'meta', 'main', place);
  const needed = dependenciesOf(meta, place.problems);
  const inDependencies: Place = {
    ...place,
    role,
    keywords: toDependencies,
    file: path.join(folder, 'meta', 'main.yml'),
  };
  const before = needed ? dependencies(needed, inDependencies) : [];
  const keywords: Keywords = {
    ...toDependencies,
    layers: {
      ...toDependencies.layers,
      roleDefaults: [...before.flatMap(({ defaults }) => defaults), ...outer.roleDefaults, own.defaults],
      roleVars: [...outer.roleVars, ...before.flatMap(({ vars }) => vars), own.vars, ...called],
      rolePath: folder,
      roleName: role.name,
    },
  };
  const inside: Place = { ...place, role, keywords };
  return {
    tasks: [...before.flatMap(({ tasks }) => tasks), ...roleTasks(folder, call, inside)],
    handlers: [...before.flatMap(({ handlers }) => handlers), ...roleHandlers(folder, call, inside)],
    defaults: [...before.flatMap(({ defaults }) => defaults), own.defaults],
    vars: [...before.flatMap(({ vars }) => vars), own.vars],
  };
}

/** The handlers and variables of a role that is part of a play from the start. */
export function joinPlay({ handlers, defaults, vars }: RoleContent, play: PlayDraft): void {
  play.handlers.push(...handlers.filter((handler) => !play.handlers.includes(handler)));
  play.roleDefaults.push(...defaults);
  play.roleVars.push(...vars);
}

// A role may call itself with another `tasks_from`.
function isSame(a: RoleDraft, b: RoleDraft): boolean {
  return a.path === b.path && a.from === b.from;
}

function isCycle(role: RoleDraft): boolean {
  for (let outer = role.parent; outer; outer = outer.parent) if (isSame(outer, role)) return true;
  return false;
}

function wayOf(role: RoleDraft): string {
  const way = [role.name];
  for (let outer = role.parent; outer; outer = outer.parent) {
    way.unshift(outer.name);
    if (isSame(outer, role)) break;
  }
  return way.join(' > ');
}

/** The file that a role has for a purpose; undefined where it has none. */
function roleFile(folder: string, kind: string, name: string, { loader, problems }: Place): Node | undefined {
  const file = roleFilePath(folder, kind, name);
  return file === undefined ? undefined : tryParse(loader, file, problems);
}

function roleFilePath(folder: string, kind: string, name: string): string | undefined {
  return findVariableFiles(path.join(folder, kind), name.replace(/\.(ya?ml|json)$/, ''))[0];
}

function missing(folder: string, kind: string, from: string, span: Span, { loader, problems }: Place): void {
  const where = path.relative(loader.cwd, path.join(folder, kind));
  problems.error('file.missing', `the role has no file \`${from}\` in ${where}`, { span });
}

function dependenciesOf(meta: Node | undefined, problems: Problems): Node | undefined {
  if (meta?.kind !== 'map') return undefined;
  const list = meta.entries.find(({ key }) => key === 'dependencies')?.value;
  if (!list || list.kind === 'list' || (list.kind === 'scalar' && list.value === null)) return list;
  problems.error('schema.wrong-type', '`dependencies` must be a list of roles', { span: list.span });
  return undefined;
}

function roleVariables(
  folder: string,
  kind: 'defaults' | 'vars',
  from: string | undefined,
  span: Span,
  place: Place,
): Variables {
  const { loader, problems } = place;
  const name = (from ?? 'main').replace(/\.(ya?ml|json)$/, '');
  const files = findVariableFiles(path.join(folder, kind), name);
  if (files.length === 0 && from !== undefined) missing(folder, kind, from, span, place);
  const key = files.join('\n');
  const known = loader.variables.get(key);
  if (known) return known;
  const all: Variables = new Map(
    files.flatMap((file) => [
      ...compileVariables(readVariablesNode(readSource(file, loader.cwd), problems), problems),
    ]),
  );
  loader.variables.set(key, all);
  return all;
}

function roleTasks(folder: string, call: RoleCall, place: Place): readonly TaskNode[] {
  const file = roleFilePath(folder, 'tasks', call.tasksFrom ?? 'main');
  if (file === undefined) {
    if (call.tasksFrom !== undefined) missing(folder, 'tasks', call.tasksFrom, call.span, place);
    return [];
  }
  const node = tryParse(place.loader, file, place.problems);
  return node ? place.loader.tasks(node, { ...place, file, chain: [...place.chain, file] }) : [];
}

function roleHandlers(folder: string, call: RoleCall, place: Place): readonly Task[] {
  const file = roleFilePath(folder, 'handlers', call.handlersFrom ?? 'main');
  if (file === undefined) {
    if (call.handlersFrom !== undefined) missing(folder, 'handlers', call.handlersFrom, call.span, place);
    return [];
  }
  const known = place.play.roleHandlers.get(file);
  if (known) return known;
  const before = place.problems.errors.length;
  const node = tryParse(place.loader, file, place.problems);
  const handlers = node ? readHandlers(node, { ...place, file }) : [];
  if (place.problems.errors.length === before) place.play.roleHandlers.set(file, handlers);
  return handlers;
}
