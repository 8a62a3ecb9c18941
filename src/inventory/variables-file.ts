import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { type Problems, SlipwayError } from '../base/errors.ts';
import { noteInput } from '../base/inputs.ts';
import type { Source, Span } from '../base/span.ts';
import type { MapNode } from '../document/node.ts';
import { parseYaml } from '../document/yaml.ts';
import type { Value } from '../expression/types.ts';
import { compileValue } from '../expression/value.ts';

const EXTENSIONS = ['', '.yml', '.yaml', '.json'];

/** A path as a person would write it: relative to the current folder where it lies below it. */
export function shownPath(file: string, cwd: string): string {
  const relative = path.relative(cwd, file);
  return relative === '' || relative.startsWith('..') ? file : relative;
}

/** Reads a text file. @throws {SlipwayError} file.missing */
export function readSource(file: string, cwd: string, span?: Span): Source {
  noteInput(path.resolve(cwd, file));
  try {
    return { path: shownPath(file, cwd), text: readFileSync(file, 'utf8') };
  } catch (cause) {
    throw new SlipwayError('file.missing', `${shownPath(file, cwd)}: ${whyUnread(cause as Error)}`, {
      span,
      cause,
    });
  }
}

function whyUnread(cause: NodeJS.ErrnoException): string {
  if (cause.code === 'ENOENT') return 'does not exist';
  if (cause.code === 'EISDIR') return 'is a folder, not a file';
  if (cause.code === 'EACCES') return 'may not be read (permission denied)';
  return cause.message;
}

/**
 * Files that hold the variables of `name` in a folder, as Ansible finds them: a folder of files, or `name` with no
 * extension, .yml, .yaml or .json; the first of these that exists.
 */
export function findVariableFiles(folder: string, name: string): string[] {
  for (const extension of EXTENSIONS) {
    const file = path.join(folder, name + extension);
    if (!existsSync(file)) continue;
    if (!statSync(file).isDirectory()) return [file];
    if (extension === '') return filesBelow(file);
  }
  return [];
}

function filesBelow(folder: string): string[] {
  const files: string[] = [];
  for (const item of readdirSync(folder, { withFileTypes: true }).sort((a, b) =>
    a.name < b.name ? -1 : 1,
  )) {
    if (item.name.startsWith('.') || item.name.endsWith('~')) continue;
    const file = path.join(folder, item.name);
    if (statSync(file).isDirectory()) files.push(...filesBelow(file));
    else if (EXTENSIONS.includes(path.extname(item.name))) files.push(file);
  }
  return files;
}

/** The map that a file of variables holds; undefined (and a problem) where it holds something else. */
export function readVariablesNode(source: Source, problems: Problems): MapNode | undefined {
  if (source.text.startsWith('$ANSIBLE_VAULT;')) {
    problems.error('playbook.not-supported', `${source.path} is encrypted with ansible-vault`, {
      span: { source, start: 0, end: '$ANSIBLE_VAULT'.length },
      hint: 'Decrypt it (`ansible-vault decrypt`) outside of version control, or pass its values with -e @file.',
    });
    return undefined;
  }
  const node = parseYaml(source, problems);
  if (!node || (node.kind === 'scalar' && node.value === null)) return undefined;
  if (node.kind === 'map') return node;
  problems.error('schema.wrong-type', 'a file of variables must be a map', {
    span: node.span,
    hint: 'Write one `name: value` a line.',
  });
  return undefined;
}

/** The variables of a map node, compiled. */
export function compileVariables(node: MapNode | undefined, problems: Problems): Map<string, Value> {
  const variables = new Map<string, Value>();
  for (const { key, value } of node?.entries ?? []) variables.set(key, compileValue(value, problems));
  return variables;
}

/** All variables of a YAML or JSON file. @throws {SlipwayError} file.missing */
export function loadVariables(
  file: string,
  cwd: string,
  problems: Problems,
  span?: Span,
): Map<string, Value> {
  return compileVariables(readVariablesNode(readSource(file, cwd, span), problems), problems);
}
