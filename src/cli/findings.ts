import type { SlipwayError } from '../base/errors.ts';
import { formatError, hostsText, sourceFrame } from '../base/frame.ts';
import { positionAt, type Span } from '../base/span.ts';

export type Severity = 'error' | 'warning';

/** What was found, as JSON for other programs. */
export function findingJson(error: SlipwayError, severity: Severity): Record<string, unknown> {
  const { code, message, span, hint, hosts } = error;
  return {
    severity,
    code,
    message,
    ...(span ? placeOf(span) : {}),
    ...(hint === undefined ? {} : { hint }),
    ...(hosts && hosts.names.length > 0
      ? { hosts: { count: hosts.names.length, of: hosts.of, names: hosts.names } }
      : {}),
    ...(span ? { frame: sourceFrame(span) } : {}),
  };
}

function placeOf({ source, start, end }: Span) {
  const from = positionAt(source, start);
  const to = positionAt(source, Math.max(start + 1, end));
  return { file: source.path, line: from.line, column: from.column, endLine: to.line, endColumn: to.column };
}

/** One annotation of a GitHub workflow. */
export function findingAnnotation(error: SlipwayError, severity: Severity): string {
  const { code, message, span, hint, hosts } = error;
  const place = span && placeOf(span);
  const at: readonly (readonly [string, string | number | undefined])[] = [
    ['file', place?.file],
    ['line', place?.line],
    ['endLine', place?.endLine],
    ['col', place?.column],
    ['endColumn', place && place.endLine === place.line ? place.endColumn : undefined],
    ['title', code],
  ];
  const properties = at
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${key}=${property(value!)}`);
  const text = [message, hint, hosts && hostsText(hosts)].filter((part) => part !== undefined).join('\n');
  return `::${severity} ${properties.join(',')}::${escaped(text)}`;
}

const escaped = (text: string) => text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');

const property = (value: string | number) =>
  escaped(String(value)).replaceAll(':', '%3A').replaceAll(',', '%2C');

/** As a person reads it. */
export function findingText(error: SlipwayError, severity: Severity): string {
  return severity === 'warning' ? `warning: ${formatError(error)}` : formatError(error);
}
