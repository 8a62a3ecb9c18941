import { parse as parseHandlebarsText } from 'handlebars/dist/cjs/handlebars/compiler/base.js';
import { didYouMean } from '../base/suggest.ts';
import type { Expr, Place } from './expr.ts';
import { HELPERS } from './helpers.ts';
import { toHandlebars } from './jinja-handlebars.ts';
import { JinjaSyntaxError } from './jinja-lex.ts';
import { parseJinja } from './jinja-parse.ts';
import type { Mustache } from './mustaches.ts';
import type { Complaint } from './program.ts';

/** Why Handlebars could not parse a text: each broken mustache by itself, or else what does not match up. */
export function complaintsOf(
  text: string,
  slotted: string,
  mustaches: readonly Mustache[],
  error: Error,
): Complaint[] {
  const unclosed = text.lastIndexOf('{{');
  if (mustaches.every((mustache) => mustache.end <= unclosed) && !text.includes('}}', unclosed)) {
    const place = { start: unclosed, end: unclosed + 2 };
    return [
      {
        code: 'template.syntax',
        message: 'A {{ is never closed',
        place,
        hint: 'Add the }}; a literal {{ is written \\{{.',
      },
    ];
  }
  const found = mustaches.flatMap((mustache) =>
    parses(slotted, mustache) ? [] : [complaint(text, mustache)],
  );
  return found.length > 0 ? found : [structure(text, mustaches, error)];
}

/** Whether a mustache by itself is fine; a block is closed at once. */
function parses(slotted: string, { kind, start, end, inner }: Mustache): boolean {
  if (kind === 'close' || kind === 'else') return true;
  const text = slotted.slice(start, end);
  const name = /^\S+/.exec(slotted.slice(inner.start, inner.end))?.[0] ?? '';
  try {
    parseHandlebarsText(kind === 'open' ? `${text}{{/${name}}}` : text);
    return true;
  } catch {
    return false;
  }
}

function complaint(text: string, mustache: Mustache): Complaint {
  const jinja = jinjaComplaint(text, mustache, mustache);
  if (jinja) return jinja;
  return {
    code: 'template.syntax',
    message: `${text.slice(mustache.start, mustache.end)} is not a Handlebars expression`,
    place: mustache,
    hint: goTemplate(text.slice(mustache.inner.start, mustache.inner.end))
      ? 'If it is meant for another program, write \\{{ or tag the value with !unsafe.'
      : 'Write a variable `{{ name }}` or a helper with arguments `{{ join list "," }}`.',
  };
}

function goTemplate(inner: string): boolean {
  return /^[.$]/.test(inner) || /\s\.\w/.test(inner);
}

/** Reads a mustache as Jinja2 and says how it is written here; undefined when it is no Jinja2. */
export function jinjaComplaint(text: string, place: Place, mustache?: Mustache): Complaint | undefined {
  const shown = text.slice(place.start, place.end);
  const block =
    mustache?.kind === 'open'
      ? /^(if|unless|each|with)\s+/.exec(text.slice(mustache.inner.start, mustache.inner.end))
      : null;
  const inner = mustache
    ? text.slice(mustache.inner.start + (block?.[0].length ?? 0), mustache.inner.end)
    : shown.replace(/^\{+~?\s*|\s*~?\}+$/g, '');
  let expr: Expr;
  try {
    expr = parseJinja(inner);
  } catch (error) {
    if (error instanceof JinjaSyntaxError) return undefined;
    throw error;
  }
  if (expr.op === 'literal' || isPath(expr)) return undefined;
  const written = toHandlebars(expr, block !== null);
  const again = written && (block ? `{{#${block[1]} ${written}}}` : `{{ ${written} }}`);
  return {
    code: 'template.jinja',
    message: `${shown} is Jinja2`,
    place,
    hint: again ? `Write \`${again}\`.` : noTranslation(expr),
  };
}

function isPath(expr: Expr): boolean {
  return expr.op === 'name' || (expr.op === 'member' && isPath(expr.target));
}

