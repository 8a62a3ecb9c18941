import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ERROR_CODES, Problems, SlipwayError, SlipwayErrors } from '../../src/base/errors.ts';
import { formatError, formatThrown, sourceFrame } from '../../src/base/frame.ts';
import { sanitise } from '../../src/base/sanitise.ts';
import { lineText, locate, positionAt, within } from '../../src/base/span.ts';
import { didYouMean, editDistance, nearest } from '../../src/base/suggest.ts';
import { describe as described, show } from '../../src/base/values.ts';

const source = (text: string) => ({ path: 'f.yml', text });

describe('spans', () => {
  const text = 'one\n\r\n  three\r\nfour';
  it.each([
    [0, 1, 1],
    [3, 1, 4],
    [4, 2, 1],
    [8, 3, 3],
    [15, 4, 1],
    [19, 4, 5],
  ])('offset %i is %i:%i', (offset, line, column) =>
    expect(positionAt(source(text), offset)).toEqual({ line, column }),
  );
  it('give the text of a line', () =>
    expect([1, 2, 3, 4, 5].map((line) => lineText(source(text), line))).toEqual([
      'one',
      '',
      '  three',
      'four',
      '',
    ]));
  it('agree with counting', () =>
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('a', '\n', 'bc')).map((parts) => parts.join('')),
        fc.nat(40),
        (given, at) => {
          const offset = Math.min(at, given.length);
          const before = given.slice(0, offset).split('\n');
          expect(positionAt(source(given), offset)).toEqual({
            line: before.length,
            column: before.at(-1)!.length + 1,
          });
          expect(lineText(source(given), before.length)).toBe(given.split('\n')[before.length - 1]);
        },
      ),
    ));
  it('can be narrowed', () =>
    expect(locate(within({ source: source(text), start: 6, end: 13 }, 2, 4))).toBe('f.yml:3:3'));
  it('never reaches behind the end of the text', () =>
    expect(within({ source: source('ab'), start: 1, end: 2 }, 1, 2)).toMatchObject({ start: 2, end: 2 }));
});

describe('frames', () => {
  const frame = (text: string, start: number, end: number) =>
    sourceFrame({ source: source(text), start, end });
  it('have a caret under the wrong part', () =>
    expect(frame('a: 1\nbc: 2\n', 5, 7)).toBe('  |\n2 | bc: 2\n  | ^^'));
  it('keep tabs, so that the caret stays in its column', () =>
    expect(frame('\t\tx', 2, 3)).toBe('  |\n1 | \t\tx\n  | \t\t^'));
  it('end with the line', () => expect(frame('ab\ncd', 1, 5)).toBe('  |\n1 | ab\n  |  ^'));
  it('work past the end', () => expect(frame('ab', 2, 2)).toBe('  |\n1 | ab\n  |   ^'));
  it('let nothing through to the terminal', () =>
    expect(frame('a\u001b[31mb\u0007', 0, 1)).not.toMatch(/[\u001b\u0007]/));
  it('show the part of a long line that matters', () => {
    const shown = frame(`${'x'.repeat(5000)}HERE${'y'.repeat(5000)}`, 5000, 5004);
    expect(shown.length).toBeLessThan(400);
    const [, code = '', carets = ''] = shown.split('\n');
    expect(code.slice(carets.indexOf('^'), carets.lastIndexOf('^') + 1)).toBe('HERE');
  });
});

describe('errors', () => {
  const error = new SlipwayError('template.undefined', '`x` is not defined', {
    span: { source: source('a: {{ x }}'), start: 6, end: 7 },
    hint: 'Define it.',
  });
  it('are shown with place, code, frame and hint', () =>
    expect(formatError(error)).toBe(
      'f.yml:1:7: `x` is not defined [template.undefined]\n  |\n1 | a: {{ x }}\n  |       ^\n  Define it.',
    ));
  it('are shown without what they lack', () =>
    expect(formatError(new SlipwayError('usage', 'no'))).toBe('no [usage]'));
  it('are shown together', () =>
    expect(formatThrown(new SlipwayErrors([error, error])).split('\n\n')).toHaveLength(2));
  it('that are faults of ours keep their stack', () => {
    expect(formatThrown(new TypeError('oops'))).toMatch(/TypeError: oops\n\s+at /);
    expect(formatThrown('text')).toBe('text');
  });
  it('count themselves', () =>
    expect([new SlipwayErrors([error]).message, new SlipwayErrors([error, error]).message]).toEqual([
      '1 error',
      '2 errors',
    ]));
  it('keep their cause', () => expect(new SlipwayError('internal', 'x', { cause: error }).cause).toBe(error));
  it('are collected', () => {
    const problems = new Problems();
    problems.throwIfAny();
    problems.add(error);
    problems.add(new SlipwayErrors([error, error]));
    problems.warn('usage', 'only a warning');
    expect(problems.errors).toHaveLength(3);
    expect(() => problems.throwIfAny()).toThrow(SlipwayErrors);
    expect(() => problems.add(new TypeError('not ours'))).toThrow(TypeError);
  });
  it('have codes that say what they mean', () => {
    for (const [code, meaning] of Object.entries(ERROR_CODES)) {
      expect(code).toMatch(/^[a-z]+(\.[a-z-]+)?$/);
      expect(meaning).toMatch(/^[A-Z].*\.$/s);
    }
  });
});

