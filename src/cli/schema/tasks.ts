import type { Schema } from '../../playbook/check-keywords.ts';
import {
  BlockKeywords,
  IncludeKeywords,
  LoopControlKeywords,
  MetaKeywords,
  TaskKeywords,
} from '../../playbook/keywords.ts';
import { notSupported } from '../../playbook/not-supported.ts';
import {
  callDefinitions,
  callProperties,
  collectionProperties,
  keywordMap,
  neededProperties,
} from './calls.ts';
import { type Json, TEMPLATE } from './values.ts';

const TASK_WORDS = Object.keys(TaskKeywords.properties);

/** What all schemas with tasks in them refer to. */
export function taskDefinitions(): Json {
  return {
    tasks: {
      type: ['array', 'null'],
      items: {
        type: 'object',
        if: { anyOf: ['block', 'rescue', 'always'].map(has) },
        then: { $ref: '#/definitions/block' },
        else: { $ref: '#/definitions/task' },
      },
    },
    handlers: { type: ['array', 'null'], items: { $ref: '#/definitions/task' } },
    task: taskSchema(),
    block: blockSchema(),
    loop_control: {
      description: 'Details of the loop.',
      type: ['object', 'null', 'string'],
      pattern: TEMPLATE,
      ...keywordMap(LoopControlKeywords as unknown as Schema),
    },
    needed: { properties: neededProperties() },
    ...callDefinitions(),
  };
}

function taskSchema(): Json {
  const { properties } = keywordMap(TaskKeywords as unknown as Schema);
  return {
    type: 'object',
    properties: {
      ...loops(properties as Json),
      ...callProperties(),
      ...refused('task'),
    },
    patternProperties: collectionProperties(),
    additionalProperties: false,
    allOf: [
      ...refusals('task'),
      only('meta', MetaKeywords as unknown as Schema),
      ...['include_tasks', 'import_tasks', 'include_role', 'import_role', 'include_vars'].map((name) =>
        only(name, IncludeKeywords as unknown as Schema),
      ),
      { if: has('args'), else: { $ref: '#/definitions/needed' } },
      {
        if: {
          propertyNames: { enum: TASK_WORDS.filter((word) => !word.endsWith('action')) },
          minProperties: 1,
        },
        then: { required: ['action'], errorMessage: 'This task names no module.' },
      },
    ],
  };
}

function blockSchema(): Json {
  const { properties } = keywordMap(BlockKeywords as unknown as Schema);
  const inner = Object.fromEntries(
    ['block', 'rescue', 'always'].map((name) => {
      const { description } = (properties as Record<string, Json>)[name]!;
      return [name, { description, $ref: '#/definitions/tasks' }];
    }),
  );
  return {
    type: 'object',
    properties: { ...(properties as Json), ...inner, ...refused('task') },
    required: ['block'],
    additionalProperties: false,
    allOf: refusals('task'),
  };
}

function loops(properties: Json): Json {
  const described = (name: string) => (properties[name] as { description?: string }).description;
  const items = (name: string, type: string) => ({
    description: described(name),
    type: [type, 'string'],
    pattern: TEMPLATE,
    patternErrorMessage:
      type === 'array'
        ? 'Write a list, or a template that gives one.'
        : 'Write a map, or a template that gives one.',
  });
  return {
    ...properties,
    loop: { ...items('loop', 'array'), type: ['array', 'string', 'null'] },
    with_items: items('with_items', 'array'),
    with_list: items('with_list', 'array'),
    with_dict: items('with_dict', 'object'),
    loop_control: { $ref: '#/definitions/loop_control' },
  };
}

function has(name: string): Json {
  return { required: [name] };
}

/** Beside this word only some keywords may stand. */
function only(name: string, table: Schema): Json {
  const known = Object.keys(table.properties ?? {});
  const isImport = name.startsWith('import_');
  const others = TASK_WORDS.filter((word) => !known.includes(word) || (isImport && NOT_OF_IMPORTS.has(word)));
  return {
    if: has(name),
    then: {
      properties: Object.fromEntries(others.map((word) => [word, false])),
      errorMessage: `It cannot stand beside \`${name}\`.`,
    },
  };
}

const NOT_OF_IMPORTS = new Set(['loop', 'with_items', 'with_list', 'with_dict', 'register']);

/** Words of Ansible that are not there: known, so that each is answered with what to write instead. */
export function refused(where: 'play' | 'task'): Json {
  return Object.fromEntries(
    Object.entries(notSupported(where)).map(([word, instead]) => [
      word,
      { description: `Not supported. ${instead}`, doNotSuggest: true },
    ]),
  );
}

export function refusals(where: 'play' | 'task'): Json[] {
  return Object.entries(notSupported(where)).map(([word, instead]) => ({
    properties: { [word]: false },
    errorMessage: `\`${word}\` is not supported. ${instead}`,
  }));
}
