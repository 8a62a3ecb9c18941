import { structuredPatch } from 'diff';
import type { Diff } from '../events/types.ts';
import type { Paint } from './colour.ts';

/** One difference as lines: contents as a unified diff, settings as "before -> after". */
export function diffLines(difference: Diff, paint: Paint): string[] {
  const { subject, kind, before, after } = difference;
  if (kind === 'content') return contentLines(subject, before, after, paint);
  const from = before === undefined ? paint('grey', 'nothing') : paint('red', before);
  const to = after === undefined ? paint('grey', 'nothing') : paint('green', after);
  return [`${subject}: ${from} -> ${to}`];
}

function contentLines(
  subject: string,
  before: string | undefined,
  after: string | undefined,
  paint: Paint,
): string[] {
  const patch = structuredPatch(subject, subject, before ?? '', after ?? '', undefined, undefined, {
    context: 3,
  });
  const lines = [
    paint('bold', `--- ${before === undefined ? '(nothing)' : subject}`),
    paint('bold', `+++ ${after === undefined ? '(nothing)' : subject}`),
  ];
  for (const hunk of patch.hunks) {
    lines.push(paint('cyan', `@@ -${hunk.oldStart},${hunk.oldLines} +${hunk.newStart},${hunk.newLines} @@`));
    for (const line of hunk.lines) {
      const colour = line.startsWith('+') ? 'green' : line.startsWith('-') ? 'red' : undefined;
      lines.push(colour ? paint(colour, line) : line);
    }
  }
  return lines;
}
