import { didYouMean } from '../base/suggest.ts';
import type { Entry, MapNode } from '../document/node.ts';
import { checkKeywords } from './check-keywords.ts';
import { inherit } from './inherit.ts';
import { META_ACTIONS, MetaKeywords } from './keywords.ts';
import type { Place } from './loader.ts';
import { META_INSTEAD } from './not-supported.ts';
import type { Meta } from './types.ts';

/** Reads `meta: flush_handlers` and the like. */
export function readMeta(map: MapNode, call: Entry, place: Place): Meta[] {
  const { problems } = place;
  const where = { what: 'a `meta` task', at: 'task', others: (key: string) => key === call.key } as const;
  const fields = checkKeywords(map, MetaKeywords, where, problems);
  const word = call.value.kind === 'scalar' ? String(call.value.value) : '';
  const action = META_ACTIONS.find((each) => each === word);
  if (action)
    return [
      {
        ...inherit(place.keywords, fields, problems),
        kind: 'meta',
        id: place.ids.next(),
        span: map.span,
        action,
      },
    ];
  const instead = Object.hasOwn(META_INSTEAD, word) ? META_INSTEAD[word] : undefined;
  if (instead)
    problems.error('playbook.not-supported', `\`meta: ${word}\` is not supported`, {
      span: call.value.span,
      hint: instead,
    });
  else
    problems.error('schema.invalid-value', `\`meta\` cannot be \`${word}\``, {
      span: call.value.span,
      hint: didYouMean(word, META_ACTIONS),
    });
  return [];
}
