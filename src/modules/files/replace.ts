import { Type } from 'typebox';
import { defineState } from '../../module/contract.ts';
import { editFile, editParams } from './edit-file.ts';
import { replaceAll } from './edit-replace.ts';
import { fileReturns } from './file-result.ts';
import { pythonRegExp } from './python-regexp.ts';
import { byWay, type Way, way } from './way.ts';

export const replace = defineState({
  name: 'replace',
  summary: 'Every match of a pattern in a file, replaced.',
  description:
    "As `ansible.builtin.replace`: `^` and `$` match at lines, the dot stops at line breaks. Patterns are Python's `re` (see `lineinfile`). Choose a pattern that no longer matches what it made, or each run changes the file again; a task that still finds something to replace after it ran fails and says so. Not there: `encoding` (always UTF-8).",
  params: Type.Object({
    ...editParams,
    regexp: Type.String({ description: 'What to look for.', minLength: 1 }),
    replace: Type.Optional(
      Type.String({ default: '', description: 'What takes its place; `\\1` and `\\g<name>` are groups.' }),
    ),
    after: Type.Optional(Type.String({ description: 'Only what comes after this pattern.' })),
    before: Type.Optional(Type.String({ description: 'Only what comes before this pattern.' })),
  }),
  returns: Type.Object(fileReturns),
  elsewhere: {
    destfile: 'Write `path`.',
    name: 'Write `path`.',
    encoding: 'It is always UTF-8.',
  },
  examples: [
    {
      title: 'switch a section on',
      given: "printf '[a]\\non = no\\n[b]\\non = no\\n' > /etc/slipway.ini",
      yaml: `
        - replace:
            path: /etc/slipway.ini
            after: '\\[b\\]'
            regexp: '^(on\\s*=\\s*)no$'
            replace: '\\1yes'
      `,
    },
  ],

  prepare: (p): Way => {
    const edit = (text: string) => replaceAll(text, { ...p, replace: p.replace ?? '' });
    pythonRegExp(p.regexp);
    return way(editFile(p, { edit, settled: 'has nothing to replace', neverMade: true }));
  },
  ...byWay,
  result: (current, ready) => ready.result(current),
  forecast: (to, current, ready) => ready.forecast?.(to, current) ?? {},
});