describe('suggestions', () => {
  it.each([
    ['', '', 0],
    ['abc', 'abc', 0],
    ['abc', '', 3],
    ['kitten', 'sitting', 3],
    ['taks', 'task', 1],
    ['ab', 'ba', 1],
  ])('%j to %j is %i', (a, b, distance) =>
    expect([editDistance(a, b), editDistance(b, a)]).toEqual([distance, distance]),
  );
  it.each([
    ['hots', ['name', 'hosts', 'tasks'], 'hosts'],
    ['Become', ['become', 'become_user'], 'become'],
    ['when', ['then', 'loop'], 'then'],
    ['x', ['y', 'z'], undefined],
    ['ab', ['cd'], undefined],
    ['retries', ['delay'], undefined],
  ])('%j among %j is %j', (word, known, expected) => expect(nearest(word, known)).toBe(expected));
  it('name what is known when nothing is near', () => {
    expect(didYouMean('xyz', ['a', 'b'])).toBe('Known here: a, b.');
    expect(didYouMean('xyz', [])).toBe('Nothing is known here.');
    expect(didYouMean('tsk', ['task'])).toBe('Did you mean `task`?');
    expect(
      didYouMean(
        'zzzzzz',
        Array.from({ length: 60 }, (_, i) => `n${i}`),
      ),
    ).toMatch(/n39, …\.$/);
  });
});

describe('sanitise', () => {
  it.each([
    ['plain\ttext\nmore', 'plain\ttext\nmore'],
    ['a\r\nb', 'a\nb'],
    ['\u001b[31mred\u001b[0m', 'red'],
    ['\u001b[?25l\u001b[2J\u001b[1;1Hx', 'x'],
    ['\u001b]0;title\u0007x', 'x'],
    ['\u001b]8;;http://a\u001b\\link\u001b]8;;\u001b\\', 'link'],
    ['\u001bPdata\u001b\\x', 'x'],
    ['\u001b(Bx\u001b7\u001b8\u001b=\u001bc', 'x'],
    ['\u001b]0;never ends', '0;never ends'],
    ['bell\u0007 null\u0000', 'bell^G null^@'],
    ['10%\r20%', '10%^M20%'],
    ['\u009b31mx\u007f', '\\u009b31mx\\u007f'],
    ['\u202egnp.exe', '\\u202egnp.exe'],
    ['\u001b', '^['],
    ['grüße ✓ 日本', 'grüße ✓ 日本'],
  ])('%j is %j', (given, expected) => expect(sanitise(given)).toBe(expected));
  it('leaves nothing that a terminal would obey', () => {
    const hostile = fc.string({
      unit: fc.constantFrom(
        '\u001b',
        '[',
        ']',
        'P',
        '0',
        ';',
        'm',
        '\\',
        '\u0007',
        'x',
        '(',
        '\u009b',
        '\r',
        '\n',
      ),
      maxLength: 40,
    });
    fc.assert(
      fc.property(hostile, (given) => !/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/.test(sanitise(given))),
    );
  });
  it('is quick with a flood of half sequences', () =>
    expect(sanitise('\u001b]'.repeat(200_000)).length).toBe(0));
});

describe('values in messages', () => {
  it.each([
    ['x', 'a string ("x")'],
    [5, 'a number (5)'],
    [true, 'a boolean (true)'],
    [null, 'null'],
    [[1], 'a list'],
    [{}, 'a map'],
  ])('%j is %s', (value, expected) => expect(described(value)).toBe(expected));
  it('are short', () => expect(show('x'.repeat(500)).length).toBeLessThan(50));
});
