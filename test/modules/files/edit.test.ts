import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type BlockEdit, ensureBlock } from '../../../src/modules/files/edit-block.ts';
import { ensureLine, type LineEdit, removeLines } from '../../../src/modules/files/edit-lines.ts';
import { replaceAll } from '../../../src/modules/files/edit-replace.ts';

describe('ensureLine', () => {
  it.each<[string, string, LineEdit, string]>([
    ['at the end', 'a\n', { line: 'b' }, 'a\nb\n'],
    ['to an empty text', '', { line: 'b' }, 'b\n'],
    ['after a last line without a break', 'a', { line: 'b' }, 'a\nb\n'],
    ['there already', 'b\na\n', { line: 'b' }, 'b\na\n'],
    ['in place of the last match', 'x1\nx2\n', { line: 'y', regexp: '^x' }, 'x1\ny\n'],
    ['in place of the first match', 'x1\nx2\n', { line: 'y', regexp: '^x', firstmatch: true }, 'y\nx2\n'],
    ['no match: at the end, not twice', 'y\n', { line: 'y', regexp: '^x' }, 'y\n'],
    ['in place of a part', 'port 1\n', { line: 'port 2', search_string: 'port' }, 'port 2\n'],
    ['after the last match', 'a\nb\na\nc\n', { line: 'n', insertafter: '^a' }, 'a\nb\na\nn\nc\n'],
    [
      'after the first match',
      'a\nb\na\n',
      { line: 'n', insertafter: '^a', firstmatch: true },
      'a\nn\nb\na\n',
    ],
    ['after the last line', 'a\nb', { line: 'n', insertafter: 'b' }, 'a\nb\nn\n'],
    ['before a match', 'a\nb\n', { line: 'n', insertbefore: 'b' }, 'a\nn\nb\n'],
    ['at the beginning', 'a\n', { line: 'n', insertbefore: 'BOF' }, 'n\na\n'],
    ['nothing to insert after', 'a\n', { line: 'n', insertafter: 'z' }, 'a\nn\n'],
    ['groups', 'k = v # c\n', { line: '\\1=\\2', regexp: '^(\\w+) = (\\w+)', backrefs: true }, 'k=v\n'],
    ['groups, no match', 'x\n', { line: '\\1', regexp: '^(q)', backrefs: true }, 'x\n'],
    ['no groups asked for', 'k1\n', { line: '\\1', regexp: '^k(1)' }, '\\1\n'],
    ['Windows breaks are left', 'a\r\nb\r\n', { line: 'a' }, 'a\r\nb\r\n'],
  ])('%s', (_name, before, p, after) => {
    expect(ensureLine(before, p).text).toBe(after);
  });

  it('settles: what it made needs no more', () => {
    const line = fc.stringMatching(/^[ab#=]{1,4}$/);
    const text = fc.array(line).map((all) => all.join('\n'));
    const place = fc.record(
      {
        insertafter: fc.constantFrom('^a', 'EOF', 'BOF'),
        regexp: fc.constantFrom('^a', '#'),
        firstmatch: fc.boolean(),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(text, line, place, (before, wanted, p) => {
        const edit = { ...p, line: wanted };
        // A pattern that does not match its own line is replaced match by match, as in Ansible.
        if (p.regexp && !new RegExp(p.regexp).test(wanted)) return;
        const once = ensureLine(before, edit).text;
        expect(once.split('\n')).toContain(wanted);
        expect(ensureLine(once, edit).text).toBe(once);
      }),
    );
  });
});

describe('removeLines', () => {
  it.each<[string, string, LineEdit, string, string]>([
    ['the line', 'a\nb\na\n', { line: 'a' }, 'b\n', '2 lines removed'],
    ['not a part of one', 'ab\n', { line: 'a' }, 'ab\n', '0 lines removed'],
    ['by pattern', 'a1\nb\na2', { regexp: '^a\\d' }, 'b\n', '2 lines removed'],
    ['by part', '/dev/sda swap\n/\n', { search_string: ' swap' }, '/\n', '1 line removed'],
  ])('%s', (_name, before, p, after, msg) => {
    expect(removeLines(before, p)).toEqual({ text: after, msg });
  });
});

describe('ensureBlock', () => {
  const marks = { begin: '# B', end: '# E' };
  it.each<[string, string, Partial<BlockEdit>, string]>([
    ['at the end', 'a', { block: 'x\ny' }, 'a\n# B\nx\ny\n# E\n'],
    ['to an empty text', '', { block: 'x\n' }, '# B\nx\n# E\n'],
    [
      'replaced where it is',
      'a\n# B\nold\n# E\nb\n',
      { block: 'x', insertbefore: 'BOF' },
      'a\n# B\nx\n# E\nb\n',
    ],
    ['removed', 'a\n# B\nold\n# E\nb\n', { block: '' }, 'a\nb\n'],
    ['nothing to remove', 'a\n', { block: '' }, 'a\n'],
    ['after a match', 'a\nb\n', { block: 'x', insertafter: '^a' }, 'a\n# B\nx\n# E\nb\n'],
    ['before a match', 'a\nb\n', { block: 'x', insertbefore: '^b' }, 'a\n# B\nx\n# E\nb\n'],
    ['after lines', 'a\nb\nc\n', { block: 'x', insertafter: '(?m)a\\nb$' }, 'a\nb\n# B\nx\n# E\nc\n'],
    [
      'with empty lines around',
      'a\nb\n',
      { block: 'x', insertafter: 'a', prepend_newline: true, append_newline: true },
      'a\n\n# B\nx\n# E\n\nb\n',
    ],
    ['markers in the wrong order', '# E\nq\n# B\n', { block: 'x' }, '# B\nx\n# E\n'],
    ['one marker only', '# B\nq\n', { block: 'x' }, '# B\nq\n# B\nx\n# E\n'],
  ])('%s', (_name, before, p, after) => {
    const edit = { block: '', ...marks, ...p };
    const once = ensureBlock(before, edit).text;
    expect(once).toBe(after);
    expect(ensureBlock(once, edit).text).toBe(after);
  });
});

describe('replaceAll', () => {
  it.each<[string, string, Parameters<typeof replaceAll>[1], string, string]>([
    [
      'every match, by lines',
      'a=1\na=2\n',
      { regexp: '^a=(\\d)$', replace: 'b=\\1' },
      'b=1\nb=2\n',
      '2 replacements made',
    ],
    ['nothing', 'x\n', { regexp: 'y', replace: 'z' }, 'x\n', '0 replacements made'],
    [
      'after',
      '[a]\non\n[b]\non\n',
      { regexp: 'on', replace: 'off', after: '\\[b\\]' },
      '[a]\non\n[b]\noff\n',
      '1 replacement made',
    ],
    [
      'before',
      'on\n[b]\non\n',
      { regexp: 'on', replace: 'off', before: '\\[b\\]' },
      'off\n[b]\non\n',
      '1 replacement made',
    ],
    [
      'between',
      'on <on> on',
      { regexp: 'on', replace: 'off', after: '<', before: '>' },
      'on <off> on',
      '1 replacement made',
    ],
    ['between, not there', 'on', { regexp: 'on', replace: 'off', after: '<', before: '>' }, 'on', ''],
    ['empty matches as in Python', 'abc', { regexp: 'x*', replace: '-' }, '-a-b-c-', '4 replacements made'],
    ['dollars mean nothing', 'a', { regexp: 'a', replace: '$&$1' }, '$&$1', '1 replacement made'],
  ])('%s', (_name, before, p, text, msg) => {
    expect(replaceAll(before, p)).toEqual({ text, msg });
  });
});
