import type { Problems } from '../base/errors.ts';
import type { Source, Span } from '../base/span.ts';
import { didYouMean } from '../base/suggest.ts';
import type { Node } from '../document/node.ts';
import { compileValue } from '../expression/value.ts';
import { type Draft, groupIn, hostIn, type Origin } from './draft.ts';
import { readIniValue } from './python-literal.ts';
import { readHostEntry } from './ranges.ts';
import { splitWords, type Word } from './words.ts';

type Kind = 'hosts' | 'vars' | 'children';
const KINDS: readonly Kind[] = ['hosts', 'vars', 'children'];
const VARIABLE = /^[A-Za-z_]\w*$/;

interface Reader {
  readonly draft: Draft;
  readonly problems: Problems;
  readonly origin: Origin;
  /** Names given in the present section, for duplicates. */
  readonly given: Set<string>;
}

interface Line {
  readonly text: string;
  readonly source: Source;
  readonly start: number;
}

/** Reads an INI inventory into the draft; goes on after an error, so that all are found. */
export function readIni(source: Source, draft: Draft, origin: Origin, problems: Problems): void {
  const reader: Reader = { draft, problems, origin, given: new Set() };
  let group = 'ungrouped';
  let kind: Kind = 'hosts';
  for (const line of linesOf(source)) {
    if (line.text === '' || /^[#;]/.test(line.text)) continue;
    const section = readSection(line, reader);
    if (section === 'wrong') continue;
    if (section) {
      ({ group, kind } = section);
      reader.given.clear();
      const target = groupIn(draft, group);
      if (kind !== 'vars') target.declared = true;
      else if (!target.declared) pendingVars(target.name, line, reader);
      continue;
    }
    if (kind === 'hosts') hostLine(line, group, reader);
    else if (kind === 'vars') variableLine(line, group, reader);
    else childLine(line, group, reader);
  }
}

// `[g:vars]` may stand before `[g]`: the check is made when everything is read, at the place of the section.
const varsSections = new WeakMap<Draft, { group: string; span: Span }[]>();

function pendingVars(group: string, line: Line, reader: Reader): void {
  const list = varsSections.get(reader.draft) ?? [];
  list.push({ group, span: spanOf(line, 1, 1 + group.length) });
  varsSections.set(reader.draft, list);
}

/** `[x:vars]` sections of groups that nothing else names, once all sources are read. */
export function varsOfNoGroup(draft: Draft): readonly { readonly group: string; readonly span: Span }[] {
  return varsSections.get(draft) ?? [];
}

function* linesOf(source: Source): Generator<Line> {
  let at = source.text.startsWith('\uFEFF') ? 1 : 0;
  while (at <= source.text.length) {
    const end = source.text.indexOf('\n', at);
    const raw = source.text.slice(at, end === -1 ? undefined : end);
    const text = raw.trim();
    yield { text, source, start: at + (raw.length - raw.trimStart().length) };
    if (end === -1) return;
    at = end + 1;
  }
}

function spanOf(line: Line, start = 0, end = line.text.length): Span {
  return { source: line.source, start: line.start + start, end: line.start + end };
}

function readSection(line: Line, { problems }: Reader): { group: string; kind: Kind } | 'wrong' | undefined {
  const match = /^\[([^:\]\s]+)(?::(\w+))?\]\s*(?:#.*)?$/.exec(line.text);
  if (!match) {
    if (!line.text.startsWith('[') || /^\[[^\]]*::?[^\]]*\]/.test(line.text)) return undefined;
    problems.error('ini.syntax', `\`${line.text}\` is not a section`, {
      span: spanOf(line),
      hint: 'Write [group], [group:vars] or [group:children].',
    });
    return 'wrong';
  }
  const kind = match[2] ?? 'hosts';
  if (KINDS.includes(kind as Kind)) return { group: match[1]!, kind: kind as Kind };
  const start = line.text.indexOf(':') + 1;
  problems.error('ini.syntax', `\`${kind}\` is not a kind of section`, {
    span: spanOf(line, start, start + kind.length),
    hint: didYouMean(kind, KINDS),
  });
  return 'wrong';
}

