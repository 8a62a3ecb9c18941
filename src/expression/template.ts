import { type ErrorCode, Problems, SlipwayError } from '../base/errors.ts';
import type { Source, Span } from '../base/span.ts';
import { jinjaTags } from './complaints.ts';
import { lookedInto } from './content.ts';
import type { Env, Failure } from './env.ts';
import type { Expr, Place } from './expr.ts';
import { type Locate, locator } from './locate.ts';
import type { Complaint, Piece } from './program.ts';
import { usesOf, type Use } from './references.ts';
import { callHelper, renderText } from './render.ts';
import { run } from './run.ts';
import { type ParsedTemplate, parseHandlebars } from './template-parse.ts';
import { examine as examineExpr } from './examine.ts';
import { examineText } from './examine-text.ts';
import { type Survey, type Surveyed, surveyOf } from './survey.ts';
import { type Scope, type Template, Unknown, type Watch } from './types.ts';

interface Parsed extends ParsedTemplate {
  readonly uses: readonly Use[];
}

/** The same text stands in many tasks and is rendered for many hosts: it is parsed once. */
const parsed = new Map<string, Parsed>();
const MOST_PARSED = 20_000;

function parse(text: string): Parsed {
  const known = parsed.get(text);
  if (known) return known;
  const { pieces, complaints } = parseHandlebars(text);
  const all = [...jinjaTags(text), ...complaints].sort((a, b) => a.place.start - b.place.start);
  const result = { pieces, complaints: all, uses: usesIn(pieces, new Set(), 0) };
  if (parsed.size >= MOST_PARSED) parsed.clear();
  parsed.set(text, result);
  return result;
}

/** Inside `#each` and `#with` a name may be a field of the item, so it cannot be said to be missing. */
function usesIn(pieces: readonly Piece[], bound: ReadonlySet<string>, depth: number): Use[] {
  const uses: Use[] = [];
  for (const piece of pieces) {
    if (piece.kind === 'text') continue;
    if (piece.kind === 'value') {
      uses.push(...usesOf(piece.expr, bound, depth > 0));
      continue;
    }
    uses.push(...usesOf(piece.subject, bound, true));
    const enters = piece.kind === 'each' || piece.kind === 'with';
    const within = enters ? new Set([...bound, ...piece.names]) : bound;
    uses.push(
      ...usesIn(piece.body, within, depth + (enters ? 1 : 0)),
      ...usesIn(piece.otherwise, bound, depth),
    );
  }
  return uses;
}

/** Whether a text holds anything for a template to do. */
export function isTemplate(text: string): boolean {
  return text.includes('{{') || jinjaTags(text).length > 0;
}

/** Parses a string with mustaches. Undefined when it is wrong; then the reasons are in `problems`. */
export function parseTemplate(text: string, span: Span, problems: Problems): Template | undefined {
  const { pieces, complaints, uses } = parse(text);
  const locate = locator(text, span);
  if (complaints.length > 0) {
    report(complaints, locate, problems);
    return undefined;
  }
  const single = pieces.length === 1 && pieces[0]?.kind === 'value' ? pieces[0].expr : undefined;
  const references = uses.map((use) => ({ path: use.path, optional: use.optional, span: locate(use) }));
  const render = renderer(text, pieces, single, locate);
  const quick = wantsLook(text) ? undefined : render;
  const examine = examiner({ text, locate, codes: CODES }, quick, (env) =>
    single ? examineExpr(single, env) : examineText(pieces, env),
  );
  return {
    kind: 'template',
    text,
    span,
    references,
    get lookedInto() {
      return contentOf(text);
    },
    render,
    examine,
  };
}

const contents = new Map<string, ReadonlySet<string>>();

function contentOf(text: string): ReadonlySet<string> {
  const known = contents.get(text) ?? lookedInto(parse(text).pieces);
  contents.set(text, known);
  return known;
}

/** The variables of a template file, and those whose content decides how it is rendered. */
export function sourceContent({ text }: Source): {
  readonly all: readonly string[];
  readonly looked: ReadonlySet<string>;
} {
  return { all: parse(text).uses.map(({ path }) => path[0]!), looked: contentOf(text) };
}

/**
 * Whether a text that can be rendered may still be wrong: blocks do without their subject, `eq` takes any two values, and
 * `default` has a lookup do without its table.
 */
function wantsLook(text: string): boolean {
  return /\{\{[{~]*[#^]|\b(?:eq|ne|lookup)\s/.test(text);
}

/** Runs it first (`quick`): only where that does not come to a known end, every part has to be looked at. */
function examiner(
  of: Surveyed,
  quick: Template['render'] | undefined,
  examine: (env: Survey) => unknown,
): Template['examine'] {
  return (scope, watch) => {
    try {
      const value = quick?.(scope);
      if (value !== undefined && !(value instanceof Unknown)) return value;
    } catch (error) {
      if (!(error instanceof SlipwayError)) throw error;
    }
    return examine(surveyOf(of, scope, watch, examineExpr));
  };
}

function renderer(
  text: string,
  pieces: readonly Piece[],
  single: Expr | undefined,
  locate: Locate,
): Template['render'] {
  return (scope) => {
    const env = environment(text, locate, scope);
    return single ? run(single, env) : renderText(pieces, env);
  };
}

/**
 * Renders a template file: always text, `Unknown` where it hangs on something not known yet.
 * @throws {SlipwayErrors} when it cannot be parsed, {SlipwayError} when it cannot be rendered.
 */
export function renderFile(source: Source, scope: Scope): string | Unknown {
  const { pieces, complaints } = parse(source.text);
  const locate: Locate = ({ start, end }) => ({ source, start, end: Math.max(start + 1, end) });
  if (complaints.length > 0) {
    const problems = new Problems();
    report(complaints, locate, problems);
    problems.throwIfAny();
  }
  return renderText(pieces, environment(source.text, locate, scope));
}

/** Examines a template file: its text, or Unknown. What is wrong, also with its syntax, goes to `watch`. */
export function examineFile(source: Source, scope: Scope, watch: Watch): string | Unknown {
  const { pieces, complaints } = parse(source.text);
  const locate: Locate = ({ start, end }) => ({ source, start, end: Math.max(start + 1, end) });
  for (const { code, message, place, hint } of complaints)
    watch.fault({ code, message, span: locate(place), hint, sure: watch.sure });
  if (complaints.length > 0) return new Unknown('a template that cannot be read');
  const render = (inner: Scope) => renderText(pieces, environment(source.text, locate, inner));
  const of = { text: source.text, locate, codes: CODES };
  return examiner(of, wantsLook(source.text) ? undefined : render, (env) => examineText(pieces, env))(
    scope,
    watch,
  ) as string | Unknown;
}

function report(complaints: readonly Complaint[], locate: Locate, problems: Problems): void {
  for (const { code, message, place, hint } of complaints)
    problems.error(code, message, { span: locate(place), hint });
}

const CODES: Readonly<Record<Failure, ErrorCode>> = {
  undefined: 'template.undefined',
  type: 'template.render',
  evaluate: 'template.render',
  skipped: 'variable.maybe-undefined',
};

function environment(text: string, locate: Locate, scope: Scope): Env {
  return {
    variable: (name) => scope.get(name),
    item: () => undefined,
    names: () => scope.names(),
    text: ({ start, end }: Place) => text.slice(start, end),
    fail: (failure, message, place, hint, cause) => {
      throw new SlipwayError(CODES[failure], message, { span: locate(place), hint, cause });
    },
    helper: callHelper,
  };
}
