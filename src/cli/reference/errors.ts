import { ERROR_CODES, type ErrorCode } from '../../base/errors.ts';
import { FINDINGS } from './findings/all.ts';
import type { Files, FindingDoc } from './findings/types.ts';

/** What a code means; of one that files cause, why, with an example that raises it and the same one mended. */
export function errorText(code: ErrorCode): string {
  const docs: Readonly<Partial<Record<ErrorCode, FindingDoc>>> = FINDINGS;
  const doc = docs[code];
  const meaning = ERROR_CODES[code];
  if (!doc) return `${meaning}\n`;
  const { why, broken, mended, tags } = doc;
  return [
    `${meaning} ${why}`,
    ...example(`Broken${tags ? `, with \`--tags ${tags.broken}\`` : ''}:`, broken),
    ...example(`Mended${tags ? `, with \`--tags ${tags.mended}\`` : ''}:`, mended),
    '',
  ].join('\n');
}

function example(title: string, files: Files): string[] {
  const named = typeof files === 'string' ? [] : Object.entries(files);
  if (typeof files === 'string') return ['', title, '', ...fenced('yaml', files)];
  return [
    '',
    title,
    ...named.flatMap(([name, text]) => ['', `\`${name}\``, '', ...fenced(languageOf(name), text)]),
  ];
}

function languageOf(name: string): string {
  return name.endsWith('.yml') ? 'yaml' : 'text';
}

function fenced(language: string, text: string): string[] {
  return [`\`\`\`${language}`, text.trimEnd(), '```'];
}
