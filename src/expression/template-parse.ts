import { parse as parseHandlebarsText } from 'handlebars/dist/cjs/handlebars/compiler/base.js';
import { didYouMean } from '../base/suggest.ts';
import { complaintsOf, jinjaComplaint } from './complaints.ts';
import type { Expr, Place } from './expr.ts';
import { HELPERS } from './helpers.ts';
import { findMustaches } from './mustaches.ts';
import type { BlockPiece, Complaint, Piece } from './program.ts';
import { cutSubscripts, SLOT, type Slots } from './slots.ts';

export interface ParsedTemplate {
  readonly pieces: readonly Piece[];
  readonly complaints: readonly Complaint[];
}

interface Context {
  readonly text: string;
  readonly slots: Slots;
  readonly lines: readonly number[];
  readonly complaints: Complaint[];
}

/** Parses a template whole. Handlebars reads it; what it means is ours (render.ts), so that it can be strict. */
export function parseHandlebars(text: string): ParsedTemplate {
  const mustaches = findMustaches(text);
  const slots = cutSubscripts(text, mustaches);
  let ast: hbs.AST.Program;
  try {
    ast = parseHandlebarsText(slots.text);
  } catch (error) {
    return { pieces: [], complaints: complaintsOf(text, slots.text, mustaches, error as Error) };
  }
  const context: Context = { text, slots, lines: lineStarts(text), complaints: [] };
  const pieces = program(context, ast);
  return { pieces, complaints: context.complaints };
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (const match of text.matchAll(/\r\n?|\n/g)) starts.push(match.index + match[0].length);
  return starts;
}

function placeOf(context: Context, node: hbs.AST.Node): Place {
  const offset = ({ line, column }: hbs.AST.Position) => (context.lines[line - 1] ?? 0) + column;
  return { start: offset(node.loc.start), end: offset(node.loc.end) };
}

function program(context: Context, ast: hbs.AST.Program | undefined): Piece[] {
  return (ast?.body ?? []).flatMap((statement) => piece(context, statement) ?? []);
}

function piece(context: Context, statement: hbs.AST.Statement): Piece | undefined {
  switch (statement.type) {
    case 'ContentStatement': {
      const text = (statement as hbs.AST.ContentStatement).value;
      return text === '' ? undefined : { kind: 'text', text };
    }
    case 'CommentStatement':
      return undefined;
    case 'MustacheStatement': {
      const mustache = statement as hbs.AST.MustacheStatement;
      const expr = call(context, mustache, placeOf(context, mustache));
      return expr && { kind: 'value', expr };
    }
    case 'BlockStatement':
      return block(context, statement as hbs.AST.BlockStatement);
    default: {
      const what = statement.type.startsWith('Partial')
        ? 'Partials (`{{> name}}`)'
        : 'Decorators (`{{* name}}`)';
      context.complaints.push({
        code: 'template.syntax',
        message: `${what} are not supported`,
        place: placeOf(context, statement),
        hint: 'Put the text here, or render it before with `set_fact`.',
      });
      return undefined;
    }
  }
}

const BLOCKS: readonly string[] = ['if', 'unless', 'each', 'with', 'raw'];

function block(context: Context, ast: hbs.AST.BlockStatement): Piece | undefined {
  const place = placeOf(context, ast);
  const { original: name } = ast.path as hbs.AST.PathExpression;
  if (name === 'raw') {
    const content = ast.program.body[0] as hbs.AST.ContentStatement | undefined;
    return { kind: 'text', text: content?.value ?? '' };
  }
  const head = placeOf(context, ast.path);
  if (!BLOCKS.includes(name)) {
    const helper = HELPERS.has(name);
    context.complaints.push({
      code: 'template.unknown-helper',
      message: helper ? `\`${name}\` is a helper, not a block` : `There is no block \`#${name}\``,
      place: head,
      hint: helper ? `Write \`{{${name} ...}}\`.` : didYouMean(name, BLOCKS),
    });
    return undefined;
  }
  const body = program(context, ast.program);
  const otherwise = program(context, ast.inverse);
  const [first, ...more] = ast.params;
  const subject = first && argument(context, first);
  if (!first || more.length > 0) {
    context.complaints.push({
      code: 'template.syntax',
      message: `\`#${name}\` takes one value, not ${ast.params.length}`,
      place: head,
      hint: more.length > 0 ? `Put a helper in brackets: \`{{#${name} (eq a "b")}}\`.` : undefined,
    });
    return undefined;
  }
  const names = (ast.program?.blockParams ?? ast.inverse?.blockParams ?? []) as string[];
  return subject && ({ ...place, kind: name, subject, names, body, otherwise } as BlockPiece);
}

type Call = hbs.AST.MustacheStatement | hbs.AST.SubExpression;

