import { type Span, within } from '../base/span.ts';
import type { Place } from './expr.ts';

/** Finds the place in the file that offsets into a string come from. */
export type Locate = (place: Place) => Span;

/**
 * The text of a YAML scalar differs from its source: quotes, indentation, folded lines, escapes. Plain and quoted text
 * on one line is only shifted; else each word is looked for in the source, from where the one before it was found.
 */
export function locator(text: string, span: Span): Locate {
  const written = span.source.text.slice(span.start, span.end);
  const shift = written.startsWith(text) ? 0 : written.startsWith(text, 1) ? 1 : -1;
  if (shift >= 0) return ({ start, end }) => within(span, start + shift, Math.max(start + 1, end) + shift);
  let map: readonly number[] | undefined;
  return ({ start, end }) => {
    map ??= align(text, written);
    const from = map[Math.min(start, text.length - 1)] ?? 0;
    const to = map[Math.min(Math.max(start, end - 1), text.length - 1)] ?? from;
    return within(span, from, Math.max(from, to) + 1);
  };
}

/** For each character of `text` the offset of its like in `written`. */
function align(text: string, written: string): readonly number[] {
  const map: number[] = [];
  let at = /^[|>]/.test(written) ? written.indexOf('\n') + 1 : 0;
  const words = /[^\s"'\\]+|["'\\]|\s+/g;
  for (let match = words.exec(text); match; match = words.exec(text)) {
    const word = match[0];
    const found = /\s/.test(word) ? -1 : written.indexOf(word, at);
    const from = found < 0 ? at : found;
    for (let i = 0; i < word.length; i++)
      map[match.index + i] = Math.min(found < 0 ? from : from + i, written.length - 1);
    if (found >= 0) at = from + word.length;
  }
  return map;
}
