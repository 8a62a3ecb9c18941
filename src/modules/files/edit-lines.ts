import { counted } from '../../base/counted.ts';
import { SlipwayError } from '../../base/errors.ts';
import type { Edited } from './edit-file.ts';
import { expand, pythonRegExp } from './python-regexp.ts';

export interface LineEdit {
  readonly state?: 'present' | 'absent' | undefined;
  readonly line?: string | undefined;
  readonly regexp?: string | undefined;
  readonly search_string?: string | undefined;
  readonly backrefs?: boolean | undefined;
  readonly insertafter?: string | undefined;
  readonly insertbefore?: string | undefined;
  readonly firstmatch?: boolean | undefined;
}

/** The lines of a text, each with its line break. */
export function splitLines(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

const bare = (line: string) => line.replace(/[\r\n]+$/, '');

/** A test for a line: by pattern, by part, or undefined where neither is asked for. */
function finder(p: LineEdit): ((line: string) => RegExpExecArray | boolean) | undefined {
  if (p.regexp !== undefined) {
    const pattern = pythonRegExp(p.regexp);
    return (line) => pattern.exec(line) ?? false;
  }
  const part = p.search_string;
  return part === undefined ? undefined : (line) => line.includes(part);
}

/** Removes every line that the pattern or part is found in, or that is the line itself. */
export function removeLines(text: string, p: LineEdit): Edited {
  const find = finder(p) ?? ((line: string) => bare(line) === bare(p.line ?? ''));
  const lines = splitLines(text);
  const kept = lines.filter((line) => !find(line));
  const count = lines.length - kept.length;
  return { text: kept.join(''), msg: `${counted(count, 'line')} removed` };
}

/**
 * Makes sure that a line is there once: in place of the (last or first) line that is found, else as it stands already,
 * else where it is to be inserted, else at the end.
 */
export function ensureLine(text: string, p: LineEdit): Edited {
  const line = p.line;
  if (line === undefined)
    throw new SlipwayError('task.invalid', 'line is missing; it is needed with state: present');
  const lines = splitLines(text);
  const found = findLine(lines, p);
  if (found) {
    const wanted = p.backrefs && typeof found.match !== 'boolean' ? expand(line, found.match) : line;
    return replaceAt(lines, found.at, wanted, text);
  }
  if (p.backrefs) return { text, msg: '' };
  const there = lines.some((candidate) => bare(candidate) === line);
  if (there) return { text, msg: '' };
  const at = placeOf(lines, p);
  // A last line without a break must not swallow the new one.
  if (at > 0 && !lines[at - 1]!.endsWith('\n')) lines[at - 1] += '\n';
  lines.splice(at, 0, withBreak(line));
  return { text: lines.join(''), msg: 'line added' };
}

function replaceAt(lines: string[], at: number, wanted: string, text: string): Edited {
  if (bare(lines[at]!) === bare(wanted) && lines[at]!.endsWith('\n')) return { text, msg: '' };
  const replaced = withBreak(wanted);
  if (lines[at] === replaced) return { text, msg: '' };
  lines[at] = replaced;
  return { text: lines.join(''), msg: 'line replaced' };
}

function withBreak(line: string): string {
  return line.endsWith('\n') ? line : `${line}\n`;
}

function findLine(
  lines: readonly string[],
  p: LineEdit,
): { readonly at: number; readonly match: RegExpExecArray | boolean } | undefined {
  const find = finder(p);
  if (!find) return undefined;
  let found: { at: number; match: RegExpExecArray | boolean } | undefined;
  for (const [at, line] of lines.entries()) {
    const match = find(line);
    if (!match) continue;
    found = { at, match };
    if (p.firstmatch) break;
  }
  return found;
}

/** The index at which a new line goes in. */
function placeOf(lines: readonly string[], p: LineEdit): number {
  if (p.insertbefore === 'BOF' || p.insertafter === 'BOF') return 0;
  const after = p.insertafter === 'EOF' ? undefined : p.insertafter;
  const pattern = after ?? p.insertbefore;
  if (pattern === undefined || pattern === 'EOF') return lines.length;
  const test = pythonRegExp(pattern);
  const hits = lines.flatMap((line, at) => (test.test(line) ? [at] : []));
  const hit = p.firstmatch ? hits[0] : hits.at(-1);
  if (hit === undefined) return lines.length;
  return after === undefined ? hit : hit + 1;
}
