import { CALLABLE, functionText } from './function-docs.ts';
import { HELPERS } from './helpers.ts';
import type { Helper } from './helper.ts';

/** One helper as Markdown: what it does, its options, an example with what comes out. */
export function helperText(helper: Helper): string {
  const { name, summary, example, named } = helper;
  const options = named ? ` Options: ${named.map((option) => `\`${option}=\``).join(', ')}.` : '';
  const given = example.variables ? ` with \`${JSON.stringify(example.variables)}\`` : '';
  return `- **\`${name}\`**: ${summary}${options}\n  \`${example.template}\`${given} gives \`${JSON.stringify(example.gives)}\``;
}

/** All helpers of templates and all functions of conditions as Markdown, for the generated reference. */
export function expressionReference(): string {
  const helpers = [...HELPERS.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  return [
    '## Helpers of templates',
    '',
    'Blocks: `{{#if x}}`, `{{#unless x}}`, `{{#each list as |item index|}}`, `{{#with map}}`, each with `{{else}}`;',
    '`{{{{raw}}}} ... {{{{/raw}}}}` for text that is not a template.',
    '',
    ...helpers.map(helperText),
    '',
    '## Functions of conditions',
    '',
    'Conditions (`when`, `changed_when`, `failed_when`, `until`, `assert`) are CEL. Each example below holds. Operators:',
    '`==`, `!=`, `<`, `<=`, `>`, `>=`, `in`, `&&`, `||`, `!`, `+`, `-`, `*`, `/`, `%`, `a ? b : c`.',
    '',
    ...CALLABLE.map(functionText),
  ].join('\n');
}
