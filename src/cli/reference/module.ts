import type { Module } from '../../module/contract.ts';
import { fieldTable } from './schema.ts';

const KINDS: Readonly<Record<Module['kind'], string>> = {
  state:
    'Describes a state: read first, changed only where it differs, read again. Nothing is written in a dry run.',
  query: 'Only reads: it runs in a dry run, too, and reports no change.',
  action: 'Does something each time it runs; in a dry run it only says that it would.',
  control: 'Runs on the controller and touches no host; it runs in a dry run, too.',
};

/** A module as Markdown: for `slipway doc NAME` and docs/generated/modules.md. */
export function moduleText(module: Module, level = 1): string {
  const head = '#'.repeat(level);
  const { name, summary, description, params, returns, examples, kind, freeForm } = module;
  const free = freeForm ? [`A plain string stands for \`${freeForm.param}\`.`, ''] : [];
  const lines = [
    `${head} ${name}`,
    '',
    summary,
    '',
    ...(description ? [dedent(description), ''] : []),
    `_${KINDS[kind]}_`,
    '',
    `${head}# Parameters`,
    '',
    ...free,
    ...fieldTable(params, true),
    '',
    `${head}# Returns`,
    '',
    ...fieldTable(returns, false),
    '',
    ...examples.flatMap(({ title, yaml }) => [
      `${head}# Example: ${title}`,
      '',
      '```yaml',
      dedent(yaml),
      '```',
      '',
    ]),
  ];
  return `${lines.join('\n').trimEnd()}\n`;
}

export function dedent(text: string): string {
  const lines = text
    .replace(/^\s*\n/, '')
    .trimEnd()
    .split('\n');
  const margins = lines
    .filter((line) => line.trim() !== '')
    .map((line) => line.length - line.trimStart().length);
  const margin = Math.min(...margins);
  return lines.map((line) => line.slice(Math.min(margin, line.length - line.trimStart().length))).join('\n');
}
