import { Problems } from '../../src/base/errors.ts';
import type { Span } from '../../src/base/span.ts';
import { entry } from '../../src/document/node.ts';
import { parseYaml } from '../../src/document/yaml.ts';
import type { Value } from '../../src/expression/types.ts';
import { compileValue } from '../../src/expression/value.ts';
import { inventoryOf } from '../../src/inventory/load.ts';
import type { Inventory, InventoryGroup, InventoryHost } from '../../src/inventory/types.ts';
import type { Keywords, Play, Task, TaskNode, Variables } from '../../src/playbook/types.ts';
import type { PlannedPlay } from '../../src/plan/types.ts';

export const span: Span = { source: { path: 'test.yml', text: '' }, start: 0, end: 0 };

/** Variables as a file would give them. */
export function variables(yaml: string): Variables {
  const problems = new Problems();
  const node = parseYaml({ path: 'test.yml', text: yaml }, problems);
  problems.throwIfAny();
  if (node?.kind !== 'map') return new Map();
  return new Map(
    node.entries.map(({ key }): [string, Value] => [key, compileValue(entry(node, key)!.value, problems)]),
  );
}

/** Hosts with their variables, groups with their hosts. */
export function inventory(hosts: Record<string, string>, groups: Record<string, string[]> = {}): Inventory {
  const names = Object.keys(hosts);
  const of = (name: string): InventoryHost => ({
    name,
    groups: Object.keys(groups).filter((group) => groups[group]!.includes(name)),
    variables: variables(hosts[name]!),
  });
  const group = ([name, members]: [string, string[]]): [string, InventoryGroup] => [
    name,
    { name, hosts: members, children: [], allHosts: members, variables: new Map() },
  ];
  const all = [['all', names] as [string, string[]], ...Object.entries(groups)];
  return inventoryOf(new Map(names.map((name) => [name, of(name)])), new Map(all.map(group)));
}

export const keywords: Keywords = {
  tags: [],
  when: [],
  become: {},
  environment: [],
  runOnce: false,
  layers: { roleDefaults: [], roleVars: [], vars: [], params: [] },
};

let count = 0;

export function task(name: string, tags: string[] = []): Task {
  const none = { changedWhen: [], failedWhen: [], until: [], conditions: {}, notify: [], listen: [] };
  const args = { kind: 'map', entries: [], span } as const;
  const id = `0.${(count += 1)}`;
  return {
    ...keywords,
    ...none,
    kind: 'task',
    id,
    name: { kind: 'data', data: name, span },
    tags,
    span,
    module: 'ping',
    args,
    argsSpan: span,
  };
}

export function play(more: Partial<Play> = {}): Play {
  return {
    index: 0,
    name: 'play',
    span,
    hosts: { kind: 'data', data: 'all', span },
    hostsSpan: span,
    strategy: 'free',
    gatherFacts: false,
    vars: new Map(),
    varsFiles: [],
    varsPrompt: [],
    tasks: [],
    handlers: [],
    keywords,
    folder: '.',
    ...more,
  };
}

export function planned(given: Play, hosts: string[]): PlannedPlay {
  return { play: given, hosts, batches: [hosts], tasks: given.tasks as TaskNode[], handlers: [] };
}
