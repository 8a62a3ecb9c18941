import path from 'node:path';
import { didYouMean } from '../base/suggest.ts';
import { SlipwayError } from '../base/errors.ts';
import type { Entry, MapNode, Node } from '../document/node.ts';
import type { Condition, Scope, Value } from '../expression/types.ts';
import { compileValue, evaluate } from '../expression/value.ts';
import { checkKeywords, type Fields, isTemplate } from './check-keywords.ts';
import { nodesOf, number, text, value, variables } from './fields.ts';
import { handlerNames, readHandlers } from './handlers.ts';
import { fixedFlag, inherit, NO_KEYWORDS } from './inherit.ts';
import { ORDERS, PlayKeywords, STRATEGIES, TaskKeywords } from './keywords.ts';
import { idsFrom, type Loader, type Place, type PlayDraft } from './loader.ts';
import { readNeeds } from './needs.ts';
import { STRATEGY_INSTEAD } from './not-supported.ts';
import { readPrompts, readVarsFiles } from './play-vars.ts';
import { joinPlay } from './role.ts';
import { readRoleList } from './role-list.ts';
import type { Keywords, Meta, Play, TaskNode, Variables } from './types.ts';

/** What an `import_playbook` gives to the plays that it brings. */
export interface ImportedWith {
  readonly vars: Variables;
  readonly tags: readonly string[];
  readonly when: readonly Condition[];
}

function keywordOfTasks(key: string): string | undefined {
  return Object.hasOwn(TaskKeywords.properties, key)
    ? `\`${key}\` is a keyword of tasks and blocks: write it there.`
    : undefined;
}

/** Reads one play. Undefined (and problems) where it names no hosts. */
export function readPlay(
  map: MapNode,
  file: string,
  imported: ImportedWith,
  loader: Loader,
): Play | undefined {
  const { problems } = loader.context;
  const fields = checkKeywords(
    withoutOddStrategy(map, loader),
    PlayKeywords,
    { what: 'a play', at: 'play', hint: keywordOfTasks },
    problems,
  );
  const from = { fields, problems };
  const hosts = hostsOf(fields, map, loader);
  if (!hosts) return undefined;
  const vars: Variables = new Map([...variables(from, 'vars'), ...imported.vars]);
  const draft = draftOf(loader, file, vars);
  const keywords = playKeywords(fields, imported, loader);
  const place: Place = {
    loader,
    problems,
    play: draft,
    file,
    keywords: { ...keywords, name: undefined },
    ids: idsFrom(`${draft.index}.`),
    chain: [file],
    handlers: false,
    notify: [],
  };
  const varsFiles = readVarsFiles(fields, place);
  const tasks = readSections(fields, place);
  if (fields.has('handlers')) draft.handlers.push(...readHandlers(fields.get('handlers')!.value, place));
  checkNotified(draft, loader);
  return {
    index: draft.index,
    name: nameOf(fields, hosts, draft.scope),
    span: map.span,
    hosts,
    hostsSpan: fields.get('hosts')!.value.span,
    strategy: text(from, 'strategy') === 'linear' ? 'linear' : 'free',
    needs: readNeeds(fields, loader.plays, problems),
    order: ORDERS.find((order) => order === text(from, 'order')) ?? 'inventory',
    serial: value(from, 'serial'),
    maxFailPercentage: number(from, 'max_fail_percentage'),
    gatherFacts: fixedFlag(from, 'gather_facts') ?? true,
    vars,
    connection: connectionOf(fields, loader),
    roleDefaults: draft.roleDefaults,
    roleVars: draft.roleVars,
    varsFiles,
    varsPrompt: readPrompts(fields, place),
    tasks,
    handlers: draft.handlers,
    keywords,
    folder: draft.folder,
  };
}

/** A strategy of Ansible that we do not have is said so, instead of listed as a wrong value. */
function withoutOddStrategy(map: MapNode, { context }: Loader): MapNode {
  const entry = map.entries.find(({ key }) => key === 'strategy');
  const given = entry?.value.kind === 'scalar' ? String(entry.value.value) : undefined;
  const plain = given?.replace(/^ansible\.builtin\./, '');
  if (!entry || plain === undefined || STRATEGIES.some((each) => each === given)) return map;
  if (isTemplate(entry.value)) return map;
  const known = STRATEGIES.find((each) => each === plain);
  if (!known)
    context.problems.error('playbook.not-supported', `the strategy \`${given}\` is not supported`, {
      span: entry.value.span,
      hint: STRATEGY_INSTEAD[plain] ?? didYouMean(plain, STRATEGIES),
    });
  const fixed: Node = {
    ...entry.value,
    kind: 'scalar',
    value: known ?? 'free',
    source: plain,
    quoted: false,
  };
  return { ...map, entries: map.entries.map((each) => (each === entry ? { ...entry, value: fixed } : each)) };
}

