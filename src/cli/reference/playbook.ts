import { KEYWORD_TABLES, META_ACTIONS } from '../../playbook/keywords.ts';
import { fieldTable } from './schema.ts';

/** The words of the playbook language, as tables. */
export function playbookLines(): string[] {
  const intro = [
    'Every word that a playbook may hold besides the modules and their arguments. Values may be templates, except where',
    'they are needed before any host is known (names of variables, tags, `needs`, `strategy`, `run_once`).',
    '',
    'A play without `needs` waits for all plays before it. A need that is only a name is for the host (`scope: host`)',
    'where every host of the play is in the other one, and else for all its hosts (`scope: all`).',
    '',
    `\`meta\` can be ${META_ACTIONS.map((action) => `\`${action}\``).join(', ')}.`,
    '',
  ];
  return [
    ...intro,
    ...KEYWORD_TABLES.flatMap(({ title, table }) => [`## ${title}`, '', ...fieldTable(table, false), '']),
  ];
}
