import path from 'node:path';
import type { Entry, MapNode, Node } from '../document/node.ts';
import type { Value } from '../expression/types.ts';
import { compileValue } from '../expression/value.ts';
import { checkKeywords, type Fields } from './check-keywords.ts';
import { findFile } from './files.ts';
import { inherit } from './inherit.ts';
import { IncludeKeywords, TasksArguments } from './keywords.ts';
import { type Place, placesOf, tryParse } from './loader.ts';
import { textNow } from './target.ts';
import type { TaskNode } from './types.ts';

/** Reads `import_tasks`: the tasks of the file, in place. */
export function readTasksImport(map: MapNode, call: Entry, place: Place): TaskNode[] {
  const { problems } = place;
  const fields = importFields(map, call, 'import_tasks', place);
  const keywords = inherit(place.keywords, fields, problems);
  const target = fileArgument(call, fields, place)?.target;
  const name = target && textNow(target, 'import_tasks', place);
  if (name === undefined) return [];
  try {
    const file = findFile(name, place.handlers ? 'handlers' : 'tasks', placesOf(place), call.value.span);
    if (place.chain.includes(file)) {
      const way = [...place.chain.slice(place.chain.indexOf(file)), file].map((each) => path.basename(each));
      problems.error('playbook.cycle', `\`${name}\` imports itself: ${way.join(' > ')}`, {
        span: call.value.span,
      });
      return [];
    }
    const node = tryParse(place.loader, file, problems, call.value.span);
    if (!node) return [];
    return place.loader.tasks(node, { ...place, file, keywords, chain: [...place.chain, file] });
  } catch (error) {
    problems.add(error);
    return [];
  }
}

/** Keywords beside an import; it cannot loop or be registered, since it is gone when the run starts. */
export function importFields(map: MapNode, call: Entry, what: string, { problems }: Place): Fields {
  const where = { what: `\`${what}\``, at: 'task', others: (key: string) => key === call.key } as const;
  const fields = checkKeywords(map, IncludeKeywords, where, problems);
  for (const key of ['loop', 'with_items', 'with_list', 'with_dict', 'register']) {
    const entry = fields.get(key);
    if (entry)
      problems.error('playbook.not-supported', `\`${what}\` cannot have \`${key}\``, {
        span: entry.keySpan,
        hint: `Use \`${what.replace('import', 'include')}\`.`,
      });
  }
  return fields;
}

/** The file of include_tasks or import_tasks, as text or as `{file: ...}`, with `args` beside it. */
export function fileArgument(
  call: Entry,
  fields: Fields,
  { problems }: Place,
): { readonly target: Value; readonly apply?: MapNode | undefined } | undefined {
  const given = call.value;
  const args = fields.get('args')?.value;
  const maps = [given, args].filter((node): node is MapNode => node?.kind === 'map');
  const written = new Map<string, Entry>();
  for (const map of maps)
    for (const [key, entry] of checkKeywords(
      map,
      TasksArguments,
      { what: `\`${call.key}\``, at: 'task' },
      problems,
    ))
      written.set(key, entry);
  const file: Node | undefined =
    given.kind === 'scalar' && given.value !== null ? given : written.get('file')?.value;
  if (!file) {
    problems.error('schema.missing-key', `\`${call.key}\` names no file`, {
      span: given.span,
      hint: `Write \`${call.key}: file.yml\`.`,
    });
    return undefined;
  }
  const apply = written.get('apply')?.value;
  return { target: compileValue(file, problems), apply: apply?.kind === 'map' ? apply : undefined };
}
