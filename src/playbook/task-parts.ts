import type { Entry } from '../document/node.ts';
import type { Fields } from './check-keywords.ts';
import { nodesOf, variableName } from './fields.ts';
import type { Place } from './loader.ts';

/** The name of `register`, checked. */
export function registerOf(fields: Fields, { problems }: Place): string | undefined {
  return variableName({ fields, problems }, 'register');
}

/** Remembers what a task or block notifies; the play checks it when all its handlers are known. */
export function noteNotified(entry: Entry | undefined, place: Place): void {
  for (const node of entry ? nodesOf(entry.value) : [])
    if (node.kind === 'scalar' && typeof node.value === 'string' && !node.value.includes('{{'))
      place.play.notified.push({ name: node.value, span: node.span });
}
