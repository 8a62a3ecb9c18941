import { describe, expect, it } from 'vitest';
import { hashInList, parseChecksum } from '../../../src/modules/files/checksum.ts';
import { nameInUrl, readAnswer } from '../../../src/modules/files/download.ts';
import { splitWords } from '../../../src/modules/files/split-words.ts';

const A = 'd41d8cd98f00b204e9800998ecf8427e';
const B = '098f6bcd4621d373cade4e832627b4f6';

describe('hashInList', () => {
  it.each([
    ['GNU', `${B}  b\n${A}  a\n`],
    ['binary, with a folder', `${B} *./b\n${A} *./out/a\n`],
    ['BSD', `MD5 (b) = ${B}\nMD5 (a) = ${A.toUpperCase()}\n`],
    ['a bare hash', `${A}\n`],
  ])('%s', (_name, list) => {
    expect(hashInList(list, 'a', 'md5')).toBe(A);
  });

  it('knows nothing of other files, or of another algorithm', () => {
    expect(hashInList(`${B}  b\n`, 'a', 'md5')).toBeUndefined();
    expect(hashInList(`${A}  a\n`, 'a', 'sha1')).toBeUndefined();
    expect(hashInList('<html>not found</html>', 'a', 'md5')).toBeUndefined();
  });
});

it('parseChecksum takes a hash or a URL', () => {
  expect(parseChecksum(`MD5:${A.toUpperCase()}`)).toEqual({ algorithm: 'md5', hash: A });
  expect(parseChecksum('sha512:https://x/SUMS')).toEqual({ algorithm: 'sha512', url: 'https://x/SUMS' });
});

it.each([
  ['https://x/a/b.tgz', 'b.tgz'],
  ['https://x/a/b%20c?d=e/f#g', 'b c'],
  ['https://x', 'index.html'],
  ['https://x/a%2Fb', 'a_b'],
  ['https://x/%zz', '%zz'],
])('the name in %s is %s', (url, name) => {
  expect(nameInUrl(url)).toBe(name);
});

it.each([
  [`a 'b c' "d \\"e\\" \\x" f\\ g`, ['a', 'b c', 'd "e" \\x', 'f g']],
  ['  a\t\nb  ', ['a', 'b']],
  [`a''b "" '#'#`, ['ab', '', '##']],
  ['', []],
])('splitWords(%j)', (text, words) => {
  expect(splitWords(text)).toEqual(words);
});

it.each([
  ['answer 200 3.912345\n', { status_code: 200, elapsed: 3 }],
  ['answer 226 0,000123\n', { status_code: 226, elapsed: 0 }],
  // A file, which has no status; wget, which tells nothing.
  ['answer 000 0.000123\n', { elapsed: 0 }],
  ['', {}],
])('what %j tells of an answer', (stdout, told) => {
  expect(readAnswer(stdout)).toEqual(told);
});
