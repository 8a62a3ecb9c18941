import type { TObject } from 'typebox';
import { type Checked, validateData } from '../base/schema.ts';

export interface ArgumentOptions {
  /** Values that are still templates: what is wrong with them shows when they are rendered. */
  readonly isTemplated?: (value: unknown) => boolean;
  /** The module's name, for messages. */
  readonly module?: string;
}

/** Checks a task's arguments against its module's parameters, with defaults filled in and Ansible's conversions. */
export function checkArguments(params: TObject, data: unknown, options: ArgumentOptions = {}): Checked {
  const schema = 'additionalProperties' in params ? params : closed(params);
  const what = options.module === undefined ? undefined : `\`${options.module}\``;
  return validateData(schema, data ?? {}, { what, isTemplated: options.isTemplated });
}

const closedSchemas = new WeakMap<TObject, TObject>();

/** A parameter that a module does not name is a mistake, so the schema is closed where it does not say otherwise. */
export function closed(params: TObject): TObject {
  let schema = closedSchemas.get(params);
  if (!schema) {
    schema = { ...params, additionalProperties: false } as TObject;
    closedSchemas.set(params, schema);
  }
  return schema;
}

export interface FreeForm {
  /** The parameter that the text stands for. */
  readonly param: string;
  /** Whether `key=value` words are arguments of their own. */
  readonly keyValue?: boolean | undefined;
  /** Names of the module's parameters. */
  readonly known: readonly string[];
}

/**
 * Arguments that were written as one text. `command: uptime` is the text itself; with `keyValue`, words like
 * `chdir=/tmp` whose name is a parameter are taken out, and what is left, as written, is the text.
 */
export function parseFreeForm(text: string, { param, keyValue, known }: FreeForm): Record<string, string> {
  const given: Record<string, string> = {};
  if (!keyValue) return { [param]: text };
  let rest = '';
  for (const { space, word } of wordsOf(text)) {
    const match = /^([A-Za-z_]\w*)=([^]*)$/.exec(word);
    if (match && known.includes(match[1]!) && !Object.hasOwn(given, match[1]!))
      given[match[1]!] = unquote(match[2]!);
    else rest += (rest === '' ? '' : space) + word;
  }
  return rest === '' ? given : { ...given, [param]: rest };
}

/** Words with the space before them; quotes and mustaches hold a word together. */
function* wordsOf(text: string): Iterable<{ space: string; word: string }> {
  const pattern = /(\s*)((?:\{\{[^]*?\}\}|\{%[^]*?%\}|"(?:[^"\\]|\\[^])*"|'[^']*'|\\[^]|[^\s"'\\]|["'\\])+)/g;
  for (const match of text.matchAll(pattern)) yield { space: match[1]!, word: match[2]! };
}

function unquote(value: string): string {
  if (/^'[^']*'$/.test(value)) return value.slice(1, -1);
  return /^"(?:[^"\\]|\\[^])*"$/.test(value) ? value.slice(1, -1).replace(/\\(["\\])/g, '$1') : value;
}
