import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Condition } from '../expression/types.ts';
import { SlipwayError } from '../base/errors.ts';
import type { Entry, MapNode, Node } from '../document/node.ts';
import { compileValue, evaluate } from '../expression/value.ts';
import { recordScope } from '../expression/scope.ts';
import { checkKeywords } from './check-keywords.ts';
import { conditions, variables, words } from './fields.ts';
import { ImportPlaybookKeywords } from './keywords.ts';
import { type Loader, type PlaybookContext, tryParse } from './loader.ts';
import { type ImportedWith, readPlay } from './play.ts';
import { readTasks } from './task.ts';
import type { Play, Playbook } from './types.ts';

export type { PlaybookContext } from './loader.ts';

const NOT_IMPORTED: ImportedWith = { vars: new Map(), tags: [], when: [] };

/**
 * Reads a playbook with all that it imports. Everything that is wrong goes to `context.problems`; nothing is thrown.
 * Includes whose names are plain are read, too, so that their errors are found now.
 */
export function loadPlaybook(given: string, context: PlaybookContext): Playbook[] {
  return loadPlaybooks([given], context);
}

/** As `loadPlaybook`, for several: plays are numbered through, and `needs` may name plays of those before. */
export function loadPlaybooks(given: readonly string[], context: PlaybookContext): Playbook[] {
  const cwd = context.cwd ?? process.cwd();
  const loader: Loader = {
    context,
    cwd,
    parsed: new Map(),
    variables: new Map(),
    aheadOfRun: new Set(),
    plays: [],
    tasks: readTasks,
  };
  const playbooks = given.map((written) => {
    const file = path.resolve(cwd, written);
    const before = loader.plays.length;
    if (existsSync(file)) readPlaybook(file, NOT_IMPORTED, [file], loader);
    else
      context.problems.error('file.missing', `there is no playbook at ${written}`, {
        hint: 'Check the path.',
      });
    return { path: file, plays: loader.plays.slice(before) };
  });
  reportOnce(context.problems.errors);
  reportOnce(context.problems.warnings);
  return playbooks;
}

/** A file that is imported twice has its errors twice; they are one to fix. */
function reportOnce(errors: SlipwayError[]): void {
  const seen = new Set<string>();
  const kept = errors.filter(({ code, message, span }) => {
    const key = [code, message, span?.source.path, span?.start].join('\n');
    const fresh = span === undefined || !seen.has(key);
    seen.add(key);
    return fresh;
  });
  errors.splice(0, errors.length, ...kept);
}

function readPlaybook(file: string, imported: ImportedWith, chain: readonly string[], loader: Loader): void {
  const { problems } = loader.context;
  const node = tryParse(loader, file, problems);
  if (!node || (node.kind === 'scalar' && node.value === null)) return;
  if (node.kind !== 'list') {
    problems.error('schema.wrong-type', 'a playbook must be a list of plays', {
      span: node.span,
      hint: 'Start each play with a dash: `- hosts: all`.',
    });
    return;
  }
  for (const item of node.items) readEntry(item, file, imported, chain, loader);
}

function readEntry(
  item: Node,
  file: string,
  imported: ImportedWith,
  chain: readonly string[],
  loader: Loader,
): void {
  if (item.kind !== 'map') {
    loader.context.problems.error('schema.wrong-type', 'a play must be a map', { span: item.span });
    return;
  }
  const call = item.entries.find(({ key }) => /^(ansible\.builtin\.)?import_playbook$/.test(key));
  if (call) return importPlaybook(item, call, file, imported, chain, loader);
  const play: Play | undefined = readPlay(item, file, imported, loader);
  if (play) loader.plays.push(play);
}

function importPlaybook(
  map: MapNode,
  call: Entry,
  file: string,
  outer: ImportedWith,
  chain: readonly string[],
  loader: Loader,
): void {
  const { problems } = loader.context;
  const plain = {
    ...map,
    entries: map.entries.map((each) => (each === call ? { ...call, key: 'import_playbook' } : each)),
  };
  const fields = checkKeywords(
    plain,
    ImportPlaybookKeywords,
    { what: '`import_playbook`', at: 'play' },
    problems,
  );
  const from = { fields, problems };
  const when: readonly Condition[] = conditions(from, 'when');
  const imported: ImportedWith = {
    vars: new Map([...outer.vars, ...variables(from, 'vars')]),
    tags: [...outer.tags, ...words(from, 'tags')],
    when: [...outer.when, ...when],
  };
  const name = nameNow(call, loader);
  if (name === undefined) return;
  const target = path.resolve(path.dirname(file), name);
  const { span } = call.value;
  if (!existsSync(target)) problems.error('file.missing', `there is no playbook at ${name}`, { span });
  else if (chain.includes(target)) {
    const way = [...chain.slice(chain.indexOf(target)), target]
      .map((each) => path.basename(each))
      .join(' > ');
    problems.error('playbook.cycle', `the playbook imports itself: ${way}`, { span });
  } else readPlaybook(target, imported, [...chain, target], loader);
}

function nameNow({ value }: Entry, { context }: Loader): string | undefined {
  try {
    const name = evaluate(compileValue(value, context.problems), recordScope(context.extraVars ?? {}));
    if (typeof name === 'string') return name;
    context.problems.error('schema.wrong-type', '`import_playbook` must be the path of a playbook', {
      span: value.span,
    });
  } catch (error) {
    if (!(error instanceof SlipwayError)) throw error;
    context.problems.add(error);
  }
  return undefined;
}
