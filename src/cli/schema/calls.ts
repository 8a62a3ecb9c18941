import type { Module } from '../../module/contract.ts';
import { modules } from '../../modules/index.generated.ts';
import type { Schema } from '../../playbook/check-keywords.ts';
import { RoleArguments, TasksArguments, VarsArguments, META_ACTIONS } from '../../playbook/keywords.ts';
import { COLLECTION_PATTERN, namesOf, SPECIAL } from '../../playbook/module-names.ts';
import { type Json, valueSchema } from './values.ts';

/** A schema for the arguments of each module, and of each word that stands in a module's place. */
export function callDefinitions(): Json {
  const own = sorted().map((module) => [definitionOf(module.name), moduleCall(module)]);
  return Object.fromEntries([...own, ...[...SPECIAL].map((name) => [definitionOf(name), specialCall(name)])]);
}

/** Keys of a task that call something. */
export function callProperties(): Json {
  const own = sorted().flatMap(({ name }) => namesOf(name).map((written) => [written, refTo(name)]));
  return Object.fromEntries([...own, ...[...SPECIAL].map((name) => [name, refTo(name)])]);
}

/** The same keys with the collection before them, as Ansible has it. */
export function collectionProperties(): Json {
  const all = [
    ...sorted().flatMap(({ name }) => namesOf(name).map((written) => [written, name])),
    ...[...SPECIAL].map((name) => [name, name]),
  ];
  return Object.fromEntries(
    all.map(([written, name]) => [`^${COLLECTION_PATTERN}${written!}$`, refTo(name!)]),
  );
}

/** What must be given where no `args` stands beside: the needed arguments of each module. */
export function neededProperties(): Json {
  const own = sorted().flatMap((module) => {
    const { required = [] } = module.params as unknown as Schema;
    if (required.length === 0) return [];
    const list = required.map((each) => `\`${each}\``).join(' and ');
    const needs = {
      type: ['object', 'string'],
      required,
      errorMessage: `\`${module.name}\` needs ${list}.`,
    };
    return namesOf(module.name).map((written) => [written, needs]);
  });
  const file = (name: string, required: string) => [
    name,
    { not: { type: 'null' }, required: [required], errorMessage: `\`${name}\` needs \`${required}\`.` },
  ];
  return Object.fromEntries([
    ...own,
    file('include_tasks', 'file'),
    file('import_tasks', 'file'),
    file('include_role', 'name'),
    file('import_role', 'name'),
  ]);
}

function sorted(): Module[] {
  return [...modules.values()].sort((a, b) => a.name.localeCompare(b.name));
}

function definitionOf(name: string): string {
  return `call.${name}`;
}

function refTo(name: string): Json {
  return { $ref: `#/definitions/${definitionOf(name)}` };
}

/** A map of arguments, nothing where none are needed, and text where the module takes it. */
function moduleCall(module: Module): Json {
  const { summary, name, freeForm } = module;
  const params = module.params as unknown as Schema;
  const conditions: readonly string[] = module.kind === 'control' ? (module.conditions ?? []) : [];
  const known = Object.entries(params.properties ?? {}).map(([key, schema]) => [
    key,
    valueSchema(key, conditions.includes(key) ? { ...schema, condition: true } : schema),
  ]);
  const takesText = freeForm !== undefined;
  const text = takesText
    ? {}
    : {
        pattern: `^\\s*(${Object.keys(params.properties ?? {}).join('|')})=`,
        patternErrorMessage: `\`${name}\` takes its arguments as a map.`,
      };
  return {
    description: summary,
    type: takesText ? ['object', 'string', 'number', 'boolean', 'null'] : ['object', 'string', 'null'],
    properties: Object.fromEntries(known),
    additionalProperties: Boolean(params.additionalProperties),
    ...text,
  };
}

function specialCall(name: string): Json {
  if (name === 'meta') return { description: 'Something that the run itself does.', enum: META_ACTIONS };
  const [table, description] = SPECIALS[name]!;
  const isRole = name.endsWith('role');
  return {
    description,
    type: isRole ? ['object', 'string', 'null'] : ['object', 'string', 'number', 'boolean', 'null'],
    ...keywordMap(table as unknown as Schema),
  };
}

const SPECIALS: Readonly<Record<string, readonly [unknown, string]>> = {
  include_tasks: [TasksArguments, 'Tasks of another file, read when a host gets there.'],
  import_tasks: [TasksArguments, 'Tasks of another file, in place.'],
  include_role: [RoleArguments, 'The tasks of a role, read when a host gets there.'],
  import_role: [RoleArguments, 'The tasks of a role, in place; its variables join the play.'],
  include_vars: [VarsArguments, 'Variables of a file or folder.'],
};

/** The keywords of a table, and no others. */
export function keywordMap(table: Schema): Json {
  const known = Object.entries(table.properties ?? {}).map(([key, schema]) => [
    key,
    valueSchema(key, schema),
  ]);
  return { properties: Object.fromEntries(known), additionalProperties: false };
}
