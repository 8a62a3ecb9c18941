import { SlipwayError } from '../../base/errors.ts';
import { pythonRegExp } from '../files/python-regexp.ts';

const CONSTRUCT = /\[\^?\]?(?:\\[\s\S]|[^\]\\])*\]|\\[\s\S]|\(\?(?:P?<[A-Za-z_]\w*>|:)/g;
const IN_SET: Readonly<Record<string, string>> = { d: '0-9', w: 'A-Za-z0-9_', s: '[:space:]' };

/** A pattern of Python's as `grep -E` reads it, as far as there is a way. */
export function forGrep(pattern: string): string {
  return pattern.replace(CONSTRUCT, (part) => {
    if (part.startsWith('(')) return '(';
    if (part === '\\d') return '[0-9]';
    if (part === '\\D') return '[^0-9]';
    if (!part.startsWith('[')) return part;
    return setForGrep(part.slice(1, -1));
  });
}

/** In a set of grep's a backslash stands for itself; `]` has to come first, `^` and `-` last. */
function setForGrep(set: string): string {
  let [first, last] = ['', ''];
  const negated = set.startsWith('^') ? '^' : '';
  const members = set.slice(negated.length).replace(/\\([\s\S])/g, (whole, letter: string) => {
    if (letter === ']') first = ']';
    else if (letter === '^' || letter === '-')
      last = last.includes(letter) ? last : letter === '^' ? `^${last}` : `${last}-`;
    else return IN_SET[letter] ?? (/\w/.test(letter) ? whole : letter);
    return '';
  });
  return `[${negated}${first}${members}${last}]`;
}

/** What the groups of a pattern matched in the line that was found; all empty where there is none. */
export function groupsOf(
  pattern: string | undefined,
  line: string | undefined,
): { match_groups: (string | null)[]; match_groupdict: Record<string, string | null> } {
  const found = pattern === undefined || line === undefined ? null : search(pattern, line);
  return {
    match_groups: [...(found ?? [])].slice(1).map((text) => text ?? null),
    match_groupdict: Object.fromEntries(
      Object.entries(found?.groups ?? {}).map(([name, text]) => [name, text ?? null]),
    ),
  };
}

/** grep knows patterns that Python does not: these have no groups. */
function search(pattern: string, line: string): RegExpExecArray | null {
  try {
    return pythonRegExp(pattern, { multiline: true }).exec(line);
  } catch (error) {
    if (error instanceof SlipwayError) return null;
    throw error;
  }
}
