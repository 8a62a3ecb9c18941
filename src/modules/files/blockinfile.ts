import { Type } from 'typebox';
import { SlipwayError } from '../../base/errors.ts';
import { defineState } from '../../module/contract.ts';
import { ensureBlock } from './edit-block.ts';
import { createParam, editFile, editParams } from './edit-file.ts';
import { fileReturns } from './file-result.ts';
import { byWay, type Way, way } from './way.ts';

const MARKER = '# {mark} ANSIBLE MANAGED BLOCK';

export const blockinfile = defineState({
  name: 'blockinfile',
  summary: 'Some lines of a file, between two marker lines.',
  description:
    "As `ansible.builtin.blockinfile`, with Ansible's markers, so that blocks of either are found by the other. Patterns are Python's `re` (see `lineinfile`).",
  params: Type.Object({
    ...editParams,
    block: Type.Optional(
      Type.String({ default: '', description: 'The lines. Empty: the block is removed, markers too.' }),
    ),
    content: Type.Optional(Type.String({ description: 'Another name for `block`.' })),
    state: Type.Optional(
      Type.Enum(['present', 'absent'], { default: 'present', description: 'Whether it should be there.' }),
    ),
    marker: Type.Optional(
      Type.String({
        default: MARKER,
        description: 'The marker lines; `{mark}` becomes `marker_begin` and `marker_end`.',
        pattern: '^[^\\n]*\\{mark\\}[^\\n]*\\n?$',
      }),
    ),
    marker_begin: Type.Optional(Type.String({ default: 'BEGIN', description: 'What opens the block.' })),
    marker_end: Type.Optional(Type.String({ default: 'END', description: 'What closes the block.' })),
    insertafter: Type.Optional(
      Type.String({
        description: 'A new block goes after the last line that this pattern is found in; `EOF`: at the end.',
      }),
    ),
    insertbefore: Type.Optional(
      Type.String({ description: 'The same, before it; `BOF`: at the beginning.' }),
    ),
    append_newline: Type.Optional(
      Type.Boolean({ default: false, description: 'An empty line after a block.' }),
    ),
    prepend_newline: Type.Optional(
      Type.Boolean({ default: false, description: 'An empty line before a block.' }),
    ),
    ...createParam,
  }),
  returns: Type.Object(fileReturns),
  elsewhere: {
    destfile: 'Write `path`.',
    name: 'Write `path`.',
  },
  examples: [
    {
      title: 'some names for addresses',
      yaml: `
        - blockinfile:
            path: /etc/slipway-hosts
            create: true
            mode: '0644'
            marker: '# {mark} cluster nodes'
            block: |
              10.0.0.1 cp1
              10.0.0.2 w1
      `,
    },
    {
      title: 'removed again',
      given:
        "printf 'a\\n# BEGIN ANSIBLE MANAGED BLOCK\\nx\\n# END ANSIBLE MANAGED BLOCK\\nb\\n' > /etc/slipway-block",
      yaml: `
        - blockinfile: {path: /etc/slipway-block, state: absent}
      `,
    },
  ],

  prepare: (p): Way => {
    if (p.insertafter !== undefined && p.insertbefore !== undefined)
      throw new SlipwayError('task.invalid', 'insertafter and insertbefore exclude each other');
    const marker = (p.marker ?? MARKER).replace(/\n$/, '');
    const markOf = (mark: string) => marker.replaceAll('{mark}', mark);
    const [begin, end] = [markOf(p.marker_begin ?? 'BEGIN'), markOf(p.marker_end ?? 'END')];
    if (begin === end)
      throw new SlipwayError('task.invalid', `both markers of the block are the same line: ${begin}`, {
        hint: 'Put {mark} into marker, so that its beginning and end differ.',
      });
    const block = p.state === 'absent' ? '' : (p.block ?? p.content ?? '');
    const edit = (text: string) => ensureBlock(text, { ...p, block, begin, end });
    const settled = block === '' ? 'has no such block' : 'has the block';
    return way(editFile(p, { edit, settled, absentIsFine: block === '' }));
  },
  ...byWay,
  result: (current, ready) => ready.result(current),
  forecast: (to, current, ready) => ready.forecast?.(to, current) ?? {},
});
