import { groupDefinitions, groups, variableDefinitions } from './inventory.ts';
import { entries, playDefinitions } from './playbook.ts';
import { taskDefinitions } from './tasks.ts';
import type { Json } from './values.ts';

interface Kind {
  /** What files it is for; completes a list. */
  readonly files: string;
  readonly make: () => Json;
}

const ref = (name: string): Json => ({ $ref: `#/definitions/${name}` });

/** The kinds of files that there is a schema for. */
export const SCHEMA_KINDS = {
  playbook: {
    files: 'playbooks',
    make: () => ({ ...entries, definitions: { ...playDefinitions(), ...taskDefinitions() } }),
  },
  tasks: {
    files: 'files of tasks (tasks/ of a role, `include_tasks`)',
    make: () => ({ allOf: [ref('tasks')], definitions: taskDefinitions() }),
  },
  handlers: {
    files: 'files of handlers (handlers/ of a role)',
    make: () => ({ allOf: [ref('handlers')], definitions: taskDefinitions() }),
  },
  inventory: {
    files: 'inventories in YAML',
    make: () => ({ ...groups, definitions: { ...groupDefinitions(), ...variableDefinitions() } }),
  },
  vars: {
    files: 'files of variables (group_vars/, host_vars/, defaults/ and vars/ of a role)',
    make: () => ({ allOf: [ref('variables')], definitions: variableDefinitions() }),
  },
} as const satisfies Readonly<Record<string, Kind>>;

export type SchemaKind = keyof typeof SCHEMA_KINDS;

/** The JSON schema (draft 7) of a kind of file, for editors. */
export function schemaText(kind: SchemaKind): string {
  const schema = {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: `Slipway: ${kind}`,
    description: `For ${SCHEMA_KINDS[kind].files}.`,
    ...SCHEMA_KINDS[kind].make(),
  };
  return `${JSON.stringify(schema, null, 1)}\n`;
}
