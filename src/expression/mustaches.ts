import type { Place } from './expr.ts';

/** One `{{ ... }}` in a text. */
export interface Mustache extends Place {
  /** `#`, `/`, `^`, `else`, `>`, `{{{{` and the like; empty for a plain one. */
  readonly kind: 'value' | 'open' | 'close' | 'else' | 'other';
  /** What stands between the braces, without sigils, `~` and outer white space. */
  readonly inner: Place;
}

/**
 * Finds the mustaches of a text: not those that are escaped (`\{{`), in comments or in raw blocks. Only finds them: what
 * they mean is Handlebars' business.
 */
export function findMustaches(text: string): Mustache[] {
  const found: Mustache[] = [];
  let at = text.indexOf('{{');
  while (at >= 0) {
    const next = skipForeign(text, at);
    if (next !== undefined) {
      at = text.indexOf('{{', next);
      continue;
    }
    const mustache = readMustache(text, at);
    if (!mustache) break;
    found.push(mustache);
    at = text.indexOf('{{', mustache.end);
  }
  return found;
}

/** Where to go on after an escaped mustache, a comment or a raw block; undefined when it is none of these. */
function skipForeign(text: string, at: number): number | undefined {
  if (text[at - 1] === '\\' && text[at - 2] !== '\\') return at + 2;
  const comment = /^\{\{~?!(--)?/.exec(text.slice(at, at + 6));
  if (comment) {
    const close = comment[1] ? /--~?\}\}/g : /\}\}/g;
    close.lastIndex = at;
    const end = close.exec(text);
    return end ? close.lastIndex : text.length;
  }
  const raw = /^\{\{\{\{\s*([^\s}]+)/.exec(text.slice(at, at + 200));
  if (!raw) return undefined;
  const end = text.indexOf(`{{{{/${raw[1]}}}}}`, at);
  return end < 0 ? text.length : end + `{{{{/${raw[1]}}}}}`.length;
}

function readMustache(text: string, at: number): Mustache | undefined {
  const triple = text.startsWith('{{{', at);
  const close = closingBraces(text, at + (triple ? 3 : 2), triple ? '}}}' : '}}');
  if (close < 0) return undefined;
  const end = close + (triple ? 3 : 2);
  const open = /^\{\{\{?~?\s*([#^/>&*]|else\b)?[*>]?/.exec(text.slice(at, end))!;
  let start = at + open[0].length;
  let stop = close;
  if (text[stop - 1] === '~') stop -= 1;
  while (start < stop && /\s/.test(text[start]!)) start += 1;
  while (stop > start && /\s/.test(text[stop - 1]!)) stop -= 1;
  return { start: at, end, kind: kindOf(open[1], start === stop), inner: { start, end: stop } };
}

function kindOf(sigil: string | undefined, empty: boolean): Mustache['kind'] {
  if (sigil === undefined || sigil === '&') return 'value';
  if (sigil === '#' || (sigil === '^' && !empty)) return 'open';
  if (sigil === '/') return 'close';
  return sigil === 'else' || sigil === '^' ? 'else' : 'other';
}

/** The braces that close a mustache, past those inside quotes. */
function closingBraces(text: string, from: number, braces: string): number {
  const plain = text.indexOf(braces, from);
  if (plain < 0) return -1;
  let at = from;
  while (at < text.length) {
    if (text.startsWith(braces, at)) return at;
    const c = text[at];
    if (c === '"' || c === "'") {
      const end = text.indexOf(c, at + 1);
      // A quote that nothing closes is an error of this mustache, not of the rest of the file.
      if (end < 0) return plain;
      at = end;
    }
    at += 1;
  }
  return plain;
}
