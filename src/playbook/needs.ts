import { didYouMean } from '../base/suggest.ts';
import type { Problems } from '../base/errors.ts';
import type { Entry, Node } from '../document/node.ts';
import { checkKeywords, type Fields } from './check-keywords.ts';
import { nodesOf, text } from './fields.ts';
import { NeedKeywords } from './keywords.ts';
import type { Need, Play } from './types.ts';

/**
 * Reads `needs`: names of earlier plays, or `{play, scope}`. With only a name, the scope is decided when the hosts are
 * known: `host` where every host of this play is in the other one, else `all` (`auto`).
 */
export function readNeeds(
  fields: Fields,
  earlier: readonly Play[],
  problems: Problems,
): readonly Need[] | undefined {
  const entry: Entry | undefined = fields.get('needs');
  if (!entry) return undefined;
  return nodesOf(entry.value).flatMap((node) => {
    const need = readNeed(node, problems);
    if (!need) return [];
    const play = earlier.findLast(({ name }) => name === need.name);
    if (play)
      return [{ play: play.index, scope: need.scope ?? 'all', ...(need.scope ? {} : { auto: true }) }];
    problems.error('playbook.unknown-play', `there is no earlier play \`${need.name}\``, {
      span: need.node.span,
      hint:
        earlier.length === 0
          ? 'It is the first play: only those before it can be waited for.'
          : didYouMean(
              need.name,
              earlier.map(({ name }) => name),
            ),
    });
    return [];
  });
}

interface Written {
  readonly name: string;
  readonly node: Node;
  readonly scope?: 'host' | 'all' | undefined;
}

function readNeed(node: Node, problems: Problems): Written | undefined {
  if (node.kind === 'scalar' && typeof node.value === 'string') return { name: node.value, node };
  if (node.kind !== 'map') {
    problems.error('schema.wrong-type', '`needs` holds names of plays', {
      span: node.span,
      hint: 'Write a name, or {play: NAME, scope: host}.',
    });
    return undefined;
  }
  const fields = checkKeywords(node, NeedKeywords, { what: '`needs`', at: 'play' }, problems);
  const from = { fields, problems };
  const name = text(from, 'play');
  if (name !== undefined) {
    const scope = text(from, 'scope');
    return {
      name,
      node: fields.get('play')!.value,
      scope: scope === 'host' || scope === 'all' ? scope : undefined,
    };
  }
  problems.error('schema.missing-key', 'an entry of `needs` has no `play`', { span: node.span });
  return undefined;
}
