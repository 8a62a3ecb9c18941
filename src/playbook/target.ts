import { SlipwayError } from '../base/errors.ts';
import { Unknown, type Value } from '../expression/types.ts';
import { evaluate } from '../expression/value.ts';
import type { Place } from './loader.ts';

/** The text of a value that must be known while loading: from `-e` and the play's own variables. Undefined when it cannot. */
export function textNow(target: Value, what: string, place: Place): string | undefined {
  try {
    const result = evaluate(target, place.play.scope);
    // What is wrong with it has been said.
    if (result instanceof Unknown) return undefined;
    if (typeof result === 'string' || typeof result === 'number') return String(result);
    place.problems.error('schema.wrong-type', `the name for \`${what}\` must be text`, { span: target.span });
  } catch (error) {
    if (!(error instanceof SlipwayError)) throw error;
    place.problems.error(
      'playbook.not-supported',
      `\`${what}\` needs a name that is known before any host: ${error.message}`,
      {
        span: target.span,
        hint: `Use \`${what.replace('import', 'include')}\`, or give the variable with -e.`,
        cause: error,
      },
    );
  }
  return undefined;
}
