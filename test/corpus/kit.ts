import { readdirSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { PlanOptions } from '../../src/plan/plan.ts';
import { type Found, foundIn } from '../check/kit.ts';

/** One entry of test/corpus/*.yaml: files, and exactly what is found in them. */
export interface CorpusCase {
  readonly case: string;
  /** The tasks of a play for all hosts, which are in tasks.yml: lines and columns are those of this text. */
  readonly tasks?: string;
  /** Keywords of that play, in braces. */
  readonly play?: string;
  /** Other files by path. `site.yml` is what is checked, against `hosts`; h1, h2 and h3 where it is not given. */
  readonly files?: Readonly<Record<string, string>>;
  readonly options?: Partial<PlanOptions>;
  /** One paragraph a finding: `where severity code`; then, indented, message, hint (after `> `) and hosts. */
  readonly finds: string;
}

const folder = new URL('.', import.meta.url);

export function corpus(): readonly (readonly [string, readonly CorpusCase[]])[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => [name, parse(readFileSync(new URL(name, folder), 'utf8')) as CorpusCase[]] as const);
}

/** All files of a case by path, but the inventory where it is the usual one. */
export function filesOf({ tasks, play, files }: CorpusCase): Record<string, string> {
  const site = `- { hosts: all, gather_facts: false, ${play ? `${play}, ` : ''}tasks: [{ import_tasks: tasks.yml }] }\n`;
  return {
    'site.yml': tasks === undefined ? '- { hosts: all, gather_facts: false, tasks: [] }\n' : site,
    ...(tasks === undefined ? {} : { 'tasks.yml': tasks }),
    ...files,
  };
}

export async function findsOf(given: CorpusCase): Promise<string> {
  const found = await foundIn(filesOf(given), given.options);
  return found.map(paragraph).join('');
}

function paragraph({ where, severity, error, message, hint, hosts }: Found): string {
  const lines = [message, ...(hint === undefined ? [] : [`> ${hint}`]), ...(hosts ? [hosts] : [])];
  const text = lines.flatMap((line) => line.split('\n')).map((line) => `  ${line}`.trimEnd());
  return `${[`${where} ${severity} ${error.code}`, ...text].join('\n')}\n`;
}
