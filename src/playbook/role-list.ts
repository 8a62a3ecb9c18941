import path from 'node:path';
import type { Entry, MapNode, Node } from '../document/node.ts';
import { toData } from '../document/node.ts';
import type { Value } from '../expression/types.ts';
import { compileValue } from '../expression/value.ts';
import { checkKeywords } from './check-keywords.ts';
import { text, variables } from './fields.ts';
import { inherit } from './inherit.ts';
import { RoleKeywords } from './keywords.ts';
import type { Place } from './loader.ts';
import { type RoleCall, type RoleContent, readRole } from './role.ts';
import { roleRunsAgain } from './role-once.ts';

const KEYWORDS = new Set([...Object.keys(RoleKeywords.properties), 'src', 'version']);

/** Reads `roles:` of a play or `dependencies:` of a role. The same role with the same parameters runs once in a play. */
export function readRoleList(list: Node, place: Place): readonly RoleContent[] {
  if (list.kind !== 'list') return [];
  return list.items.flatMap((item) => {
    const call = roleCall(item, place);
    if (!call) return [];
    const key = JSON.stringify([call.name, item.kind === 'map' ? toData(item) : {}]);
    if (place.play.rolesSeen.has(key) && !isAround(call.name, place) && !roleRunsAgain(call, place))
      return [];
    place.play.rolesSeen.add(key);
    const content = readRole(call, place, readRoleList);
    return content ? [content] : [];
  });
}

/** Whether a dependency names a role that it is needed by; reading it says so. */
function isAround(name: string, { role }: Place): boolean {
  for (let outer = role; outer; outer = outer.parent) if (outer.name === path.basename(name)) return true;
  return false;
}

function roleCall(node: Node, place: Place): RoleCall | undefined {
  const { problems } = place;
  if (node.kind === 'scalar' && typeof node.value === 'string' && node.value !== '')
    return { name: node.value.trim(), span: node.span, keywords: place.keywords };
  if (node.kind !== 'map') {
    problems.error('schema.wrong-type', 'a role must be a name or a map', {
      span: node.span,
      hint: 'Write `- name` or `- role: name`.',
    });
    return undefined;
  }
  const where = { what: 'a role', at: 'task', others: () => true } as const;
  const fields = checkKeywords(node, RoleKeywords, where, problems);
  const from = { fields, problems };
  const name = text(from, 'role') ?? text(from, 'name');
  if (name === undefined) {
    problems.error('schema.missing-key', 'a role has no name', {
      span: node.span,
      hint: 'Write `- role: name`.',
    });
    return undefined;
  }
  return {
    name,
    span: (fields.get('role') ?? fields.get('name'))!.value.span,
    keywords: { ...inherit(place.keywords, fields, problems, { ownVars: false }), name: undefined },
    vars: variables(from, 'vars'),
    params: paramsOf(node, place),
  };
}

/** All keys of a role entry that are no keywords. */
function paramsOf(node: MapNode, { problems }: Place): ReadonlyMap<string, Value> | undefined {
  const params = node.entries.filter(({ key }: Entry) => !KEYWORDS.has(key));
  if (params.length === 0) return undefined;
  return new Map(params.map(({ key, value }) => [key, compileValue(value, problems)]));
}
