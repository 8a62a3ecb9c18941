import { SlipwayError } from '../../../base/errors.ts';

/** A command line as the shell would cut it into words, without expanding anything. @throws {SlipwayError} task.invalid */
export function wordsOf(name: string, text: string): string[] {
  const words: string[] = [];
  const pattern = /((?:[^\s'"\\]|\\[^]|'[^']*'|"(?:[^"\\]|\\[^])*")+)|(\S)/g;
  for (const [, word, stray] of text.matchAll(pattern)) {
    if (stray !== undefined)
      throw new SlipwayError('task.invalid', `${name} has a quote or backslash that is not closed: ${text}`, {
        hint: 'Close it, or write the command as a list of words.',
      });
    words.push(unquoted(word!));
  }
  return words;
}

function unquoted(word: string): string {
  return word.replace(
    /'([^']*)'|"((?:[^"\\]|\\[^])*)"|\\([^])/g,
    (_, single?: string, double?: string, escaped?: string) =>
      single ?? double?.replace(/\\(["\\$`])/g, '$1') ?? escaped ?? '',
  );
}

/** A list of words, or a text that is cut into them. */
export function commandOf(
  name: string,
  given: string | readonly (string | number | boolean)[] | undefined,
): string[] | undefined {
  if (given === undefined) return undefined;
  return typeof given === 'string' ? wordsOf(name, given) : given.map(String);
}
