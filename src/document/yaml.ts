import { type Document, isNode, parseAllDocuments } from 'yaml';
import { Problems, type SlipwayError } from '../base/errors.ts';
import { positionAt, type Source } from '../base/span.ts';
import type { Node } from './node.ts';
import { convert } from './yaml-convert.ts';
import { reportSyntax } from './yaml-syntax.ts';

/**
 * Reads one YAML 1.2 document into nodes that know where they stand. Undefined when the file is empty or when
 * something was found wrong; then `problems` has it all, not only the first.
 */
export function parseYaml(source: Source, problems: Problems): Node | undefined {
  // Its own check for duplicate keys is quadratic; ours (in convert) is not.
  const parsed = parseAllDocuments(source.text, {
    version: '1.2',
    uniqueKeys: false,
    prettyErrors: false,
    merge: false,
  });
  const documents = Array.isArray(parsed) ? (parsed as Document.Parsed[]) : [];
  const found = new Problems();
  const lines = reportSyntax(source, documents, found);
  reportFurtherDocuments(source, documents, found);
  const root = documents[0]?.contents;
  const node = isNode(root) && !isEmpty(root) ? convert(source, root, found) : undefined;
  problems.warnings.push(...found.warnings);
  const errors = found.errors.filter((error) => !isEcho(error, lines));
  problems.errors.push(...errors.sort((a, b) => (a.span?.start ?? 0) - (b.span?.start ?? 0)));
  return found.errors.length > 0 ? undefined : node;
}

/** What is found on a line whose syntax is broken is most likely a consequence of that. */
function isEcho(error: SlipwayError, brokenLines: ReadonlyMap<number, SlipwayError>): boolean {
  const first = error.span && brokenLines.get(positionAt(error.span.source, error.span.start).line);
  return first !== undefined && first !== error;
}

function isEmpty(root: object): boolean {
  return 'value' in root && root.value === null && 'source' in root && !root.source;
}

function reportFurtherDocuments(
  source: Source,
  documents: readonly Document.Parsed[],
  problems: Problems,
): void {
  for (const document of documents.slice(1)) {
    const root = document.contents;
    if (!isNode(root) || isEmpty(root)) continue;
    const start = document.range[0];
    const marker = source.text.lastIndexOf('---', root.range?.[0] ?? start);
    const at = marker >= 0 ? marker : start;
    problems.error('yaml.syntax', 'The file holds more than one YAML document', {
      span: { source, start: at, end: at + 3 },
      hint: 'Remove the `---` line, or put the second document into a file of its own.',
    });
    return;
  }
}
