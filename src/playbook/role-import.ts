import type { Entry, MapNode, Node } from '../document/node.ts';
import type { Value } from '../expression/types.ts';
import { compileValue } from '../expression/value.ts';
import { checkKeywords, type Fields, isTemplate } from './check-keywords.ts';
import { inherit } from './inherit.ts';
import { RoleArguments } from './keywords.ts';
import type { Place } from './loader.ts';
import { joinPlay, readRole } from './role.ts';
import { readRoleList } from './role-list.ts';
import { textNow } from './target.ts';
import { importFields } from './tasks-import.ts';
import type { TaskNode } from './types.ts';

/** Reads `import_role`: the tasks of the role, in place; its handlers and variables join the play. */
export function readRoleImport(map: MapNode, call: Entry, place: Place): TaskNode[] {
  const { problems, play } = place;
  const fields = importFields(map, call, 'import_role', place);
  const keywords = inherit(place.keywords, fields, problems);
  const args = roleArguments(call, fields, place);
  if (!args) return [];
  const names = ['name', 'tasks_from', 'vars_from', 'defaults_from', 'handlers_from'] as const;
  const now = Object.fromEntries(
    names.map((key) => {
      const value = args.get(key);
      return [key, value && textNow(value, 'import_role', place)];
    }),
  );
  if (now.name === undefined) return [];
  const content = readRole(
    {
      name: now.name,
      span: call.value.span,
      keywords,
      tasksFrom: now.tasks_from,
      varsFrom: now.vars_from,
      defaultsFrom: now.defaults_from,
      handlersFrom: now.handlers_from,
    },
    place,
    readRoleList,
  );
  if (!content) return [];
  joinPlay(content, play);
  return [...content.tasks];
}

/** The arguments of import_role and include_role by name; `name` is always there. */
export function roleArguments(
  call: Entry,
  fields: Fields,
  { problems }: Place,
): Map<string, Value> | undefined {
  const maps = [call.value, fields.get('args')?.value].filter(
    (node): node is MapNode => node?.kind === 'map',
  );
  const args = new Map<string, Value>();
  for (const map of maps)
    for (const [key, entry] of checkKeywords(
      map,
      RoleArguments,
      { what: `\`${call.key}\``, at: 'task' },
      problems,
    ))
      args.set(key, compileValue(entry.value, problems));
  const plain = nameIn(call.value);
  if (plain) args.set('name', compileValue(plain, problems));
  if (args.has('name')) return args;
  problems.error('schema.missing-key', `\`${call.key}\` names no role`, {
    span: call.value.span,
    hint: `Write \`${call.key}: {name: ROLE}\`.`,
  });
  return undefined;
}

/** `include_role: common` and `include_role: name=common`. */
function nameIn(node: Node): Node | undefined {
  if (node.kind !== 'scalar' || typeof node.value !== 'string') return undefined;
  const named = /^\s*name=(\S+)\s*$/.exec(node.value);
  return named && !isTemplate(node) ? { ...node, value: named[1]!, source: named[1]!, quoted: true } : node;
}