function hostLine(line: Line, group: string, reader: Reader): void {
  const { draft, problems, origin } = reader;
  try {
    const { words, cut } = splitWords(line.text);
    const first = words[0];
    if (!first) return;
    const entry = readHostEntry(first.text);
    if (cut !== undefined) warnCut(line, cut, problems);
    const hosts = entry.names.map((name) => hostIn(draft, name, origin));
    for (const host of hosts) groupIn(draft, group).hosts.add(host.name);
    const own = new Set<string>();
    const set = (name: string, node: Node) => {
      const value = compileValue(node, problems);
      for (const host of hosts) host.variables.set(name, value);
    };
    if (entry.port !== undefined)
      set('ansible_port', portNode(entry.port, spanOf(line, first.start, first.end)));
    for (const word of words.slice(1)) {
      const pair = hostVariable(word, line, own, problems);
      if (pair) set(pair.name, pair.node);
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const at = Number(/at column (\d+)/.exec(error.message)?.[1] ?? 1) - 1;
    const message = error.message.replace(/ at column \d+/, '');
    problems.error('ini.syntax', message, { span: spanOf(line, at) });
  }
}

function portNode(port: number, span: Span): Node {
  return { kind: 'scalar', span, value: port, source: String(port), quoted: false };
}

function warnCut(line: Line, cut: number, problems: Problems): void {
  problems.warn('ini.syntax', 'what follows # is a comment, even in the middle of a word', {
    span: spanOf(line, cut, cut + 1),
    hint: 'Put the value in quotes if the # belongs to it.',
  });
}

function hostVariable(word: Word, line: Line, own: Set<string>, problems: Problems) {
  const equals = word.text.indexOf('=');
  const span = spanOf(line, word.start, word.end);
  if (equals < 1) {
    problems.error('ini.syntax', `\`${word.text}\` is not a variable`, {
      span,
      hint: 'After the host name come variables as name=value; values with spaces need quotes.',
    });
    return undefined;
  }
  const name = word.text.slice(0, equals);
  if (!checkName(name, spanOf(line, word.start, word.start + name.length), own, problems)) return undefined;
  const text = word.text.slice(equals + 1);
  // Inside quotes the text starts one later; the span covers what is the value in either case.
  const offset = line.text.indexOf(text, word.start + equals + 1);
  const start = offset >= 0 && offset + text.length <= word.end ? offset : word.start + equals + 1;
  return { name, node: readIniValue(text, spanOf(line, start, Math.min(start + text.length, word.end))) };
}

function checkName(name: string, span: Span, given: Set<string>, problems: Problems): boolean {
  if (!VARIABLE.test(name)) {
    problems.error('ini.syntax', `\`${name}\` is not a name for a variable`, {
      span,
      hint: 'Names have letters, digits and _, and do not start with a digit.',
    });
    return false;
  }
  if (given.has(name)) {
    problems.error('ini.syntax', `the variable \`${name}\` is given twice`, {
      span,
      hint: 'Remove one of them.',
    });
    return false;
  }
  given.add(name);
  return true;
}

function variableLine(line: Line, group: string, { draft, problems, given }: Reader): void {
  const equals = line.text.indexOf('=');
  if (equals < 1) {
    problems.error('ini.syntax', `\`${line.text}\` is not a variable`, {
      span: spanOf(line),
      hint: 'In a [group:vars] section each line is name=value.',
    });
    return;
  }
  const name = line.text.slice(0, equals).trim();
  if (!checkName(name, spanOf(line, 0, name.length), given, problems)) return;
  const value = line.text.slice(equals + 1).trim();
  const node = readIniValue(value, spanOf(line, line.text.length - value.length));
  setGroupVariable(draft, group, name, node, problems);
}

/** Group variables; `ansible_group_priority` is a property of the group, not a variable. */
export function setGroupVariable(
  draft: Draft,
  group: string,
  name: string,
  node: Node,
  problems: Problems,
): void {
  const target = groupIn(draft, group);
  if (name !== 'ansible_group_priority') {
    target.variables.set(name, compileValue(node, problems));
    return;
  }
  const priority = node.kind === 'scalar' ? Number(node.value) : Number.NaN;
  if (Number.isInteger(priority)) target.priority = priority;
  else
    problems.error('schema.wrong-type', '`ansible_group_priority` must be a whole number', {
      span: node.span,
    });
}

function childLine(line: Line, group: string, { draft, problems }: Reader): void {
  const match = /^([^:\]\s]+)\s*(?:#.*)?$/.exec(line.text);
  if (!match) {
    problems.error('ini.syntax', `\`${line.text}\` is not the name of a group`, {
      span: spanOf(line),
      hint: 'In a [group:children] section each line is the name of one group.',
    });
    return;
  }
  const name = match[1]!;
  groupIn(draft, name);
  groupIn(draft, group).children.set(name, spanOf(line, 0, name.length));
}
