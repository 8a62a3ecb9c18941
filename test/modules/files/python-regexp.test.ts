import { describe, expect, it } from 'vitest';
import { expand, pythonRegExp } from '../../../src/modules/files/python-regexp.ts';

describe('pythonRegExp', () => {
  it.each([
    // pattern, text, what is found (as Python's re.search finds it)
    ['(?P<a>x)(?P=a)', 'axx', 'xx'],
    ['\\Ab', 'ab', undefined],
    ['b\\Z', 'ab\n', undefined],
    ['b$', 'ab\n', 'b'],
    ['b$', 'ab\nc', undefined],
    ['(?m)b$', 'ab\nc', 'b'],
    ['(?m)^c', 'ab\nc', 'c'],
    ['^c', 'ab\nc', undefined],
    ['a.b', 'a\rb', 'a\rb'],
    ['a.b', 'a\nb', undefined],
    ['(?s)a.b', 'a\nb', 'a\nb'],
    ['(?i)AB', 'xab', 'ab'],
    ['(?im)^AB$', 'x\nab\ny', 'ab'],
    ['[]x]+', 'a]x', ']x'],
    ['[^]x]+', ']ab]', 'ab'],
    ['[\\]x]+', 'a]x', ']x'],
    ['a{,2}', 'aaa', 'aa'],
    ['a(?#note)b', 'ab', 'ab'],
    ['\\.\\-\\ \\#', '.- #', '.- #'],
    ['(?<=a)b(?!c)', 'abc ab', 'b'],
    ['\\bno\\b', 'not no', 'no'],
    ['a\\++', 'a++', 'a++'],
    ['[+]+', '++', '++'],
    ['\\101', 'A', 'A'],
    ['^#?\\s*PermitRootLogin', '#PermitRootLogin yes', '#PermitRootLogin'],
  ])('%j in %j finds %j', (pattern, text, found) => {
    expect(pythonRegExp(pattern).exec(text)?.[0]).toBe(found);
  });

  it.each(['a++', '(?>a)', '(?(1)a|b)', '(?i:a)', '(?x)a', '(', 'a{2}+', '\\N{DASH}'])(
    'refuses %j',
    (pattern) => {
      expect(() => pythonRegExp(pattern)).toThrow(expect.objectContaining({ code: 'task.invalid' }));
    },
  );
});

describe('expand', () => {
  const match = pythonRegExp('(?P<key>\\w+)=(\\w*)').exec('a=1')!;
  it.each([
    ['\\2=\\1', '1=a'],
    ['\\g<2>0', '10'],
    ['\\g<key>: \\g<0>', 'a: a=1'],
    ['x\\ny\\\\', 'x\ny\\'],
    ['$1 $& \\.', '$1 $& \\.'],
  ])('%j gives %j', (replacement, expected) => {
    expect(expand(replacement, match)).toBe(expected);
  });

  it('names a group that is not there', () => {
    expect(() => expand('\\3', match)).toThrow('names the group 3');
    expect(() => expand('\\g<x>', match)).toThrow('names the group x');
  });
});
