import type { TSchema } from 'typebox';

interface Plain {
  type?: string;
  const?: unknown;
  anyOf?: Plain[];
  items?: Plain;
  enum?: unknown[];
  properties?: Record<string, Plain>;
  required?: string[];
  description?: string;
  default?: unknown;
}

/** The type of a schema in a few words: `string`, `list of strings`, `present | absent`. */
export function typeText(schema: TSchema): string {
  const plain = schema as Plain;
  if (plain.const !== undefined) return String(plain.const);
  if (plain.enum) return plain.enum.map(String).join(' | ');
  if (plain.anyOf) return [...new Set(plain.anyOf.map((part) => typeText(part as TSchema)))].join(' | ');
  if (plain.type === 'array') return plain.items ? `list of ${typeText(plain.items as TSchema)}` : 'list';
  if (plain.type === 'object') return 'mapping';
  return plain.type ?? 'any';
}

export interface Field {
  readonly name: string;
  readonly type: string;
  readonly required: boolean;
  readonly default: string | undefined;
  readonly description: string;
}

/** The fields of an object schema, in the order written. */
export function fieldsOf(schema: TSchema): Field[] {
  const { properties = {}, required = [] } = schema as Plain;
  return Object.entries(properties).map(([name, field]) => ({
    name,
    type: typeText(field as TSchema),
    required: required.includes(name),
    default: field.default === undefined ? undefined : JSON.stringify(field.default),
    description: field.description ?? '',
  }));
}

/** Fields as a Markdown table; empty where there are none. */
export function fieldTable(schema: TSchema, withDefaults: boolean): string[] {
  const fields = fieldsOf(schema);
  if (fields.length === 0) return ['None.'];
  const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll('\n', ' ');
  const head = withDefaults ? '| name | type | default | |' : '| name | type | |';
  const rule = withDefaults ? '|---|---|---|---|' : '|---|---|---|';
  const rows = fields.map(({ name, type, required, default: otherwise, description }) => {
    const given = withDefaults ? ` ${required ? '**needed**' : cell(otherwise ?? '')} |` : '';
    return `| \`${name}\` | ${cell(type)} |${given} ${cell(description)} |`;
  });
  return [head, rule, ...rows];
}
