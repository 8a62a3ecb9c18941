import { ERROR_CODES, type ErrorCode, SlipwayError } from '../base/errors.ts';
import { didYouMean } from '../base/suggest.ts';
import { CALLABLE, functionText } from '../expression/function-docs.ts';
import { HELPERS } from '../expression/helpers.ts';
import { helperText } from '../expression/reference.ts';
import { modules } from '../modules/index.generated.ts';
import { KEYWORD_TABLES, META_ACTIONS } from '../playbook/keywords.ts';
import { moduleName } from '../playbook/module-names.ts';
import { errorText } from './reference/errors.ts';
import { moduleText } from './reference/module.ts';
import { fieldsOf } from './reference/schema.ts';

/** `slipway doc [NAME]`: what a name means wherever it means something; without a name, all of them. */
export async function docCommand(name: string | undefined): Promise<number> {
  process.stdout.write(name === undefined ? docList() : docText(name));
  return 0;
}

/** All names that `slipway doc` knows, by group. */
export function docList(): string {
  const sorted = [...modules.values()].sort((a, b) => a.name.localeCompare(b.name));
  return [
    ...described(
      'Modules',
      sorted.map(({ name, summary }) => [name, summary]),
    ),
    ...named('Keywords of playbooks', keywords()),
    ...named('Helpers of templates', [...HELPERS.keys()]),
    ...named('Functions of conditions', CALLABLE),
    ...described('Errors', Object.entries(ERROR_CODES)),
    'slipway doc NAME tells more of one.',
    '',
  ].join('\n');
}

/** What a name means, as Markdown. @throws {SlipwayError} usage, where it means nothing */
export function docText(name: string): string {
  const texts = [moduleDoc(name), keywordDoc(name), helperDoc(name), functionDoc(name), errorDoc(name)];
  const found = texts.filter((text) => text !== undefined);
  if (found.length > 0) return found.join('\n');
  throw new SlipwayError('usage', `nothing is called \`${name}\``, {
    hint: didYouMean(name, allNames()),
  });
}

function moduleDoc(name: string): string | undefined {
  const module = modules.get(moduleName(name, modules));
  return module && moduleText(module);
}

function keywordDoc(name: string): string | undefined {
  const places = KEYWORD_TABLES.flatMap(({ title, table }) => {
    const field = fieldsOf(table).find((each) => each.name === name);
    return field ? [{ title, ...field }] : [];
  });
  if (META_ACTIONS.some((action) => action === name))
    return `# ${name}\n\nA value of \`meta\`: \`- meta: ${name}\`.\n`;
  if (places.length === 0) return undefined;
  // Words that mean the same at several places are told once.
  const meanings = new Map<string, string[]>();
  for (const { title, type, description } of places) {
    const meaning = `${description} _(${type})_`;
    meanings.set(meaning, [...(meanings.get(meaning) ?? []), title]);
  }
  const lines = [...meanings].map(([meaning, titles]) => `- ${titles.join('; ')}: ${meaning}`);
  return `# ${name} (keyword)\n\n${lines.join('\n')}\n`;
}

function helperDoc(name: string): string | undefined {
  const helper = HELPERS.get(name);
  return helper && `# ${name} (helper of templates)\n\n${helperText(helper)}\n`;
}

function functionDoc(name: string): string | undefined {
  const plain = name.replace(/\(\)$/, '');
  const found = CALLABLE.filter((each) => each === plain || each === `.${plain}`);
  if (found.length === 0) return undefined;
  return `# ${plain} (conditions)\n\n${found.map(functionText).join('\n')}\n`;
}

function errorDoc(name: string): string | undefined {
  return Object.hasOwn(ERROR_CODES, name)
    ? `# ${name} (error)\n\n${errorText(name as ErrorCode)}`
    : undefined;
}

function keywords(): string[] {
  return [...new Set(KEYWORD_TABLES.flatMap(({ table }) => fieldsOf(table).map(({ name }) => name)))].sort();
}

function allNames(): string[] {
  return [
    ...modules.keys(),
    ...keywords(),
    ...META_ACTIONS,
    ...HELPERS.keys(),
    ...CALLABLE,
    ...Object.keys(ERROR_CODES),
  ];
}

function described(title: string, rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([name]) => name.length));
  return [`${title}:`, ...rows.map(([name, text]) => `  ${name.padEnd(width)}  ${text}`), ''];
}

const WIDTH = 100;

/** Names side by side, broken into lines. */
function named(title: string, names: readonly string[]): string[] {
  const lines: string[] = [];
  for (const name of names) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + name.length + 2 <= WIDTH)
      lines[lines.length - 1] = `${last}  ${name}`;
    else lines.push(`  ${name}`);
  }
  return [`${title}:`, ...lines, ''];
}
