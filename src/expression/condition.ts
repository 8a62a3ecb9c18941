import { SlipwayError, type ErrorCode, type Problems } from '../base/errors.ts';
import type { Span } from '../base/span.ts';
import type { Node } from '../document/node.ts';
import { CelSyntaxError, parseCel } from './cel.ts';
import type { Env, Failure } from './env.ts';
import type { Expr } from './expr.ts';
import { celHint, mustacheInside, parseJinjaCondition } from './jinja.ts';
import { type Locate, locator } from './locate.ts';
import { usesOf } from './references.ts';
import { truth } from './run.ts';
import { examine, examineTruth } from './examine.ts';
import { surveyOf } from './survey.ts';
import { type Condition, type Scope, Unknown } from './types.ts';

const CODES: Readonly<Record<Failure, ErrorCode>> = {
  undefined: 'condition.undefined',
  type: 'condition.type',
  evaluate: 'condition.evaluate',
  skipped: 'variable.maybe-undefined',
};

/** Parses a condition. Undefined when it is wrong; then the reason is in `problems`. */
export function parseCondition(text: string, span: Span, problems: Problems): Condition | undefined {
  const locate = locator(text, span);
  const expr = parse(text, locate, problems);
  if (!expr) return undefined;
  const references = usesOf(expr).map((use) => ({
    path: use.path,
    optional: use.optional,
    span: locate(use),
  }));
  const compares = /[!=]=/.test(text);
  return {
    kind: 'condition',
    text,
    span,
    references,
    test: (scope) => truth(expr, environment(text, locate, scope)),
    examine: (scope, watch) => {
      // What comes to a known end needs no closer look, unless values are compared that may be of two types.
      if (!compares) {
        try {
          const holds = truth(expr, environment(text, locate, scope));
          if (!(holds instanceof Unknown)) return holds;
        } catch (error) {
          if (!(error instanceof SlipwayError)) throw error;
        }
      }
      return examineTruth(expr, surveyOf({ text, locate, codes: CODES }, scope, watch, examine));
    },
  };
}

function parse(text: string, locate: Locate, problems: Problems): Expr | undefined {
  const whole = { start: 0, end: text.length };
  if (text.trim() === '') {
    problems.error('condition.syntax', 'The condition is empty', {
      span: locate(whole),
      hint: 'Remove it, or write `true`.',
    });
    return undefined;
  }
  // In quotes it would be CEL, and never equal to anything.
  const mustache = mustacheInside(text);
  if (mustache) {
    problems.error('condition.syntax', mustache.message, {
      span: locate(mustache.place),
      hint: mustache.hint,
    });
    return undefined;
  }
  try {
    return parseCel(text);
  } catch (error) {
    if (!(error instanceof CelSyntaxError)) throw error;
    const jinja = error.grammar ? parseJinjaCondition(text) : { hint: celHint(text) };
    if (jinja.expr) return jinja.expr;
    const span = locate(jinja.place ?? error.place);
    const hint = jinja.hint ?? error.hint;
    problems.error('condition.syntax', jinja.message ?? error.message, { span, hint, cause: error });
    return undefined;
  }
}

function environment(text: string, locate: Locate, scope: Scope): Env {
  return {
    variable: (name) => scope.get(name),
    item: () => undefined,
    names: () => scope.names(),
    text: ({ start, end }) => text.slice(start, end),
    fail: (failure, message, place, hint, cause) => {
      throw new SlipwayError(CODES[failure], message, { span: locate(place), hint, cause });
    },
  };
}

/** `when` and its kin: one condition, a boolean, or a list of these, all of which must hold. */
export function compileConditions(node: Node | undefined, problems: Problems): Condition[] {
  if (!node) return [];
  if (node.kind === 'list') return node.items.flatMap((item) => compileConditions(item, problems));
  if (node.kind === 'scalar' && typeof node.value === 'boolean') return [constant(node.value, node.span)];
  // What older YAML reads as a boolean is meant as one.
  if (node.kind === 'scalar' && !node.quoted && /^(yes|no|on|off)$/i.test(node.source))
    return [constant(/^(yes|on)$/i.test(node.source), node.span)];
  if (node.kind === 'scalar' && typeof node.value === 'string') {
    const condition = parseCondition(node.value, node.span, problems);
    return condition ? [condition] : [];
  }
  const found = node.kind === 'map' ? 'a map' : node.value === null ? 'nothing' : `the number ${node.value}`;
  problems.error('condition.type', `A condition is a text or a boolean, not ${found}`, {
    span: node.span,
    hint:
      node.kind === 'map'
        ? 'Put the condition in quotes if it holds a `: `.'
        : 'Write `true`, `false` or an expression.',
  });
  return [];
}

function constant(value: boolean, span: Span): Condition {
  return {
    kind: 'condition',
    text: String(value),
    span,
    references: [],
    test: () => value,
    examine: () => value,
  };
}
