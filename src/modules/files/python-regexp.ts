import { SlipwayError } from '../../base/errors.ts';

interface Flags {
  ignoreCase: boolean;
  multiline: boolean;
  dotAll: boolean;
}

/**
 * A pattern of Python's `re` as a JavaScript RegExp, with the same meaning: named groups, `\A` and `\Z`, `$` before a
 * line break at the end, a dot that stops at `\n` only, leading `(?ims)`.
 * @throws {SlipwayError} task.invalid for what has no counterpart, or is no pattern
 */
export function pythonRegExp(
  pattern: string,
  options: { multiline?: boolean; dotAll?: boolean; global?: boolean } = {},
): RegExp {
  const flags: Flags = {
    ignoreCase: false,
    multiline: options.multiline ?? false,
    dotAll: options.dotAll ?? false,
  };
  const source = translate(withoutInlineFlags(pattern, flags), flags, pattern);
  try {
    return new RegExp(source, `d${options.global ? 'g' : ''}${flags.ignoreCase ? 'i' : ''}`);
  } catch (cause) {
    throw invalid(pattern, (cause as Error).message.replace(/^.*: /s, '').toLowerCase(), cause);
  }
}

function withoutInlineFlags(pattern: string, flags: Flags): string {
  const inline = /^\(\?([aiLmsux]+)\)/.exec(pattern);
  if (!inline) return pattern;
  for (const flag of inline[1]!) {
    if (flag === 'i') flags.ignoreCase = true;
    else if (flag === 'm') flags.multiline = true;
    else if (flag === 's') flags.dotAll = true;
    else if (flag !== 'u' && flag !== 'a') throw invalid(pattern, `the flag (?${flag}) is not supported`);
  }
  return withoutInlineFlags(pattern.slice(inline[0].length), flags);
}

const END = '(?![^])';
const START = '(?<![^])';

/** One construct of a pattern at a time: an escape, a set, the opening of a group, a repetition, a character. */
const CONSTRUCT =
  /\\(?:[0-7]{3}|[\s\S])|\[\^?\]?(?:\\[\s\S]|[^\]\\])*\]|\(\?(?:P?<[A-Za-z_]\w*>|P=\w+\)|P>|#[^)]*\)|<?[=!]|:|[\s\S])|\{,\d+\}|(?:[+*?]|\{\d+(?:,\d*)?\})\+|[\s\S]/g;

function translate(text: string, flags: Flags, pattern: string): string {
  return text.replace(CONSTRUCT, (part) => {
    if (part.startsWith('\\')) return escape(part, pattern);
    if (part.startsWith('[') && part.length > 1) return set(part);
    if (part.startsWith('(?')) return group(part, pattern);
    if (part.startsWith('{,')) return `{0${part.slice(1)}`;
    if (part.length > 1 && /[+*?}]\+$/.test(part))
      throw invalid(pattern, `the possessive ${part} is not supported`);
    if (part === '.') return flags.dotAll ? '[^]' : '[^\\n]';
    if (part === '^') return flags.multiline ? '(?<![^\\n])' : START;
    if (part === '$') return flags.multiline ? '(?![^\\n])' : `(?=\\n?${END})`;
    return part;
  });
}

function escape(part: string, pattern: string): string {
  if (part === '\\A') return START;
  if (part === '\\Z') return END;
  if (part === '\\a') return '\\x07';
  if (part === '\\N' || part === '\\U') throw invalid(pattern, `the escape ${part} is not supported`);
  const octal = /^\\([0-7]{3})$/.exec(part);
  if (octal) return `\\x${Number.parseInt(octal[1]!, 8).toString(16).padStart(2, '0')}`;
  return part;
}

/** In Python a `]` that comes first is an ordinary member of the set. */
function set(part: string): string {
  return part.replace(/^\[(\^?)\](?=.)/s, '[$1\\]').replaceAll('\\a', '\\x07');
}

function group(part: string, pattern: string): string {
  const name = /^\(\?P<(\w+)>$/.exec(part);
  if (name) return `(?<${name[1]}>`;
  const back = /^\(\?P=(\w+)\)$/.exec(part);
  if (back) return `\\k<${back[1]}>`;
  if (part.startsWith('(?#')) return '';
  if (['(?:', '(?=', '(?!', '(?<=', '(?<!'].includes(part)) return part;
  throw invalid(pattern, `${part}… is not supported`);
}

function invalid(pattern: string, why: string, cause?: unknown): SlipwayError {
  return new SlipwayError('task.invalid', `the regular expression ${pattern} cannot be used: ${why}`, {
    hint: "Patterns are Python's; write it without that construct.",
    cause,
  });
}

/** Fills a replacement in as Python's `match.expand`: `\1`, `\g<1>`, `\g<name>`, `\n` and the like. */
export function expand(replacement: string, match: RegExpExecArray): string {
  const groupOf = (key: string): string => {
    const known = /^\d+$/.test(key) ? Number(key) < match.length : key in (match.groups ?? {});
    if (!known)
      throw new SlipwayError(
        'task.invalid',
        `${replacement} names the group ${key}, which the pattern does not have`,
      );
    return (/^\d+$/.test(key) ? match[Number(key)] : match.groups![key]) ?? '';
  };
  return replacement.replace(/\\(?:g<(\w+)>|([1-9]\d?)|0|([\s\S]))/g, (whole, name, digits, other) => {
    if (name !== undefined) return groupOf(name);
    if (digits !== undefined) return groupOf(digits);
    if (other === undefined) return '\0';
    return ESCAPES[other as string] ?? (whole as string);
  });
}

const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  f: '\f',
  v: '\v',
  a: '\u0007',
  b: '\b',
  '\\': '\\',
};
