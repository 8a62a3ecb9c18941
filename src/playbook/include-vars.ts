import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import { SlipwayError } from '../base/errors.ts';
import type { Span } from '../base/span.ts';
import type { Entry, MapNode } from '../document/node.ts';
import type { Value } from '../expression/types.ts';
import { compileValue } from '../expression/value.ts';
import { findVariableFiles, loadVariables } from '../inventory/variables-file.ts';
import { checkKeywords, type Fields } from './check-keywords.ts';
import { filePlaces, findFile } from './files.ts';
import { VarsArguments } from './keywords.ts';
import { type Place, placesOf } from './loader.ts';
import type { IncludedTasks, Variables } from './types.ts';

export interface VarsTarget {
  readonly target: Value;
  readonly folder: boolean;
  /** All variables become one map of this name. */
  readonly into?: string | undefined;
}

/** Reads the arguments of include_vars: a file, or `{file, dir, name}`. */
export function varsTarget(call: Entry, fields: Fields, { problems }: Place): VarsTarget | undefined {
  if (call.value.kind === 'scalar' && call.value.value !== null)
    return { target: compileValue(call.value, problems), folder: false };
  const maps = [call.value, fields.get('args')?.value].filter(
    (node): node is MapNode => node?.kind === 'map',
  );
  const where = { what: '`include_vars`', at: 'task' } as const;
  const written = new Map(maps.flatMap((map) => [...checkKeywords(map, VarsArguments, where, problems)]));
  const given = written.get('file') ?? written.get('dir');
  if (!given) {
    problems.error('schema.missing-key', '`include_vars` names no file', {
      span: call.value.span,
      hint: 'Write `include_vars: file.yml`.',
    });
    return undefined;
  }
  const into = written.get('name')?.value;
  return {
    target: compileValue(given.value, problems),
    folder: !written.has('file'),
    into: into?.kind === 'scalar' ? String(into.value) : undefined,
  };
}

/** The variables of an included file or folder. */
export function readIncludedVars(name: string, how: VarsTarget, span: Span, place: Place): IncludedTasks {
  const { problems, loader } = place;
  try {
    const files = how.folder ? filesIn(name, span, place) : [findFile(name, 'vars', placesOf(place), span)];
    const all: Variables = new Map(
      files.flatMap((file) => [...loadVariables(file, loader.cwd, problems, span)]),
    );
    return {
      tasks: [],
      handlers: [],
      variables: how.into === undefined ? all : wrapped(how.into, all, span),
    };
  } catch (error) {
    problems.add(error);
    return { tasks: [], handlers: [], variables: new Map() };
  }
}

function filesIn(name: string, span: Span, place: Place): string[] {
  const candidates = filePlaces(name, 'vars', placesOf(place));
  const folder = candidates.find((each) => existsSync(each) && statSync(each).isDirectory());
  if (folder === undefined)
    throw new SlipwayError('file.missing', `there is no folder \`${name}\``, { span, data: { candidates } });
  return findVariableFiles(path.dirname(folder), path.basename(folder));
}

function wrapped(name: string, all: Variables, span: Span): Variables {
  const entries = [...all].map(([key, value]) => ({ key, keySpan: value.span, value }));
  return new Map([[name, { kind: 'map', entries, span }]]);
}
