import { isMap, isPair, isScalar, parseDocument, type Scalar, visit } from 'yaml';
import { modules } from '../../src/modules/index.generated.ts';

/** A place in a file where a name stands, which is renamed to see whether that is found. */
export interface Rename {
  readonly kind: 'module' | 'parameter' | 'file' | 'handler' | 'host' | 'variable' | 'field';
  readonly file: string;
  readonly at: number;
  readonly name: string;
  readonly line: number;
}

const FILES = new Set(['src', 'tasks_from', 'import_playbook', 'import_tasks', 'include_tasks', 'template']);
const CONDITIONS = new Set(['when', 'that', 'until', 'failed_when', 'changed_when']);

/** All names in a file that are worth renaming; `names` are the variables that there are. */
export function renamesIn(file: string, text: string, names: ReadonlySet<string>): Rename[] {
  const found: Rename[] = [];
  const put = (kind: Rename['kind'], at: number, name: string) =>
    found.push({ kind, file, at, name, line: text.slice(0, at).split('\n').length });
  if (file.endsWith('.yml')) structure(text, put, names);
  for (const match of text.matchAll(/\{\{(?![!/]|else)(.*?)\}\}/g))
    uses(match[1]!, match.index + 2, names, put);
  return found;
}

type Put = (kind: Rename['kind'], at: number, name: string) => void;

function structure(text: string, put: Put, names: ReadonlySet<string>): void {
  const document = parseDocument(text);
  visit(document, {
    Pair(_, pair) {
      if (!isScalar(pair.key) || !pair.key.range) return;
      const key = String(pair.key.value);
      if (modules.has(key)) {
        put('module', pair.key.range[0], key);
        if (isMap(pair.value) && key !== 'set_fact')
          for (const item of pair.value.items)
            if (isPair(item) && isScalar(item.key))
              put('parameter', item.key.range![0], String(item.key.value));
      }
      const plain = scalars(pair.value).filter(({ source }) => source && !source.includes('{{'));
      for (const scalar of plain) {
        const at = scalar.range![0] + (scalar.type === 'PLAIN' ? 0 : 1);
        const name = /^[\w.-]+/.exec(scalar.source!)?.[0] ?? '';
        if (FILES.has(key) && name && !scalar.source!.startsWith('/')) put('file', at, name);
        if (key === 'notify') put('handler', at, name);
        if (key === 'hosts' || key === 'delegate_to') put('host', at, name);
        if (CONDITIONS.has(key)) uses(scalar.source!, at, names, put);
      }
    },
  });
}

function scalars(node: unknown): Scalar[] {
  if (isScalar(node)) return [node];
  const items = (node as { items?: unknown[] } | null)?.items ?? [];
  return isMap(node) ? [] : items.filter(isScalar);
}

/** Variables, and the fields of variables, in an expression. */
function uses(text: string, at: number, names: ReadonlySet<string>, put: Put): void {
  const blank = text.replaceAll(/"[^"]*"|'[^']*'/g, (quoted) => ' '.repeat(quoted.length));
  for (const { 0: path, index } of blank.matchAll(/(?<![\w.])[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*/g)) {
    const [first, ...fields] = path.split('.');
    if (!names.has(first!) || blank[index + path.length] === '(') continue;
    put('variable', at + index, first!);
    if (fields.length > 0) put('field', at + index + path.lastIndexOf('.') + 1, fields.at(-1)!);
  }
}

/** The variables that these files define or that are always there. */
export function namesIn(texts: readonly string[]): Set<string> {
  const names = new Set(['inventory_hostname', 'groups', 'hostvars', 'ansible_facts', 'item']);
  for (const text of texts) {
    for (const [, name] of text.matchAll(/\bregister: (\w+)/g)) names.add(name!);
    for (const [, name] of text.matchAll(/^\s*(?:- )?([a-z]\w+):/gm)) names.add(name!);
    for (const [, name] of text.matchAll(/\b([a-z]\w+)=/g)) names.add(name!);
    for (const [, name] of text.matchAll(/\b(ansible_\w+)/g)) names.add(name!);
    for (const [, list] of text.matchAll(/(?:set_fact|vars): \{([^}]*)\}/g))
      for (const [, name] of list!.matchAll(/(\w+):/g)) names.add(name!);
  }
  for (const word of ['if', 'each', 'unless', 'with', 'default', 'replace']) names.delete(word);
  return names;
}
