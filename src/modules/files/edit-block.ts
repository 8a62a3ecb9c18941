import type { Edited } from './edit-file.ts';
import { splitLines } from './edit-lines.ts';
import { pythonRegExp } from './python-regexp.ts';

export interface BlockEdit {
  /** Empty: the block is removed. */
  readonly block: string;
  readonly begin: string;
  readonly end: string;
  readonly insertafter?: string | undefined;
  readonly insertbefore?: string | undefined;
  readonly append_newline?: boolean | undefined;
  readonly prepend_newline?: boolean | undefined;
}

/** Makes the lines between two markers those of the block, or puts them where they belong. */
export function ensureBlock(text: string, p: BlockEdit): Edited {
  const lines = splitLines(text);
  const marked = (marker: string) => (line: string) => line.replace(/\r?\n$/, '') === marker;
  const first = lines.findLastIndex(marked(p.begin));
  const last = lines.findLastIndex(marked(p.end));
  const there = first !== -1 && last !== -1;
  if (p.block === '' && !there) return { text, msg: '' };
  const at = there ? Math.min(first, last) : placeOf(lines, text, p);
  if (there) lines.splice(at, Math.abs(last - first) + 1);
  if (p.block !== '') insert(lines, at, p);
  const after = lines.join('');
  if (p.block === '') return { text: after, msg: 'block removed' };
  return { text: after, msg: there ? 'block replaced' : 'block inserted' };
}

function insert(lines: string[], at: number, p: BlockEdit): void {
  const block = [`${p.begin}\n`, p.block.endsWith('\n') ? p.block : `${p.block}\n`, `${p.end}\n`];
  if (at > 0 && !lines[at - 1]!.endsWith('\n')) lines[at - 1] += '\n';
  if (p.prepend_newline && at > 0 && lines[at - 1] !== '\n') block.unshift('\n');
  if (p.append_newline && at < lines.length && lines[at] !== '\n') block.push('\n');
  lines.splice(at, 0, ...block);
}

/** A pattern may reach over lines only where it says so with `(?m)`; else it is tried on each line. */
function placeOf(lines: readonly string[], text: string, p: BlockEdit): number {
  if (p.insertbefore === 'BOF') return 0;
  const pattern = p.insertbefore ?? p.insertafter;
  if (pattern === undefined || pattern === 'EOF') return lines.length;
  const before = p.insertbefore !== undefined;
  if (/^\(\?[a-z]*m/.test(pattern)) return placeInText(text, pattern, before) ?? lines.length;
  const test = pythonRegExp(pattern);
  const hit = lines.findLastIndex((line) => test.test(line));
  if (hit === -1) return lines.length;
  return before ? hit : hit + 1;
}

function placeInText(text: string, pattern: string, before: boolean): number | undefined {
  const last = [...text.matchAll(pythonRegExp(pattern, { global: true }))].at(-1);
  if (!last) return undefined;
  const offset = before ? last.index : last.index + last[0].length;
  const lines = splitLines(text.slice(0, offset));
  const midway = lines.length > 0 && !lines.at(-1)!.endsWith('\n');
  return before && midway ? lines.length - 1 : lines.length;
}