/** A mustache or a bracketed part: a value where nothing follows the name, else a helper with arguments. */
function call(context: Context, ast: Call, place: Place): Expr | undefined {
  const named = ast.hash?.pairs ?? [];
  const name = (ast.path as hbs.AST.PathExpression).original;
  // In brackets a lone name is a call, `(list)`; by itself it is a variable.
  const lone = ast.params.length === 0 && named.length === 0;
  if (lone && (ast.type === 'MustacheStatement' || !HELPERS.has(String(name))))
    return argument(context, ast.path as hbs.AST.Expression);
  const args = ast.params.map((param) => argument(context, param));
  const pairs = named.map((pair) => [pair.key, argument(context, pair.value)] as const);
  const helper = HELPERS.get(String(name));
  if (!helper) {
    context.complaints.push(unknownHelper(context, ast, place));
    return undefined;
  }
  const wrong = wrongArguments(
    String(name),
    args.length,
    pairs.map(([key]) => key),
  );
  if (wrong) {
    context.complaints.push({
      code: 'template.syntax',
      message: wrong,
      place,
      hint: `For example \`${helper.example.template}\`.`,
    });
    return undefined;
  }
  if (args.some((arg) => !arg) || pairs.some(([, value]) => !value)) return undefined;
  return {
    ...place,
    op: 'helper',
    name: String(name),
    args: args as Expr[],
    named: Object.fromEntries(pairs) as Record<string, Expr>,
  };
}

function wrongArguments(name: string, count: number, named: readonly string[]): string | undefined {
  const helper = HELPERS.get(name)!;
  const [least, most] = helper.args;
  if (count < least || count > most) {
    const wanted =
      least === most ? `${least}` : most === Infinity ? `at least ${least}` : `${least} to ${most}`;
    return `\`${name}\` takes ${wanted} argument${wanted === '1' ? '' : 's'}, not ${count}`;
  }
  const unknown = named.find((key) => !helper.named?.includes(key));
  return unknown === undefined ? undefined : `\`${name}\` has no option \`${unknown}\``;
}

function unknownHelper(context: Context, ast: Call, place: Place): Complaint {
  const path = ast.path as hbs.AST.PathExpression;
  const name = context.text.slice(placeOf(context, path).start, placeOf(context, path).end);
  const jinja = ast.type === 'MustacheStatement' ? jinjaComplaint(context.text, place) : undefined;
  return (
    jinja ?? {
      code: 'template.unknown-helper',
      message: `There is no helper \`${name}\``,
      place: placeOf(context, path),
      hint: didYouMean(name, HELPERS.keys()),
    }
  );
}

function argument(context: Context, ast: hbs.AST.Expression): Expr | undefined {
  const place = placeOf(context, ast);
  switch (ast.type) {
    case 'PathExpression':
      return path(context, ast as hbs.AST.PathExpression, place);
    case 'SubExpression':
      return call(context, ast as hbs.AST.SubExpression, place);
    case 'NullLiteral':
    case 'UndefinedLiteral':
      return { ...place, op: 'literal', value: null };
    default:
      return { ...place, op: 'literal', value: (ast as hbs.AST.StringLiteral).value };
  }
}

function path(context: Context, ast: hbs.AST.PathExpression, place: Place): Expr {
  const { parts, depth, data, original } = ast;
  // Handlebars reads `json .State` as `json.State`; it is a Go template.
  if (/^[^[]*\s/.test(context.text.slice(place.start, place.end))) {
    context.complaints.push({
      code: 'template.syntax',
      message: `${context.text.slice(place.start, place.end)} is not a Handlebars expression`,
      place,
      hint: 'If it is meant for another program, write \\{{ or tag the value with !unsafe.',
    });
  }
  if (original.startsWith(SLOT)) return context.slots.paths.get(place.start)!;
  let at = place.start;
  const find = (part: string): Place => {
    const start = Math.max(at, context.text.indexOf(part, at));
    at = start + part.length;
    return { start, end: at };
  };
  let rest = parts as string[];
  let expr: Expr;
  if (data && rest[0] === 'root') {
    const name = rest[1] ?? 'root';
    expr = { start: place.start, end: find(name).end, op: 'name', name, up: Infinity };
    rest = rest.slice(2);
  } else if (rest.length === 0 || /^(?:\.\.\/)*(?:this\b|\.\/)/.test(original)) {
    expr = { start: place.start, end: Math.min(place.end, place.start + 4), op: 'this', up: depth };
  } else {
    const name = data ? `@${rest[0]}` : rest[0]!;
    expr = { start: place.start, end: find(rest[0]!).end, op: 'name', name, up: depth };
    rest = rest.slice(1);
  }
  for (const part of rest) {
    const key = find(part);
    expr = {
      start: place.start,
      end: key.end,
      op: 'member',
      target: expr,
      key: { ...key, op: 'literal', value: part },
    };
  }
  return expr;
}
