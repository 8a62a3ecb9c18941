import type { MapNode } from '../document/node.ts';
import { checkKeywords } from './check-keywords.ts';
import { inherit } from './inherit.ts';
import { BlockKeywords } from './keywords.ts';
import type { Place } from './loader.ts';
import type { Block } from './types.ts';
import { noteNotified } from './task-parts.ts';

/** Reads a block with its `rescue` and `always`. */
export function readBlock(map: MapNode, place: Place): Block[] {
  const { problems } = place;
  const fields = checkKeywords(map, BlockKeywords, { what: 'a block', at: 'task' }, problems);
  if (place.handlers) {
    place.play.openHandlers = true;
    problems.error('playbook.not-supported', 'a block cannot be a handler', {
      span: map.span,
      hint: 'Give several handlers the same `listen`.',
    });
    return [];
  }
  if (!map.entries.some(({ key }) => key === 'block')) {
    problems.error('schema.missing-key', '`rescue` and `always` need a `block`', {
      span: map.entries[0]!.keySpan,
    });
    return [];
  }
  const keywords = inherit(place.keywords, fields, problems);
  const notify = fields.get('notify');
  noteNotified(notify, place);
  const id = place.ids.next();
  const inside: Place = { ...place, keywords, notify: notify ? [...place.notify, notify] : place.notify };
  const read = (key: string) => {
    const entry = fields.get(key);
    return entry ? place.loader.tasks(entry.value, inside) : [];
  };
  return [
    {
      ...keywords,
      kind: 'block',
      id,
      span: map.span,
      tasks: read('block'),
      rescue: read('rescue'),
      always: read('always'),
    },
  ];
}
