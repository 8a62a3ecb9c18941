import type { Document } from 'yaml';
import type { Problems, SlipwayError } from '../base/errors.ts';
import { lineText, positionAt, type Source } from '../base/span.ts';

/** What to do about the mistakes that people make most. */
const HINTS: Readonly<Record<string, string>> = {
  TAB_AS_INDENT: 'Indent with spaces.',
  BAD_INDENT: 'Line it up with the items above it.',
  BLOCK_AS_IMPLICIT_KEY: 'Put the value in quotes, or its keys on lines of their own.',
  BAD_ALIAS: 'Put the value in quotes if it is meant to start with `*` or `&`.',
  BAD_SCALAR_START: 'Put the value in quotes: YAML gives this character a meaning of its own.',
  MISSING_CHAR: 'Close the quote or bracket, and put a `:` after each key.',
  MULTILINE_IMPLICIT_KEY: 'Put a `:` after the key, or quote a text that runs over several lines.',
  BAD_DQ_ESCAPE: 'In double quotes a backslash starts an escape: double it, or use single quotes.',
};

/** A value (of a key or of a list item) that starts with an unquoted mustache. */
const BARE_MUSTACHE = /^(\s*(?:-\s+)*(?:[\w.-]+\s*:\s+)?)(\{\{.*?)\s*$/;

/** Reports what the YAML parser found. Returns the first error of each broken line. */
export function reportSyntax(
  source: Source,
  documents: readonly Document.Parsed[],
  problems: Problems,
): ReadonlyMap<number, SlipwayError> {
  const lines = new Map<number, SlipwayError>();
  for (const error of documents.flatMap((document) => document.errors)) {
    const start = Math.min(error.pos[0], source.text.length);
    const { line } = positionAt(source, start);
    if (lines.has(line)) continue;
    if (!reportBareMustache(source, line, problems)) {
      const better = explained(source.text, start, error.message);
      problems.error('yaml.syntax', better?.message ?? error.message, {
        span: {
          source,
          start: better?.at ?? start,
          end: Math.max((better?.at ?? start) + 1, better?.at === undefined ? error.pos[1] : 0),
        },
        hint: better?.hint ?? HINTS[error.code],
      });
    }
    lines.set(line, problems.errors.at(-1)!);
  }
  return lines;
}

interface Explained {
  readonly message: string;
  readonly hint: string;
  /** Where the cause stands. */
  readonly at?: number;
}

/** What the parser says in terms of its grammar, in terms of what was written. */
function explained(text: string, start: number, message: string): Explained | undefined {
  const line = text.lastIndexOf('\n', start - 1) + 1;
  const tab = /^ *\t/.exec(text.slice(line, start + 1))?.[0];
  if (tab !== undefined)
    return {
      message: 'Tabs are not allowed as indentation',
      hint: 'Indent with spaces.',
      at: line + tab.length - 1,
    };
  const quote = /^Missing closing (["'])quote/.exec(message)?.[1];
  if (quote !== undefined)
    return {
      message: `This ${quote} is never closed`,
      hint: `Add a ${quote} where the text ends.`,
      at: Math.max(0, text.lastIndexOf(quote, start - 1)),
    };
  const end = /^Flow .* end with a ([\]}])$/.exec(message)?.[1];
  if (end !== undefined) {
    const begin = end === ']' ? '[' : '{';
    const at = Math.max(0, text.lastIndexOf(begin, start - 1));
    return { message: `This ${begin} is never closed`, hint: `Add a ${end} where it ends.`, at };
  }
  if (
    message === 'Sequence item without - indicator' ||
    message === 'All collection items must start at the same column'
  )
    return {
      message: 'This line stands further left or right than the ones that it belongs to',
      hint: 'Line it up with them: the same number of spaces before it.',
    };
  return undefined;
}

function reportBareMustache(source: Source, line: number, problems: Problems): boolean {
  const text = lineText(source, line);
  const match = BARE_MUSTACHE.exec(text);
  if (!match) return false;
  const [, before = '', value = ''] = match;
  const start = lineStart(source, line) + before.length;
  reportUnquoted(source, start, start + value.length, problems);
  return true;
}

function lineStart(source: Source, line: number): number {
  let start = 0;
  for (let n = 1; n < line; n++) start = source.text.indexOf('\n', start) + 1;
  return start;
}

export function reportUnquoted(source: Source, start: number, end: number, problems: Problems): void {
  const text = source.text.slice(start, end);
  const quoted = text.includes('"') ? `'${text.replaceAll("'", "''")}'` : `"${text}"`;
  problems.error('yaml.unquoted-template', `${text} is read as a mapping because it is not quoted`, {
    span: { source, start, end },
    hint: `Write ${quoted}.`,
  });
}
