import { ERROR_CODES, type ErrorCode } from '../../base/errors.ts';
import { EVENTS } from '../../events/schemas.ts';
import { expressionReference } from '../../expression/reference.ts';
import { modules } from '../../modules/index.generated.ts';
import { errorText } from './errors.ts';
import { FINDINGS } from './findings/all.ts';
import { moduleText } from './module.ts';
import { SCHEMA_KINDS, type SchemaKind, schemaText } from '../schema/kinds.ts';
import { playbookLines } from './playbook.ts';
import { fieldTable } from './schema.ts';

const NOTE = '<!-- Made by `npm run generate`. -->';

/** Every generated reference: file name to text. */
export function references(): Record<string, string> {
  return {
    'modules.md': modulesPage(),
    'errors.md': errorsPage(),
    'events.md': eventsPage(),
    'expressions.md': page('Templates and conditions', [expressionReference()]),
    'playbook.md': page('Playbooks', playbookLines()),
    ...Object.fromEntries(
      (Object.keys(SCHEMA_KINDS) as SchemaKind[]).map((kind) => [`${kind}.schema.json`, schemaText(kind)]),
    ),
  };
}

function page(title: string, lines: readonly string[]): string {
  return `${[NOTE, `# ${title}`, '', ...lines].join('\n').trimEnd()}\n`;
}

function modulesPage(): string {
  const sorted = [...modules.values()].sort((a, b) => a.name.localeCompare(b.name));
  const list = sorted.map(({ name, summary }) => `- [\`${name}\`](#${name}): ${summary}`);
  return page('Modules', [...list, '', ...sorted.flatMap((module) => [moduleText(module, 2)])]);
}

function errorsPage(): string {
  const rows = Object.entries(ERROR_CODES).map(
    ([code, text]) => `| \`${code}\` | ${text.replaceAll('|', '\\|')} |`,
  );
  const explained = (Object.keys(FINDINGS) as ErrorCode[]).flatMap((code) => [
    `## ${code}`,
    '',
    errorText(code),
  ]);
  const intro =
    'What files cause is explained below, each code with an example that raises it and the same one mended.';
  return page('Error codes', [intro, '', '| code | meaning |', '|---|---|', ...rows, '', ...explained]);
}

function eventsPage(): string {
  const intro = [
    'With `--output jsonl` each line is one of these events. Every event also has `event` (its name) and `time`',
    '(milliseconds since the epoch on the controller).',
    '',
  ];
  const events = Object.entries(EVENTS).flatMap(([name, schema]) => [
    `## ${name}`,
    '',
    (schema as { description?: string }).description ?? '',
    '',
    ...fieldTable(schema, false),
    '',
  ]);
  return page('Events', [...intro, ...events]);
}
