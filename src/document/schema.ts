import type { TSchema } from 'typebox';
import type { Problems } from '../base/errors.ts';
import { type Path, type SchemaProblem, validateData } from '../base/schema.ts';
import type { Span } from '../base/span.ts';
import { entry, type Node, toData } from './node.ts';

export interface NodeCheckOptions {
  /** What is being checked, in the words of a message: "a play". */
  readonly what?: string;
  /** Texts that are templates, whose values are not known yet. By default those with a mustache. */
  readonly isTemplated?: (value: unknown) => boolean;
}

const hasMustache = (value: unknown): boolean => typeof value === 'string' && value.includes('{{');

/** Checks a node's data against a schema and reports each problem where it stands. True when nothing was wrong. */
export function checkNode(
  node: Node,
  schema: TSchema,
  problems: Problems,
  options: NodeCheckOptions = {},
): boolean {
  const isTemplated = options.isTemplated ?? hasMustache;
  const found = validateData(schema, toData(node), { what: options.what, isTemplated }).problems;
  for (const problem of found) {
    const { span, hint } = placed(node, problem);
    problems.error(problem.code, problem.message, { span, hint });
  }
  return found.length === 0;
}

function placed(root: Node, problem: SchemaProblem): { span: Span; hint: string | undefined } {
  const node = follow(root, problem.path);
  if (problem.key !== undefined && node.kind === 'map')
    return { span: entry(node, problem.key)?.keySpan ?? node.span, hint: problem.hint };
  if (problem.code === 'schema.missing-key') return { span: startOf(node), hint: problem.hint };
  const octal = node.kind === 'scalar' && typeof node.value === 'number' && /^0o?\d+$/.test(node.source);
  if (octal && problem.code === 'schema.wrong-type') {
    const name = String(problem.path.at(-1) ?? 'value');
    return { span: node.span, hint: `Write \`${name}: '${node.source.replace('o', '')}'\`.` };
  }
  return { span: node.span, hint: problem.hint };
}

/** What is missing in a map is shown at its first key, not over all of its lines. */
function startOf(node: Node): Span {
  return node.kind === 'map' && node.entries[0] && !node.span.source.text.startsWith('{', node.span.start)
    ? node.entries[0].keySpan
    : node.span;
}

/** The node at a path, or the last one on the way that there is. */
function follow(root: Node, path: Path): Node {
  let node = root;
  for (const step of path) {
    const next =
      node.kind === 'list'
        ? node.items[Number(step)]
        : node.kind === 'map'
          ? entry(node, String(step))?.value
          : undefined;
    if (!next) return node;
    node = next;
  }
  return node;
}
