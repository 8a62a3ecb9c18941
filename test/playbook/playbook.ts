import { Type } from 'typebox';
import { Problems } from '../../src/base/errors.ts';
import { locate } from '../../src/base/span.ts';
import type { Value } from '../../src/expression/types.ts';
import { rawData } from '../../src/inventory/json.ts';
import { defineControl, type Module } from '../../src/module/contract.ts';
import { loadPlaybooks } from '../../src/playbook/load.ts';
import type { Playbook, Task, TaskNode } from '../../src/playbook/types.ts';
import { folderOf } from '../kit/folder.ts';

const text = (description: string) => Type.Optional(Type.String({ description }));

function toy(name: string, params: ReturnType<typeof Type.Object>, more: object = {}): Module {
  return defineControl({
    name,
    summary: `A ${name} for tests.`,
    params,
    returns: Type.Object({}),
    examples: [],
    evaluate: () => ({ result: {} }),
    ...more,
  }) as Module;
}

/** Small stand-ins, so that these tests do not change when a module does. */
export const TOYS: ReadonlyMap<string, Module> = new Map(
  [
    toy(
      'command',
      Type.Object({
        cmd: text('What to run.'),
        creates: text('Skip if this is there.'),
        chdir: text('Where.'),
      }),
      {
        freeForm: { param: 'cmd' },
      },
    ),
    toy(
      'file',
      Type.Object({
        path: Type.String({ description: 'The path.' }),
        mode: Type.Optional(Type.Union([Type.String(), Type.Number()])),
        state: Type.Optional(
          Type.Union([Type.Literal('file'), Type.Literal('absent'), Type.Literal('directory')]),
        ),
        recurse: Type.Optional(Type.Boolean()),
        retries: Type.Optional(Type.Integer({ minimum: 1 })),
      }),
    ),
    toy('debug', Type.Object({ msg: text('Text.'), var: text('Variable.') }), {
      variables: ['var'],
      freeForm: { param: 'msg', keyValue: true },
    }),
    toy('assert', Type.Object({ that: Type.Array(Type.String()), fail_msg: text('Text.') }), {
      conditions: ['that'],
    }),
    toy(
      'set_fact',
      Type.Object({ cacheable: Type.Optional(Type.Boolean()) }, { additionalProperties: true }),
    ),
    toy('systemd', Type.Object({ name: Type.String(), state: text('State.') })),
  ].map((module) => [module.name, module]),
);

export interface Loaded {
  readonly playbooks: readonly Playbook[];
  readonly problems: Problems;
  /** `file:line:col code: message` of each error. */
  readonly found: readonly string[];
  readonly folder: string;
}

/** Loads the first file of a folder of files. */
export function load(
  files: Readonly<Record<string, string>>,
  extraVars: Record<string, unknown> = {},
): Loaded {
  const problems = new Problems();
  const folder = folderOf(files);
  const playbooks = loadPlaybooks([Object.keys(files)[0]!], {
    modules: TOYS,
    problems,
    cwd: folder,
    extraVars,
  });
  const found = problems.errors.map(
    (error) => `${error.span ? locate(error.span) : '-'} ${error.code}: ${error.message}`,
  );
  return { playbooks, problems, found, folder };
}

export const raw = (value: Value | undefined): unknown => value && rawData(value);

/** The tasks as `name or module`, blocks opened, flushes and other metas as `meta:...`. */
export function outline(nodes: readonly TaskNode[]): string[] {
  return nodes.flatMap((node): string[] => {
    if (node.kind === 'meta') return [`meta:${node.action}`];
    if (node.kind === 'block')
      return [
        ...outline(node.tasks),
        ...outline(node.rescue).map((line) => `rescue ${line}`),
        ...outline(node.always).map((line) => `always ${line}`),
      ];
    const name = node.name === undefined ? undefined : String(raw(node.name));
    if (node.kind === 'include') return [`include_${node.what}:${String(raw(node.target))}`];
    return [name ?? node.module];
  });
}

export function taskNamed(nodes: readonly TaskNode[], name: string): Task {
  const all = (list: readonly TaskNode[]): readonly TaskNode[] =>
    list.flatMap((node) =>
      node.kind === 'block' ? all([...node.tasks, ...node.rescue, ...node.always]) : [node],
    );
  const found = all(nodes).find((node) => node.kind === 'task' && raw(node.name) === name);
  if (found?.kind !== 'task') throw new Error(`no task ${name}`);
  return found;
}
