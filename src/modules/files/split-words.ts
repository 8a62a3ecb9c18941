import { SlipwayError } from '../../base/errors.ts';

/**
 * Splits a command line into words as Python's `shlex.split` (POSIX mode) does: quotes and backslashes are understood,
 * nothing is expanded, `#` is an ordinary character.
 * @throws {SlipwayError} task.invalid on an open quote
 */
export function splitWords(text: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quote: string | undefined;
  for (let at = 0; at < text.length; at++) {
    const c = text[at]!;
    if (quote === "'") {
      if (c === quote) quote = undefined;
      else word += c;
    } else if (quote === '"') {
      if (c === quote) quote = undefined;
      else if (c === '\\' && (text[at + 1] === '"' || text[at + 1] === '\\')) word += text[++at]!;
      else word += c;
    } else if (c === "'" || c === '"') {
      quote = c;
      word ??= '';
    } else if (c === '\\') {
      if (at + 1 >= text.length) throw open(text, 'a backslash at the end');
      word = (word ?? '') + text[++at]!;
    } else if (/[ \t\r\n]/.test(c)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = (word ?? '') + c;
  }
  if (quote !== undefined) throw open(text, `an open ${quote}`);
  if (word !== undefined) words.push(word);
  return words;
}

function open(text: string, what: string): SlipwayError {
  return new SlipwayError('task.invalid', `the command has ${what}: ${text}`, {
    hint: 'Close the quote, or give the words as a list in `argv`.',
  });
}
