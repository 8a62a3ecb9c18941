import type { Schema } from '../../playbook/check-keywords.ts';
import {
  ImportPlaybookKeywords,
  NeedKeywords,
  PlayKeywords,
  PromptKeywords,
  RoleKeywords,
  STRATEGIES,
} from '../../playbook/keywords.ts';
import { keywordMap } from './calls.ts';
import { refusals, refused } from './tasks.ts';
import type { Json } from './values.ts';

/** What a playbook refers to besides tasks. */
export function playDefinitions(): Json {
  return {
    play: playSchema(),
    import: importSchema(),
    role: roleSchema(),
    need: needSchema(),
    prompt: promptSchema(),
  };
}

/** An entry of a playbook: a play, or another playbook. */
export const entries: Json = {
  type: ['array', 'null'],
  items: {
    type: 'object',
    if: { anyOf: [{ required: ['import_playbook'] }, { required: ['ansible.builtin.import_playbook'] }] },
    then: { $ref: '#/definitions/import' },
    else: { $ref: '#/definitions/play' },
  },
};

function playSchema(): Json {
  const { properties } = keywordMap(PlayKeywords as unknown as Schema);
  const own = properties as Readonly<Record<string, Json>>;
  const described = (name: string, schema: Json) => [
    name,
    { description: own[name]!['description'], ...schema },
  ];
  const list = (items: string): Json => ({
    type: ['array', 'null'],
    items: { $ref: `#/definitions/${items}` },
  });
  return {
    type: 'object',
    properties: {
      ...own,
      ...Object.fromEntries([
        ...['pre_tasks', 'tasks', 'post_tasks'].map((name) =>
          described(name, { $ref: '#/definitions/tasks' }),
        ),
        described('handlers', { $ref: '#/definitions/handlers' }),
        described('roles', list('role')),
        described('vars_prompt', list('prompt')),
        described('needs', {
          if: { type: 'array' },
          then: list('need'),
          else: { $ref: '#/definitions/need' },
        }),
        described('strategy', {
          anyOf: [
            { enum: STRATEGIES },
            { enum: STRATEGIES.map((name) => `ansible.builtin.${name}`), doNotSuggest: true },
          ],
        }),
      ]),
      // Offered where an entry begins.
      import_playbook: {
        description: (ImportPlaybookKeywords.properties.import_playbook as { description?: string })
          .description,
      },
      ...refused('play'),
    },
    required: ['hosts'],
    additionalProperties: false,
    allOf: refusals('play'),
  };
}

function importSchema(): Json {
  const { properties } = keywordMap(ImportPlaybookKeywords as unknown as Schema);
  const own = properties as Json;
  return {
    type: 'object',
    properties: { ...own, 'ansible.builtin.import_playbook': own['import_playbook'] },
    additionalProperties: false,
  };
}

function roleSchema(): Json {
  return {
    type: ['object', 'string'],
    minLength: 1,
    ...keywordMap(RoleKeywords as unknown as Schema),
    additionalProperties: true,
    if: { type: 'object' },
    then: {
      anyOf: [{ required: ['role'] }, { required: ['name'] }],
    },
  };
}

function needSchema(): Json {
  return {
    type: ['object', 'string'],
    ...keywordMap(NeedKeywords as unknown as Schema),
    required: ['play'],
  };
}

function promptSchema(): Json {
  return { type: 'object', ...keywordMap(PromptKeywords as unknown as Schema), required: ['name'] };
}
