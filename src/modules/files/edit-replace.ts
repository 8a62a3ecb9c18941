import { counted } from '../../base/counted.ts';
import type { Edited } from './edit-file.ts';
import { expand, pythonRegExp } from './python-regexp.ts';

export interface Replacement {
  readonly regexp: string;
  readonly replace: string;
  readonly after?: string | undefined;
  readonly before?: string | undefined;
}

/** Replaces every match; with `after` and `before` only in the part of the text between the two. */
export function replaceAll(text: string, p: Replacement): Edited {
  const section = sectionOf(text, p);
  if (!section) return { text, msg: '' };
  const [start, end] = section;
  const pattern = pythonRegExp(p.regexp, { multiline: true, global: true });
  const part = text.slice(start, end);
  let out = '';
  let at = 0;
  let count = 0;
  for (const match of part.matchAll(pattern)) {
    out += part.slice(at, match.index) + expand(p.replace, match);
    at = match.index + match[0].length;
    count += 1;
  }
  const msg = `${counted(count, 'replacement')} made`;
  return { text: text.slice(0, start) + out + part.slice(at) + text.slice(end), msg };
}

/** Where `after` ends and `before` starts; undefined when they are not found. */
function sectionOf(text: string, { after, before }: Replacement): readonly [number, number] | undefined {
  if (after === undefined && before === undefined) return [0, text.length];
  const inner = after === undefined || before === undefined ? '([^]*)' : '([^]*?)';
  const from = after === undefined ? undefined : pythonRegExp(after, { dotAll: true });
  const to = before === undefined ? undefined : pythonRegExp(before, { dotAll: true });
  const flags = from?.ignoreCase || to?.ignoreCase ? 'di' : 'd';
  const pattern = new RegExp(
    `(?:${from?.source ?? ''})(?<subsection>${inner})(?:${to?.source ?? ''})`,
    flags,
  );
  return pattern.exec(text)?.indices?.groups?.['subsection'];
}
