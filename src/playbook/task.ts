import { nearest } from '../base/suggest.ts';
import type { Entry, MapNode, Node } from '../document/node.ts';
import type { Module } from '../module/contract.ts';
import { moduleArguments } from './arguments.ts';
import { readBlock } from './block.ts';
import { checkKeywords, type Schema, unknownKey } from './check-keywords.ts';
import { conditions, number, values, words } from './fields.ts';
import { type IncludeModule, readInclude } from './include.ts';
import { inherit } from './inherit.ts';
import { PlayKeywords, TaskKeywords } from './keywords.ts';
import type { Place } from './loader.ts';
import { loopOf } from './loop.ts';
import { readMeta } from './meta.ts';
import { moduleName, SPECIAL, unknownModuleHint } from './module-names.ts';
import { insteadOf } from './not-supported.ts';
import { readRoleImport } from './role-import.ts';
import { noteNotified, registerOf } from './task-parts.ts';
import { readTasksImport } from './tasks-import.ts';
import type { Task, TaskNode } from './types.ts';
import { rewriteAction } from './action.ts';

const KEYWORDS = new Set(Object.keys(TaskKeywords.properties));

/** Reads a list of tasks; what is wrong is reported and left out. */
export function readTasks(list: Node, place: Place): TaskNode[] {
  if (list.kind === 'scalar' && list.value === null) return [];
  if (list.kind !== 'list') {
    place.problems.error('schema.wrong-type', 'tasks must be a list', {
      span: list.span,
      hint: 'Start each task with a dash: `- name: ...`.',
    });
    return [];
  }
  return list.items.flatMap((item) => readTask(item, place));
}

function readTask(node: Node, place: Place): TaskNode[] {
  const { problems } = place;
  if (node.kind !== 'map') {
    problems.error('schema.wrong-type', 'a task must be a map', {
      span: node.span,
      hint: 'Write `- module: arguments`.',
    });
    return [];
  }
  const given = rewriteAction(node, problems);
  if (!given) return [];
  if (given.entries.some(({ key }) => key in BLOCK_ONLY)) return readBlock(given, place);
  const called = calledBy(given, place);
  if (!called) return [];
  const { entry, name } = called;
  if (name === 'import_tasks') return readTasksImport(given, entry, place);
  if (name === 'import_role') return readRoleImport(given, entry, place);
  if (name === 'meta') return readMeta(given, entry, place);
  if (SPECIAL.has(name)) return readInclude(name as IncludeModule, given, entry, place);
  return readModuleTask(given, entry, place.loader.context.modules.get(name)!, place);
}

const BLOCK_ONLY: Readonly<Record<string, true>> = { block: true, rescue: true, always: true };

interface Called {
  readonly entry: Entry;
  /** Without the collection. */
  readonly name: string;
}

/** The one key of a task that names a module. */
function calledBy(map: MapNode, place: Place): Called | undefined {
  const { problems } = place;
  const { modules } = place.loader.context;
  const others = map.entries.filter(({ key }) => !KEYWORDS.has(key));
  const known = others.flatMap((entry): Called[] => {
    const name = moduleName(entry.key, modules);
    return modules.has(name) || SPECIAL.has(name) ? [{ entry, name }] : [];
  });
  if (known.length === 1) return known[0];
  const [first, second] = known;
  if (first && second) {
    problems.error(
      'playbook.no-module',
      `a task names two modules: \`${first.entry.key}\` and \`${second.entry.key}\``,
      {
        span: second.entry.keySpan,
        hint: 'Make two tasks of it.',
      },
    );
    return undefined;
  }
  const play = others.find(({ key }) => key === 'hosts' || key === 'import_playbook');
  if (play) {
    problems.error('playbook.no-module', 'this is a play, not a task', {
      span: play.keySpan,
      hint: 'Put it into a playbook; files of tasks hold tasks only.',
    });
    return undefined;
  }
  const unknown = others.filter((entry) => !reportedAsKeyword(entry, place));
  for (const entry of unknown) unknownModule(entry, map, place);
  if (others.length === 0)
    problems.error('playbook.no-module', 'this task names no module', {
      span: map.span,
      hint: 'Write the module and its arguments: `command: uptime`.',
    });
  return undefined;
}

function reportedAsKeyword(entry: Entry, place: Place): boolean {
  const names = [...place.loader.context.modules.keys(), ...SPECIAL];
  if (insteadOf(entry.key, 'task') === undefined) {
    const near = nearest(entry.key, [...names, ...KEYWORDS]);
    if (near === undefined || !KEYWORDS.has(near)) return false;
  }
  unknownKey(entry, { what: 'a task', at: 'task' }, KEYWORDS, place.problems);
  return true;
}

function unknownModule({ key, keySpan }: Entry, task: MapNode, place: Place): void {
  const register = task.entries.find((entry) => entry.key === 'register')?.value;
  const defines = register?.kind === 'scalar' ? [String(register.value)] : [];
  place.problems.error('playbook.unknown-module', `there is no module \`${key}\``, {
    span: keySpan,
    hint: unknownModuleHint(key, place.loader.context.modules),
    data: { defines },
  });
}

/** A key beside a module that is an argument of it, or a keyword of plays. */
function belongs(key: string, call: string, { params }: Module): string | undefined {
  if (Object.hasOwn(PlayKeywords.properties, key)) return `\`${key}\` is a keyword of plays.`;
  const { properties = {} } = params as unknown as Schema;
  return Object.hasOwn(properties, key)
    ? `\`${key}\` is an argument: write it below \`${call}:\`, with more space before it.`
    : undefined;
}

function readModuleTask(map: MapNode, call: Entry, module: Module, place: Place): Task[] {
  const { problems } = place;
  const where = {
    what: 'a task',
    at: 'task',
    others: (key: string) => key === call.key,
    hint: (key: string) => belongs(key, call.key, module),
  } as const;
  const fields = checkKeywords(map, TaskKeywords, where, problems);
  const from = { fields, problems };
  const keywords = inherit(place.keywords, fields, problems);
  const before = problems.errors.length;
  const { args, conditions: given } = moduleArguments(module, call, fields.get('args'), place);
  const faulty = problems.errors.length > before;
  noteNotified(fields.get('notify'), place);
  const task: Task = {
    ...keywords,
    kind: 'task',
    id: place.ids.next(),
    span: map.span,
    module: module.name,
    args,
    argsSpan: call.value.span,
    ...(faulty ? { faulty } : {}),
    loop: loopOf(fields, problems),
    register: registerOf(fields, place),
    changedWhen: conditions(from, 'changed_when'),
    failedWhen: conditions(from, 'failed_when'),
    until: conditions(from, 'until'),
    conditions: given,
    retries: number(from, 'retries'),
    delay: number(from, 'delay'),
    notify: [
      ...place.notify.flatMap((entry) =>
        values({ fields: new Map([['notify', entry]]), problems }, 'notify'),
      ),
      ...values(from, 'notify'),
    ],
    listen: words(from, 'listen'),
  };
  return [task];
}