function hostsOf(fields: Fields, map: MapNode, { context }: Loader): Value | undefined {
  const entry = fields.get('hosts');
  if (!entry) {
    if (!map.entries.some(({ key }) => key === 'hosts'))
      context.problems.error('schema.missing-key', 'a play needs `hosts`', {
        span: map.entries[0]?.keySpan ?? map.span,
        hint: 'Write `hosts: all`, or the name of a group.',
      });
    return undefined;
  }
  const nodes = nodesOf(entry.value);
  if (nodes.some(isTemplate)) return compileValue(entry.value, context.problems);
  const pattern = nodes.map((node) => (node.kind === 'scalar' ? String(node.value) : '')).join(',');
  return { kind: 'data', data: pattern, span: entry.value.span };
}

function draftOf(loader: Loader, file: string, vars: Variables): PlayDraft {
  return {
    index: loader.plays.length,
    folder: path.dirname(file),
    scope: scopeNow(loader.context.extraVars ?? {}, vars),
    handlers: [],
    roleHandlers: new Map(),
    roleDefaults: [],
    roleVars: [],
    notified: [],
    openHandlers: false,
    laterHandlers: new Set(),
    rolesSeen: new Set(),
  };
}

/** Variables that are known before any host: `-e`, and the play's own as far as they only need these. */
function scopeNow(extra: Readonly<Record<string, unknown>>, vars: Variables): Scope {
  const open = new Set<string>();
  const scope: Scope = {
    get: (name) => {
      if (Object.hasOwn(extra, name)) return extra[name];
      const own = vars.get(name);
      if (!own) return undefined;
      if (open.has(name))
        throw new SlipwayError('variable.cycle', `\`${name}\` is defined by itself`, { span: own.span });
      open.add(name);
      try {
        return evaluate(own, scope);
      } finally {
        open.delete(name);
      }
    },
    has: (name) => Object.hasOwn(extra, name) || vars.has(name),
    names: () => [...Object.keys(extra), ...vars.keys()],
  };
  return scope;
}

function playKeywords(fields: Fields, { tags, when }: ImportedWith, { context }: Loader): Keywords {
  const outer: Keywords = { ...NO_KEYWORDS, tags, when };
  const collections = fields.get('collections');
  if (collections)
    context.problems.warn('playbook.not-supported', '`collections` has no meaning here and is left out', {
      span: collections.keySpan,
    });
  return inherit(outer, fields, context.problems, { ownVars: false });
}

function nameOf(fields: Fields, hosts: Value, scope: Scope): string {
  const node = fields.get('name')?.value;
  if (node?.kind !== 'scalar')
    return hosts.kind === 'data' ? String(hosts.data) : hosts.kind === 'template' ? hosts.text : 'play';
  const written = String(node.value);
  if (!isTemplate(node)) return written;
  return written.replace(/\{\{\s*(\w+)\s*\}\}/g, (mustache, name: string) => {
    const found = scope.has(name) ? scope.get(name) : undefined;
    return typeof found === 'string' || typeof found === 'number' ? String(found) : mustache;
  });
}

const CONNECTION: readonly (readonly [string, string])[] = [
  ['remote_user', 'ansible_user'],
  ['port', 'ansible_port'],
  ['connection', 'ansible_connection'],
];

function connectionOf(fields: Fields, { context }: Loader): Variables {
  const given = CONNECTION.filter(([keyword]) => fields.has(keyword));
  return new Map(
    given.map(([keyword, variable]) => [
      variable,
      compileValue(fields.get(keyword)!.value, context.problems),
    ]),
  );
}

/** pre_tasks, roles, tasks, post_tasks, with handlers flushed after the first, the third and the last. */
function readSections(fields: Fields, place: Place): TaskNode[] {
  const read = (key: string) => {
    const entry: Entry | undefined = fields.get(key);
    return entry ? place.loader.tasks(entry.value, place) : [];
  };
  const roles = fields.get('roles');
  const before = read('pre_tasks');
  const contents = roles ? readRoleList(roles.value, place) : [];
  for (const content of contents) joinPlay(content, place.play);
  const main = [...contents.flatMap(({ tasks }) => tasks), ...read('tasks')];
  const after = read('post_tasks');
  const sections = [before, main, after].filter((section) => section.length > 0);
  return sections.flatMap((section) => [...section, flush(place)]);
}

function flush(place: Place): Meta {
  const { keywords, ids, file } = place;
  const span = { source: { path: file, text: '' }, start: 0, end: 0 };
  // Handlers run whatever tags select; each handler is judged by its own conditions.
  return {
    ...keywords,
    tags: ['always'],
    when: [],
    kind: 'meta',
    id: ids.next(),
    span,
    action: 'flush_handlers',
  };
}

function checkNotified(
  { handlers, notified, openHandlers, laterHandlers }: PlayDraft,
  { context }: Loader,
): void {
  if (openHandlers) return;
  const names = [...new Set([...handlerNames(handlers), ...laterHandlers])];
  for (const { name, span } of notified)
    if (!names.includes(name))
      context.problems.error('playbook.unknown-handler', `there is no handler \`${name}\``, {
        span,
        hint: names.length > 0 ? didYouMean(name, names) : 'The play has no handlers.',
      });
}
