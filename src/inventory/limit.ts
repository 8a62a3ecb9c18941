import path from 'node:path';
import { readSource } from './variables-file.ts';

/** A `-l` with each `@file` replaced by the patterns in that file, one a line. @throws {SlipwayError} file.missing */
export function expandLimit(limit: string, cwd: string): string {
  return limit
    .split(/,(?![^[]*\])/)
    .flatMap((part) =>
      part.trim().startsWith('@') ? linesOf(path.resolve(cwd, part.trim().slice(1)), cwd) : [part.trim()],
    )
    .filter((part) => part !== '')
    .join(',');
}

function linesOf(file: string, cwd: string): string[] {
  return readSource(file, cwd)
    .text.split('\n')
    .map((line) => line.replace(/#.*/, '').trim());
}
