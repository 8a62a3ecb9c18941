import type { Scalar } from 'yaml';
import type { Problems } from '../base/errors.ts';
import type { Span } from '../base/span.ts';

const CORE = 'tag:yaml.org,2002:';
const CORE_TAGS: Readonly<Record<string, string>> = {
  [`${CORE}str`]: 'scalar',
  [`${CORE}int`]: 'scalar',
  [`${CORE}float`]: 'scalar',
  [`${CORE}bool`]: 'scalar',
  [`${CORE}null`]: 'scalar',
  [`${CORE}map`]: 'map',
  [`${CORE}seq`]: 'list',
};

/** Reports a tag that has no meaning here (`!vault`, a misspelt `!unsafe`). */
export function checkTag(tag: string | undefined, kind: string, span: Span, problems: Problems): void {
  if (tag === undefined || tag === '!' || CORE_TAGS[tag] === kind) return;
  if (tag === '!unsafe' && kind === 'scalar') return;
  if (tag === '!vault') {
    problems.error('playbook.not-supported', 'Values encrypted with ansible-vault cannot be read', {
      span,
      hint: 'Give the secret with `-e @file` or `vars_prompt` instead.',
    });
    return;
  }
  const shown = tag.startsWith(CORE) ? `!!${tag.slice(CORE.length)}` : tag;
  problems.error('yaml.unknown-tag', `The tag ${shown} is not known for a ${kind}`, {
    span,
    hint: 'Remove it. Known tags: !unsafe (a text that is never a template), !!str, !!int, !!float, !!bool, !!null.',
  });
}

/** The value of a scalar, as YAML 1.2's core schema reads it. */
export function scalarValue(node: Scalar, span: Span, problems: Problems): string | number | boolean | null {
  const { value, source } = node;
  if (typeof value === 'number') {
    // An id of twenty digits is an identifier: as a number it would lose its end.
    const long = !Number.isSafeInteger(value) && /^[-+]?\d+$/.test(source ?? '');
    if (long && source !== undefined && String(value) !== source) return source;
    if (/^\d+\.\d+0$/.test(source ?? '')) {
      problems.warn('schema.invalid-value', `${source} is read as the number ${value}`, {
        span,
        hint: `Write '${source}' if it is a version.`,
      });
    }
    return value;
  }
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return value;
  return source ?? String(value);
}
