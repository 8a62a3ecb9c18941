import type { Place } from './expr.ts';

export interface Token extends Place {
  readonly kind: 'name' | 'string' | 'int' | 'float' | 'operator' | 'end';
  readonly text: string;
}

/** A text that is no Jinja2 expression either. */
export class JinjaSyntaxError extends Error {
  readonly at: number;
  constructor(message: string, at: number) {
    super(message);
    this.at = at;
  }
}

const TOKEN =
  /\s+|(?<name>[A-Za-z_]\w*)|(?<float>\d+\.\d+(?:[eE][-+]?\d+)?)|(?<int>\d+)|(?<string>'(?:[^'\\]|\\[^])*'|"(?:[^"\\]|\\[^])*")|(?<operator>==|!=|<=|>=|&&|\|\||\/\/|\*\*|[-+*/%~<>|.,:()[\]{}=!])/y;

/** Reads one token at a time, so that a path can be read out of the middle of a longer text. */
export function nextToken(text: string, from: number, end = text.length): Token {
  let at = from;
  while (at < end) {
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(text);
    if (!match || match.index + match[0].length > end)
      throw new JinjaSyntaxError(`unexpected character ${text[at]}`, at);
    const start = at;
    at += match[0].length;
    for (const kind of ['name', 'float', 'int', 'string', 'operator'] as const)
      if (match.groups?.[kind] !== undefined) return { kind, text: match[0], start, end: at };
  }
  return { kind: 'end', text: '', start: end, end };
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r' };

/** What a quoted string stands for. */
export function unquote(quoted: string): string {
  return quoted
    .slice(1, -1)
    .replace(/\\([^])/g, (whole, c: string) => ESCAPES[c] ?? (/[\\'"\n]/.test(c) ? c : whole));
}
