import { type HostsConcerned, SlipwayError, SlipwayErrors } from './errors.ts';
import { lineText, locate, positionAt, type Span } from './span.ts';
import { stackOf } from './stack.ts';

/** More of a line than this is cut, around the part that matters. */
const WIDEST = 160;

/** The source line of a span with a caret under the wrong part, as compilers show it. */
export function sourceFrame(span: Span): string {
  const { line, column } = positionAt(span.source, span.start);
  const whole = lineText(span.source, line);
  const cut = whole.length > WIDEST && column > WIDEST / 2 ? column - 1 - WIDEST / 4 : 0;
  // A file can hold anything; a terminal must not obey it.
  const text = whole.slice(cut, cut + WIDEST).replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '\uFFFD');
  const before = text.slice(0, column - 1 - cut);
  const gutter = String(line);
  const pad = ' '.repeat(gutter.length);
  const width = Math.max(1, Math.min(span.end - span.start, text.length - before.length));
  const indent = before.replace(/[^\t]/g, ' ');
  return `${pad} |\n${gutter} | ${text}\n${pad} | ${indent}${'^'.repeat(width)}`;
}

/** An error as a person reads it: place, message, code, frame, hint. Plain text, ends without a line break. */
export function formatError(error: SlipwayError): string {
  const where = error.span ? `${locate(error.span)}: ` : '';
  const parts = [`${where}${error.message} [${error.code}]`];
  if (error.span) parts.push(sourceFrame(error.span));
  if (error.hint) parts.push(`  ${error.hint}`);
  const hosts = error.hosts && hostsText(error.hosts);
  if (hosts) parts.push(`  ${hosts}`);
  return parts.join('\n');
}

/** "on 12 of 40 hosts, first n07"; undefined where it holds for all of them. */
export function hostsText({ names, of }: HostsConcerned): string | undefined {
  if (names.length === 0 || names.length === of) return undefined;
  return names.length === 1
    ? `on 1 of ${of} hosts: ${names[0]}`
    : `on ${names.length} of ${of} hosts, first ${names[0]}`;
}

/** Any thrown value as text for a person; a fault of ours keeps its stack. */
export function formatThrown(thrown: unknown): string {
  if (thrown instanceof SlipwayError) return formatError(thrown);
  if (thrown instanceof SlipwayErrors) return thrown.errors.map(formatError).join('\n\n');
  return thrown instanceof Error ? stackOf(thrown) : String(thrown);
}
