import { spawnSync } from 'node:child_process';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lines, quote, raw, sh } from '../../src/module/program.ts';

const run = (program: { text: string }) =>
  spawnSync('/bin/sh', ['-c', program.text], { encoding: 'utf8' }).stdout;

describe('quote', () => {
  it.each([
    ['plain', 'plain'],
    ['/etc/a-b_c.d:e,f@g%h+i=j', '/etc/a-b_c.d:e,f@g%h+i=j'],
    ['', "''"],
    ['a b', "'a b'"],
    ["it's", "'it'\\''s'"],
    ['$HOME `x` "y" \\', '\'$HOME `x` "y" \\\''],
    ['~', "'~'"],
    ['a\nb', "'a\nb'"],
    ['*', "'*'"],
    ['ä', "'ä'"],
  ])('%j is %s', (word, expected) => expect(quote(word)).toBe(expected));

  it('refuses what no argument can carry', () =>
    expect(() => quote('a\0b')).toThrow(expect.objectContaining({ code: 'task.invalid' })));

  it('brings any words through a real shell unchanged', () => {
    const words = fc.sample(
      fc.string({ unit: 'grapheme' }).filter((word) => !word.includes('\0')),
      300,
    );
    words.push(
      '-n',
      '--',
      '!',
      '\\',
      "'",
      "''",
      '"',
      '$(id)',
      '`id`',
      '${x}',
      '\r',
      '\t',
      '#a',
      '~root',
      '{a,b}',
      'a=b',
      '&',
      ';',
      '|',
    );
    expect(run(sh`printf '<%s>\n' ${words}`)).toBe(words.map((word) => `<${word}>\n`).join(''));
  });
});

describe('sh', () => {
  it('quotes what is put in', () =>
    expect(sh`install -m ${'0644'} ${'/a b'} ${5} ${true}`.text).toBe("install -m 0644 '/a b' 5 true"));
  it('makes words of a list', () => expect(sh`rm -f ${['a', 'b c', 1]}`.text).toBe("rm -f a 'b c' 1"));
  it('leaves out what is not there', () => expect(sh`a ${undefined}${null} b ${[]}`.text).toBe('a  b '));
  it('puts programs and raw text in as they are', () =>
    expect(sh`if ${sh`test -e ${'a b'}`}; then ${raw('echo $HOME')}; fi`.text).toBe(
      "if test -e 'a b'; then echo $HOME; fi",
    ));
  it('keeps backslashes', () => expect(run(sh`printf 'a\tb\n%s\n' ${'\\n'}`)).toBe('a\tb\n\\n\n'));
  it('takes the common indentation away, of the fixed parts only', () => {
    const content = 'x\n  y';
    expect(
      sh`
      if a; then
        printf %s ${content}

        ${raw('deep')}
      fi
      ${'last'}
    `.text,
    ).toBe("if a; then\n  printf %s 'x\n  y'\n\n  deep\nfi\nlast");
  });
  it('keeps one line as it is', () => expect(sh`  a  `.text).toBe('  a  '));
});

describe('lines', () => {
  it('puts programs one after the other', () =>
    expect(lines(sh`a`, undefined, false, sh`b`).text).toBe('a\nb'));
  it('of nothing is nothing', () => expect(lines().text).toBe(''));
});
