import { Problems, SlipwayError, SlipwayErrors } from '../../src/base/errors.ts';
import { locate } from '../../src/base/span.ts';
import { parseYaml } from '../../src/document/yaml.ts';
import { parseCondition } from '../../src/expression/condition.ts';
import { recordScope } from '../../src/expression/scope.ts';
import { compileValue, evaluate } from '../../src/expression/value.ts';

export type Variables = Readonly<Record<string, unknown>>;

/** A text as it would stand in a file of its own. */
export function spanOf(text: string, path = 'f.yml') {
  return { source: { path, text }, start: 0, end: text.length };
}

/** Renders a template; what is wrong comes back as `code at line:column message | hint`. */
export function render(text: string, variables: Variables = {}): unknown {
  const problems = new Problems();
  const span = spanOf(text);
  const value = compileValue({ kind: 'scalar', span, value: text, source: text, quoted: true }, problems);
  problems.throwIfAny();
  return evaluate(value, recordScope(variables));
}

export function test(text: string, variables: Variables = {}): unknown {
  const problems = new Problems();
  const condition = parseCondition(text, spanOf(text), problems);
  problems.throwIfAny();
  return condition?.test(recordScope(variables));
}

/** One line for each error: `code line:column message | hint`. */
export function complaints(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof SlipwayErrors) return error.errors.map(line).join('\n');
    if (error instanceof SlipwayError) return line(error);
    throw error;
  }
  throw new Error('nothing was wrong');
}

export function line(error: SlipwayError): string {
  const where = error.span ? locate(error.span).split(':').slice(1).join(':') : '-';
  const wrong = error.span ? error.span.source.text.slice(error.span.start, error.span.end) : '';
  return `${error.code} ${where} «${wrong}» ${error.message}${error.hint ? ` | ${error.hint}` : ''}`;
}

export function yaml(text: string, path = 'f.yml') {
  const problems = new Problems();
  return { node: parseYaml({ path, text }, problems), problems };
}
