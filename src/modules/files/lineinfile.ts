import { Type } from 'typebox';
import { SlipwayError } from '../../base/errors.ts';
import { defineState } from '../../module/contract.ts';
import { createParam, editFile, editParams } from './edit-file.ts';
import { ensureLine, removeLines } from './edit-lines.ts';
import { fileReturns } from './file-result.ts';
import { pythonRegExp } from './python-regexp.ts';
import { byWay, type Way, way } from './way.ts';

export const lineinfile = defineState({
  name: 'lineinfile',
  summary: 'One line of a file: there, changed or gone.',
  description:
    "As `ansible.builtin.lineinfile`. Patterns are Python's `re`; inline flags other than `(?ims)` at the start, conditional groups and possessive repetition are not supported. Files up to 512 KiB of UTF-8. Links are followed. The file is only replaced while it is still what was read.",
  params: Type.Object({
    ...editParams,
    line: Type.Optional(Type.String({ description: 'The line. Needed unless `state` is absent.' })),
    state: Type.Optional(
      Type.Enum(['present', 'absent'], { default: 'present', description: 'Whether it should be there.' }),
    ),
    regexp: Type.Optional(
      Type.String({ description: 'The line to replace (the last one found), or all lines to remove.' }),
    ),
    search_string: Type.Optional(
      Type.String({ description: 'The same as a plain part of a line, not a pattern.' }),
    ),
    backrefs: Type.Optional(
      Type.Boolean({
        default: false,
        description: '`\\1` in `line` is what `regexp` caught. Nothing happens when it is not found.',
      }),
    ),
    insertafter: Type.Optional(
      Type.String({
        description: 'A new line goes after the last line that this pattern is found in; `EOF`: at the end.',
      }),
    ),
    insertbefore: Type.Optional(
      Type.String({ description: 'The same, before it; `BOF`: at the beginning.' }),
    ),
    firstmatch: Type.Optional(
      Type.Boolean({ default: false, description: 'The first line found, not the last.' }),
    ),
    ...createParam,
  }),
  returns: Type.Object(fileReturns),
  elsewhere: {
    value: 'Write `line`.',
    regex: 'Write `regexp`.',
    destfile: 'Write `path`.',
    name: 'Write `path`.',
  },
  examples: [
    {
      title: 'a setting of the SSH server',
      given: "printf 'Port 22\\n#PermitRootLogin yes\\n' > /etc/slipway-sshd",
      yaml: `
        - lineinfile:
            path: /etc/slipway-sshd
            regexp: '^#?PermitRootLogin'
            line: PermitRootLogin no
      `,
    },
    {
      title: 'a part of a line kept',
      given: 'printf \'GRUB_CMDLINE_LINUX="quiet"\\n\' > /etc/slipway-grub',
      yaml: `
        - lineinfile:
            path: /etc/slipway-grub
            regexp: '^GRUB_CMDLINE_LINUX="(?P<old>(?:(?!cgroup).)*)"$'
            line: 'GRUB_CMDLINE_LINUX="\\g<old> cgroup_enable=memory"'
            backrefs: true
      `,
    },
  ],

  prepare: (p): Way => {
    if (p.regexp !== undefined && p.search_string !== undefined) throw exclusive('regexp', 'search_string');
    if (p.insertafter !== undefined && p.insertbefore !== undefined)
      throw exclusive('insertafter', 'insertbefore');
    if (p.backrefs && p.regexp === undefined) throw new SlipwayError('task.invalid', 'backrefs needs regexp');
    if (p.state === 'absent') {
      if (p.regexp === undefined && p.search_string === undefined && p.line === undefined)
        throw new SlipwayError('task.invalid', 'nothing says which line is to go', {
          hint: 'Give line, regexp or search_string.',
        });
      const edit = (text: string) => removeLines(text, p);
      return way(editFile(p, { edit, settled: 'has no such line', absentIsFine: true }));
    }
    if (p.line === undefined)
      throw new SlipwayError('task.invalid', 'line is missing; it is needed with state: present');
    for (const pattern of [p.regexp, p.insertafter, p.insertbefore])
      if (pattern !== undefined) pythonRegExp(pattern);
    const settled = p.backrefs ? 'has nothing to replace' : 'has the line';
    return way(editFile(p, { edit: (text) => ensureLine(text, p), settled }));
  },
  ...byWay,
  result: (current, ready) => ready.result(current),
  forecast: (to, current, ready) => ready.forecast?.(to, current) ?? {},
});

function exclusive(a: string, b: string): SlipwayError {
  return new SlipwayError('task.invalid', `${a} and ${b} exclude each other`);
}
