import { SlipwayError } from '../base/errors.ts';
import type { Span } from '../base/span.ts';
import { findFile } from './files.ts';
import { parseFile, type Place, placesOf } from './loader.ts';
import type { IncludedTasks } from './types.ts';

const NOTHING: IncludedTasks = { tasks: [], handlers: [] };
/** A file may include itself under a condition; so deep is no condition any more. */
const DEEPEST = 100;

/** The tasks of an included file. */
export function readIncludedTasks(name: string, span: Span, place: Place): IncludedTasks {
  const { problems, loader } = place;
  try {
    const file = findFile(name, place.handlers ? 'handlers' : 'tasks', placesOf(place), span);
    if (place.chain.length > DEEPEST)
      throw new SlipwayError('playbook.cycle', `\`${name}\` is included ${DEEPEST} levels deep`, { span });
    const node = parseFile(loader, file, problems, span);
    if (!node) return NOTHING;
    return { tasks: loader.tasks(node, { ...place, file, chain: [...place.chain, file] }), handlers: [] };
  } catch (error) {
    problems.add(error);
    return NOTHING;
  }
}
