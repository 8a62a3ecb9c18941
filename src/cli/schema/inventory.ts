import { ConnectionVariables } from '../../inventory/connection-variables.ts';
import type { Schema } from '../../playbook/check-keywords.ts';
import { keywordMap } from './calls.ts';
import type { Json } from './values.ts';

/** Variables: any name, and those that say how a host is reached. */
export function variableDefinitions(): Json {
  const { properties } = keywordMap(ConnectionVariables as unknown as Schema);
  const own = Object.entries(properties as Record<string, Typed>).map(([name, schema]) => [
    name,
    unset(schema),
  ]);
  return {
    variables: { type: ['object', 'null'], properties: Object.fromEntries(own), additionalProperties: true },
  };
}

interface Typed {
  readonly type: string | readonly string[];
  readonly pattern?: string;
}

/** Nothing and the empty text stand for what is not set. */
function unset(schema: Typed): Json {
  const { pattern } = schema;
  return {
    ...schema,
    type: [schema.type, 'null'].flat(),
    ...(pattern === undefined ? {} : { pattern: `${pattern}|^$` }),
  };
}

/** What an inventory refers to besides variables. */
export function groupDefinitions(): Json {
  return {
    groups: {
      type: ['object', 'null'],
      propertyNames: {
        pattern: '^[^\\s:\\[\\]]+$',
        patternErrorMessage: 'This cannot be the name of a group.',
      },
      additionalProperties: { $ref: '#/definitions/group' },
    },
    group: {
      type: ['object', 'null'],
      properties: {
        hosts: {
          description: 'Hosts by name, each with its own variables; `n[01:50]` stands for fifty.',
          $ref: '#/definitions/hosts',
        },
        children: { description: 'Groups inside this one.', $ref: '#/definitions/groups' },
        vars: { description: 'Variables of all hosts of the group.', $ref: '#/definitions/groupVariables' },
      },
      additionalProperties: false,
    },
    hosts: {
      type: ['object', 'string', 'null'],
      errorMessage: 'Write each host as a key with a colon: `n1:`.',
      additionalProperties: { description: 'A host, with its variables.', $ref: '#/definitions/variables' },
    },
    groupVariables: {
      type: ['object', 'null'],
      properties: {
        ansible_group_priority: {
          description: 'Of groups of the same depth, the one with the higher number wins; 1 by default.',
          type: ['integer', 'string', 'null', 'boolean'],
          pattern: '^\\s*[-+]?\\d*\\s*$',
          patternErrorMessage: 'Write a whole number.',
        },
      },
      allOf: [{ $ref: '#/definitions/variables' }],
    },
  };
}

/** The groups of an inventory. */
export const groups: Json = {
  type: ['object', 'null'],
  properties: {
    all: { description: 'All hosts.', $ref: '#/definitions/group' },
    ungrouped: { description: 'Hosts that are in no other group.', $ref: '#/definitions/group' },
    plugin: { doNotSuggest: true, description: 'Not supported.' },
  },
  allOf: [
    { $ref: '#/definitions/groups' },
    {
      properties: { plugin: false },
      errorMessage:
        'Inventory plugins are not supported: use an executable inventory that prints JSON for `--list`.',
    },
  ],
};
