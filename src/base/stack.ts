import { readFileSync } from 'node:fs';
import { SourceMap, type SourceMapPayload } from 'node:module';
import { fileURLToPath } from 'node:url';

/**
 * An error's stack with places in our sources (`src/run/task.ts:12:3`) for those in the bundle, whose names are short
 * and mean nothing. Without a source map beside it, as in a run from the sources, the stack stays as it is.
 */
export function stackOf(error: Error, bundle = fileURLToPath(import.meta.url)): string {
  const stack = error.stack ?? error.message;
  const [head = '', ...places] = stack.split(`${bundle}:`);
  const map = places.length > 0 ? sourceMap(`${bundle}.map`) : undefined;
  if (!map) return stack;
  const named = places.map((rest) => {
    const [position, line, column] = /^(\d+):(\d+)/.exec(rest) ?? [''];
    const at = map.findEntry(Number(line) - 1, Number(column) - 1);
    return 'originalSource' in at
      ? `${at.originalSource.replace(/^\.\.\//, '')}:${at.originalLine + 1}:${at.originalColumn + 1}${rest.slice(position.length)}`
      : `${bundle}:${rest}`;
  });
  return head + named.join('');
}

function sourceMap(file: string): SourceMap | undefined {
  try {
    return new SourceMap(JSON.parse(readFileSync(file, 'utf8')) as SourceMapPayload);
  } catch {
    return undefined;
  }
}
