import type { Entry } from '../document/node.ts';
import type { Fields } from './check-keywords.ts';
import { nodesOf, text } from './fields.ts';
import type { Place } from './loader.ts';

/** The name of `register`, checked. */
export function registerOf(fields: Fields, { problems }: Place): string | undefined {
  const name = text({ fields, problems }, 'register');
  if (name === undefined || /^[A-Za-z_]\w*$/.test(name)) return name;
  problems.error('schema.invalid-value', `\`${name}\` is not a name for a variable`, {
    span: fields.get('register')!.value.span,
    hint: 'Names have letters, digits and _, and do not start with a digit.',
  });
  return undefined;
}

/** Remembers what a task or block notifies; the play checks it when all its handlers are known. */
export function noteNotified(entry: Entry | undefined, place: Place): void {
  for (const node of entry ? nodesOf(entry.value) : [])
    if (node.kind === 'scalar' && typeof node.value === 'string' && !node.value.includes('{{'))
      place.play.notified.push({ name: node.value, span: node.span });
}
