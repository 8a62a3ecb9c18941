import type { Problems } from '../base/errors.ts';
import { didYouMean } from '../base/suggest.ts';
import type { Entry, MapNode, Node } from '../document/node.ts';
import { compileValue } from '../expression/value.ts';
import { type Draft, groupIn, hostIn, type Origin } from './draft.ts';
import { setGroupVariable } from './ini.ts';
import { readHostEntry } from './ranges.ts';

const KEYS = ['hosts', 'children', 'vars'];

interface Reader {
  readonly draft: Draft;
  readonly origin: Origin;
  readonly problems: Problems;
}

/** Reads a YAML inventory: a map of groups, each with `hosts`, `children` and `vars`. */
export function readYaml(root: Node, draft: Draft, origin: Origin, problems: Problems): void {
  if (isNull(root)) return;
  if (root.kind !== 'map') {
    problems.error('schema.wrong-type', 'an inventory must be a map of groups', {
      span: root.span,
      hint: 'Start with `all:` and put `hosts:` below it.',
    });
    return;
  }
  const reader: Reader = { draft, origin, problems };
  const plugin = root.entries.find(({ key }) => key === 'plugin');
  if (plugin) {
    problems.error('playbook.not-supported', 'inventory plugins are not supported', {
      span: plugin.keySpan,
      hint: 'Use an executable inventory that prints JSON for `--list`.',
    });
    return;
  }
  for (const entry of root.entries) readGroup(entry, reader);
}

function isNull(node: Node): boolean {
  return node.kind === 'scalar' && node.value === null;
}

function readGroup({ key, keySpan, value }: Entry, reader: Reader): void {
  const { draft, problems } = reader;
  if (/[\s:[\]]/.test(key) || key === '') {
    problems.error('schema.invalid-value', `\`${key}\` cannot be the name of a group`, { span: keySpan });
    return;
  }
  groupIn(draft, key).declared = true;
  const body = asMap(value, `the group \`${key}\``, problems);
  for (const part of body?.entries ?? []) {
    if (part.key === 'vars') readVars(key, part, reader);
    else if (part.key === 'children') readChildren(key, part, reader);
    else if (part.key === 'hosts') readHosts(key, part.value, reader);
    else
      problems.error('schema.unknown-key', `\`${part.key}\` is not known in a group`, {
        span: part.keySpan,
        hint: `${didYouMean(part.key, KEYS)} Groups inside a group go under \`children\`.`,
      });
  }
}

function asMap(node: Node, what: string, problems: Problems): MapNode | undefined {
  if (node.kind === 'map') return node;
  if (!isNull(node)) problems.error('schema.wrong-type', `${what} must be a map`, { span: node.span });
  return undefined;
}

function readVars(group: string, part: Entry, { draft, problems }: Reader): void {
  for (const { key, value } of asMap(part.value, '`vars`', problems)?.entries ?? [])
    setGroupVariable(draft, group, key, value, problems);
}

function readChildren(group: string, part: Entry, reader: Reader): void {
  const { draft, problems } = reader;
  const names = part.value.kind === 'list' ? part.value : undefined;
  if (names) {
    problems.error('schema.wrong-type', '`children` must be a map', {
      span: part.value.span,
      hint: 'Write each group as a key with a colon: `web:`.',
    });
    return;
  }
  for (const child of asMap(part.value, '`children`', problems)?.entries ?? []) {
    groupIn(draft, group).children.set(child.key, child.keySpan);
    readGroup(child, reader);
  }
}

function readHosts(group: string, node: Node, reader: Reader): void {
  if (node.kind === 'scalar' && typeof node.value === 'string') {
    readHost(group, { key: node.value, keySpan: node.span, value: { ...node, value: null } }, reader);
    return;
  }
  if (node.kind === 'list') {
    reader.problems.error('schema.wrong-type', '`hosts` must be a map', {
      span: node.span,
      hint: 'Write each host as a key with a colon: `n1:`.',
    });
    return;
  }
  for (const host of asMap(node, '`hosts`', reader.problems)?.entries ?? []) readHost(group, host, reader);
}

function readHost(group: string, { key, keySpan, value }: Entry, reader: Reader): void {
  const { draft, origin, problems } = reader;
  try {
    const { names, port } = readHostEntry(key);
    const hosts = names.map((name) => hostIn(draft, name, origin));
    for (const { name } of hosts) groupIn(draft, group).hosts.add(name);
    if (port !== undefined) {
      const data = compileValue(
        { kind: 'scalar', span: keySpan, value: port, source: String(port), quoted: false },
        problems,
      );
      for (const { variables } of hosts) variables.set('ansible_port', data);
    }
    for (const variable of asMap(value, `the host \`${key}\``, problems)?.entries ?? []) {
      const compiled = compileValue(variable.value, problems);
      for (const { variables } of hosts) variables.set(variable.key, compiled);
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    problems.error('schema.invalid-value', error.message, { span: keySpan });
  }
}
