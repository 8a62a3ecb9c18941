import type { Problems } from '../base/errors.ts';
import { within } from '../base/span.ts';
import type { Entry, ScalarNode } from '../document/node.ts';
import { splitWords, type Word } from '../inventory/words.ts';
import type { Module } from '../module/contract.ts';

/**
 * The arguments in a plain string: `command: uptime`, `command: touch /x creates=/x`, `apt: name=curl state=present`.
 * Undefined (and a problem) where the module takes no plain string.
 */
export function freeForm(node: ScalarNode, module: Module, problems: Problems): Entry[] | undefined {
  const text = String(node.value);
  const params = Object.keys(module.params.properties);
  const pairs = pairsIn(text, params, module.freeForm?.keyValue ? undefined : module.freeForm?.param);
  if (!module.freeForm || module.freeForm.keyValue) {
    const first = pairs?.[0];
    if (pairs && first && text.slice(0, first.start).trim() === '') {
      if (
        pairs.every(
          (pair, index) => index === 0 || text.slice(pairs[index - 1]!.end, pair.start).trim() === '',
        ) &&
        text.slice(pairs.at(-1)!.end).trim() === ''
      )
        return pairs.map((pair) => entryOf(pair, node));
    }
    if (!module.freeForm) {
      problems.error('schema.wrong-type', `\`${module.name}\` takes its arguments as a map`, {
        span: node.span,
        hint: `Known arguments: ${params.join(', ')}.`,
      });
      return undefined;
    }
  }
  const { param, keyValue } = module.freeForm;
  const whole = { key: param, keySpan: node.span, value: node };
  if (keyValue || !pairs || pairs.length === 0) return [whole];
  const rest = withoutPairs(text, pairs);
  return [
    { ...whole, value: { ...node, value: rest, source: rest } },
    ...pairs.map((pair) => entryOf(pair, node)),
  ];
}

/** Words `key=value` whose key is an argument of the module; undefined where quotes do not match. */
function pairsIn(text: string, params: readonly string[], free: string | undefined): Word[] | undefined {
  try {
    return splitWords(text, 'arguments').words.filter(({ text: word, start }) => {
      const key = /^(\w+)=/.exec(word)?.[1];
      return key !== undefined && params.includes(key) && key !== free && text.startsWith(`${key}=`, start);
    });
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function entryOf(word: Word, node: ScalarNode): Entry {
  const equals = word.text.indexOf('=');
  const offset = node.quoted ? 1 : 0;
  const value = word.text.slice(equals + 1);
  const at = (start: number, end: number) => within(node.span, offset + start, offset + end);
  return {
    key: word.text.slice(0, equals),
    keySpan: at(word.start, word.start + equals),
    value: {
      kind: 'scalar',
      span: at(word.start + equals + 1, word.end),
      value,
      source: value,
      quoted: true,
    },
  };
}

function withoutPairs(text: string, pairs: readonly Word[]): string {
  let rest = '';
  let at = 0;
  for (const { start, end } of pairs) {
    rest += text.slice(at, start);
    at = end;
  }
  return (rest + text.slice(at)).trim();
}
