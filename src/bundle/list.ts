import { readFile } from 'node:fs/promises';
import { SlipwayError } from '../base/errors.ts';
import { isTar } from './images.ts';

/**
 * What `--images` and `--packages` name: a file with one a line (`#` begins a comment), or names between commas.
 * @throws {SlipwayError} usage
 */
export async function readList(given: string | undefined, option: string): Promise<string[]> {
  if (given === undefined) return [];
  const text = isTar(given) ? undefined : await readFile(given, 'utf8').catch(() => undefined);
  const words =
    text === undefined
      ? given.split(',')
      : text.split('\n').flatMap((line) => line.replace(/(^|\s)#.*/, '').split(/\s+/));
  const names = [...new Set(words.map((word) => word.trim()).filter((word) => word !== ''))];
  const flag = names.find((name) => name.startsWith('-'));
  if (flag !== undefined) throw new SlipwayError('usage', `${option}: ${flag} is no name`);
  if (names.length === 0)
    throw new SlipwayError('usage', `${option} ${given} names nothing`, {
      hint: 'Give a file with one name a line, or names between commas.',
    });
  return names;
}
