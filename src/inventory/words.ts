/** One word of an INI line: its text without quotes, and where it stands in the line. */
export interface Word {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

export interface Words {
  readonly words: readonly Word[];
  /** Offset of a `#` that cut a word short (`a=b#c`), for a warning. */
  readonly cut?: number | undefined;
}

/**
 * Splits a host line as a POSIX shell would: quotes group, a backslash takes the next character as it is, and `#`
 * starts a comment, even inside a word. In arguments of a task # is no comment, and a mustache holds a word together.
 * @throws {RangeError} for a quote that is not closed
 */
export function splitWords(line: string, kind: 'line' | 'arguments' = 'line'): Words {
  const words: Word[] = [];
  let text = '';
  let start = -1;
  let quote = '';
  let opened = 0;
  let at = 0;
  const finish = () => {
    if (start >= 0) words.push({ text, start, end: at });
    text = '';
    start = -1;
  };
  for (; at < line.length; at++) {
    const char = line[at]!;
    if (quote) {
      if (char === quote) quote = '';
      else if (char === '\\' && quote === '"' && /["\\]/.test(line[at + 1] ?? '')) text += line[++at];
      else text += char;
      continue;
    }
    if (/\s/.test(char)) {
      finish();
      continue;
    }
    if (char === '#' && kind === 'line') {
      const cut = start >= 0 ? at : undefined;
      finish();
      return { words, cut };
    }
    if (start < 0) start = at;
    const mustache = kind === 'arguments' && line.startsWith('{{', at) ? line.indexOf('}}', at) : -1;
    if (mustache >= 0) {
      text += line.slice(at, mustache + 2);
      at = mustache + 1;
    } else if (char === '"' || char === "'") {
      quote = char;
      opened = at;
    } else if (char === '\\') text += line[++at] ?? '';
    else text += char;
  }
  if (quote) throw new RangeError(`the quote at column ${opened + 1} is not closed`);
  finish();
  return { words };
}
