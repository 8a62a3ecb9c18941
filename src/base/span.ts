/** A file as it was read: its path as the user would write it, and its text. */
export interface Source {
  readonly path: string;
  readonly text: string;
}

/** A stretch of a source, as offsets into its text (UTF-16 units; `end` is exclusive). */
export interface Span {
  readonly source: Source;
  readonly start: number;
  readonly end: number;
}

/** A place for a reader: line and column count from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

const lineStarts = new WeakMap<Source, number[]>();

function startsOf(source: Source): number[] {
  const known = lineStarts.get(source);
  if (known) return known;
  const starts = [0];
  for (let at = source.text.indexOf('\n'); at !== -1; at = source.text.indexOf('\n', at + 1))
    starts.push(at + 1);
  lineStarts.set(source, starts);
  return starts;
}

/** The line and column of an offset, by binary search in the source's line table. */
export function positionAt(source: Source, offset: number): Position {
  const starts = startsOf(source);
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 };
}

/** `file:line:col` of a span's start. */
export function locate(span: Span): string {
  const { line, column } = positionAt(span.source, span.start);
  return `${span.source.path}:${line}:${column}`;
}

/** The text of a line (counted from 1), without its line break. */
export function lineText(source: Source, line: number): string {
  const starts = startsOf(source);
  const start = starts[line - 1];
  if (start === undefined) return '';
  const end = starts[line] ?? source.text.length + 1;
  return source.text.slice(start, end - 1).replace(/\r$/, '');
}

/** A span inside another one: offsets count from the start of `span`. Nothing stands behind the end of the text. */
export function within({ source, start: base }: Span, start: number, end: number): Span {
  const last = source.text.length;
  return { source, start: Math.min(base + start, last), end: Math.min(base + end, last) };
}