function noTranslation(expr: Expr): string {
  if (expr.op === 'call' && (expr.name === 'lookup' || expr.name === 'query'))
    return 'Lookup plugins do not exist here: read the value in a task (`slurp`, `command` with `register`) or give it with `-e`.';
  if (expr.op === 'filter')
    return `There is no helper like the filter \`${expr.name}\`. ${didYouMean(expr.name, HELPERS.keys())}`;
  return 'Compute the value in a task before (`set_fact`) and use it by its name.';
}

const TAG =
  /\{%-?\s*(if|elif|else|endif|for|endfor|set|raw|endraw|include|macro|block|filter|import|from|extends)\b\s*(.*?)\s*-?%\}/g;
const RAW = /\{\{\{\{\s*raw\s*\}\}\}\}[^]*?\{\{\{\{\/raw\}\}\}\}/g;

/** `{% if %}` and its kin, which Handlebars takes for plain text. */
export function jinjaTags(text: string): Complaint[] {
  if (!text.includes('{%')) return [];
  const open = text.replace(RAW, (raw) => ' '.repeat(raw.length));
  return [...open.matchAll(TAG)].map((match) => {
    const again = tagInHandlebars(match[1]!, match[2]!);
    return {
      code: 'template.jinja',
      message: `${match[0]} is Jinja2`,
      place: { start: match.index, end: match.index + match[0].length },
      hint: again
        ? `Write \`${again}\`.`
        : 'Templates are written in Handlebars: `{{#if x}}`, `{{#each list as |item|}}`.',
    };
  });
}

function tagInHandlebars(tag: string, rest: string): string | undefined {
  if (tag === 'else') return '{{else}}';
  if (tag === 'endif') return '{{/if}}';
  if (tag === 'endfor') return '{{/each}}';
  if (tag === 'raw') return '{{{{raw}}}}';
  if (tag === 'endraw') return '{{{{/raw}}}}';
  const loop = /^(\w+)\s+in\s+(.+)$/.exec(rest);
  const source = tag === 'for' ? loop?.[2] : tag === 'if' || tag === 'elif' ? rest : undefined;
  if (source === undefined) return undefined;
  try {
    const written = toHandlebars(parseJinja(source), true);
    if (!written) return undefined;
    if (tag === 'for') return `{{#each ${written} as |${loop![1]}|}}`;
    return tag === 'if' ? `{{#if ${written}}}` : `{{else if ${written}}}`;
  } catch (error) {
    if (error instanceof JinjaSyntaxError) return undefined;
    throw error;
  }
}

/** Blocks that do not match up, which only the parse of the whole finds. */
function structure(text: string, mustaches: readonly Mustache[], error: Error): Complaint {
  const open: Mustache[] = [];
  const nameOf = ({ inner }: Mustache): string => /^\S+/.exec(text.slice(inner.start, inner.end))?.[0] ?? '';
  for (const mustache of mustaches) {
    if (mustache.kind === 'open') open.push(mustache);
    if (mustache.kind !== 'close') continue;
    const last = open.pop();
    if (!last)
      return { code: 'template.syntax', message: `{{/${nameOf(mustache)}}} closes nothing`, place: mustache };
    if (nameOf(last) !== nameOf(mustache)) {
      return {
        code: 'template.syntax',
        message: `{{/${nameOf(mustache)}}} does not close {{#${nameOf(last)}}}`,
        place: mustache,
        hint: `Write {{/${nameOf(last)}}}.`,
      };
    }
  }
  const last = open.at(-1);
  if (last) {
    const message = `{{#${nameOf(last)}}} is never closed`;
    return { code: 'template.syntax', message, place: last, hint: `Add {{/${nameOf(last)}}}.` };
  }
  const line = Number(/on line (\d+)/.exec(error.message)?.[1] ?? 1);
  const first = mustaches.find(({ start }) => text.slice(0, start).split('\n').length >= line) ?? {
    start: 0,
    end: text.length,
  };
  return { code: 'template.syntax', message: 'The template cannot be parsed', place: first };
}
