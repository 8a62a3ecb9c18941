import type { TSchema } from 'typebox';
import { modules } from '../../modules/index.generated.ts';
import {
  BlockKeywords,
  ImportPlaybookKeywords,
  KEYWORD_TABLES,
  META_ACTIONS,
  PlayKeywords,
  TaskKeywords,
} from '../../playbook/keywords.ts';
import { SPECIAL } from '../../playbook/module-names.ts';
import { fieldTable } from './schema.ts';

/** The words of the playbook language, as tables. */
export function playbookLines(): string[] {
  const intro = [
    'Every word that a playbook may hold besides the modules and their arguments. Values may be templates, except where',
    'they are needed before any host is known (names of variables, tags, `needs`, `strategy`, `run_once`).',
    '',
    'A play without `needs` waits for all plays before it. A need that is only a name is for the host (`scope: host`)',
    'where every host of the play is in the other one, and else for all its hosts (`scope: all`).',
    '',
    `\`meta\` can be ${META_ACTIONS.map((action) => `\`${action}\``).join(', ')}.`,
    '',
  ];
  return [
    ...intro,
    ...KEYWORD_TABLES.flatMap(({ title, table }) => [`## ${title}`, '', ...fieldTable(table, false), '']),
  ];
}

type Json = Readonly<Record<string, unknown>>;

/** A JSON schema (draft 7) of playbooks, for editors. */
export function playbookSchema(): string {
  const task = {
    type: 'object',
    properties: { ...widened(TaskKeywords), ...calls() },
    additionalProperties: false,
  };
  const block = {
    type: 'object',
    properties: widened(BlockKeywords),
    required: ['block'],
    additionalProperties: false,
  };
  const tasks = {
    type: 'array',
    items: { anyOf: [{ $ref: '#/definitions/block' }, { $ref: '#/definitions/task' }] },
  };
  const sections = ['pre_tasks', 'tasks', 'post_tasks', 'handlers'];
  const play = object(
    PlayKeywords,
    ['hosts'],
    Object.fromEntries(sections.map((name) => [name, { $ref: '#/definitions/tasks' }])),
  );
  const parts = {
    block: { $ref: '#/definitions/tasks' },
    rescue: { $ref: '#/definitions/tasks' },
    always: { $ref: '#/definitions/tasks' },
  };
  const schema = {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Slipway playbook',
    type: 'array',
    items: { anyOf: [play, object(ImportPlaybookKeywords, ['import_playbook'], {})] },
    definitions: { tasks, task, block: { ...block, properties: { ...block.properties, ...parts } } },
  };
  return `${JSON.stringify(schema, null, 1)}\n`;
}

function object(table: TSchema, required: readonly string[], more: Json): Json {
  return {
    type: 'object',
    properties: { ...widened(table), ...more },
    required,
    additionalProperties: false,
  };
}

/** Modules by name, as a map of arguments or as text. */
function calls(): Json {
  const special = [...SPECIAL].map((name) => [name, {}]);
  const own = [...modules.values()].map(({ name, summary, params }) => {
    const map = {
      ...object(params, (params as { required?: readonly string[] }).required ?? [], {}),
      additionalProperties: 'additionalProperties' in params,
    };
    return [name, { description: summary, anyOf: [map, { type: ['string', 'null'] }] }];
  });
  return Object.fromEntries([...special, ...own]);
}

/** A template may stand for a value of any type, and yes or no for a boolean. */
function widened(table: TSchema): Json {
  const { properties } = table as unknown as { properties: Readonly<Record<string, Json>> };
  const text = { type: 'string', pattern: '\\{\\{|^(yes|no|on|off)$' };
  return Object.fromEntries(
    Object.entries(properties).map(([name, schema]) => {
      const { description, static: fixed, condition: _, own: _own, ...plain } = schema;
      const wide = fixed || plain['type'] === 'string' || Object.keys(plain).length === 0;
      return [name, wide ? { description, ...plain } : { description, anyOf: [plain, text] }];
    }),
  );
}
