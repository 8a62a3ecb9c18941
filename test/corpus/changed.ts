import * as fc from 'fast-check';
import { isCollection, isPair, parseDocument, visit } from 'yaml';

const VALUES = [
  null,
  true,
  0,
  -1,
  1e21,
  '',
  'x',
  '{{ x',
  '{{ x }}',
  '{{ x | y }}',
  '*',
  [],
  [[]],
  {},
  { a: { b: [1] } },
];

export interface Change {
  readonly file: number;
  readonly how:
    | 'cut'
    | 'cut line'
    | 'double line'
    | 'swap lines'
    | 'rename key'
    | 'retype'
    | 'drop'
    | 'double';
  readonly at: number;
  readonly to: number;
}

export const changes: fc.Arbitrary<Change> = fc.record({
  file: fc.nat(),
  how: fc.constantFrom(
    'cut',
    'cut line',
    'double line',
    'swap lines',
    'rename key',
    'retype',
    'drop',
    'double',
  ),
  at: fc.nat(),
  to: fc.nat(),
});

/** The text of a file after a change. */
export function changed(text: string, { how, at, to }: Change): string {
  if (how === 'cut') return text.slice(0, at % (text.length + 1));
  const lines = text.split('\n');
  const line = at % lines.length;
  if (how === 'cut line') return lines.toSpliced(line, 1).join('\n');
  if (how === 'double line') return lines.toSpliced(line, 0, lines[line]!).join('\n');
  if (how === 'swap lines') {
    const other = to % lines.length;
    return lines.with(line, lines[other]!).with(other, lines[line]!).join('\n');
  }
  return changedTree(text, how, at, to);
}

function changedTree(text: string, how: Change['how'], at: number, to: number): string {
  const document = parseDocument(text);
  let nodes = 0;
  visit(document, { Node: () => void nodes++, Pair: () => void nodes++ });
  const wanted = at % Math.max(1, nodes);
  let seen = -1;
  const value = document.createNode(VALUES[to % VALUES.length]);
  const change = (_: unknown, node: unknown): unknown => {
    seen += 1;
    if (seen !== wanted) return undefined;
    if (isPair<unknown, unknown>(node)) {
      if (how === 'drop') return visit.REMOVE;
      if (how === 'retype') node.value = value;
      else node.key = document.createNode(`${String(node.key)}${to % 10}`);
      return visit.BREAK;
    }
    if (how === 'double' && isCollection(node)) node.items.push(...(node.items as never[]));
    return how === 'retype' ? value : visit.BREAK;
  };
  visit(document, { Node: change, Pair: change } as never);
  try {
    return String(document);
  } catch {
    return text;
  }
}
