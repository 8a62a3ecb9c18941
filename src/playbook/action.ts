import type { Problems } from '../base/errors.ts';
import { within } from '../base/span.ts';
import type { Entry, MapNode, Node } from '../document/node.ts';

/** Rewrites `action: module args` and `local_action:` into the usual form. Undefined (and a problem) where it cannot. */
export function rewriteAction(map: MapNode, problems: Problems): MapNode | undefined {
  const action = map.entries.find(({ key }) => key === 'action' || key === 'local_action');
  if (!action) return map;
  const call = callOf(action, problems);
  if (!call) return undefined;
  const rest = map.entries.filter((entry) => entry !== action);
  if (action.key === 'action') return { ...map, entries: [...rest, call] };
  const local: Node = {
    kind: 'scalar',
    span: action.keySpan,
    value: 'localhost',
    source: 'localhost',
    quoted: false,
  };
  return { ...map, entries: [...rest, { key: 'delegate_to', keySpan: action.keySpan, value: local }, call] };
}

function callOf({ key, value }: Entry, problems: Problems): Entry | undefined {
  if (value.kind === 'scalar' && typeof value.value === 'string') {
    const match = /^\s*(\S+)\s*/.exec(value.value);
    if (match) {
      const offset = value.quoted ? 1 : 0;
      const rest = value.value.slice(match[0].length);
      const span = within(value.span, offset + match[0].length, offset + match[0].length + rest.length);
      const text: Node = { ...value, span, value: rest === '' ? null : rest, source: rest, quoted: false };
      return { key: match[1]!, keySpan: within(value.span, offset, offset + match[1]!.length), value: text };
    }
  }
  const module = value.kind === 'map' ? value.entries.find((entry) => entry.key === 'module') : undefined;
  if (value.kind === 'map' && module?.value.kind === 'scalar') {
    const entries = value.entries.filter((entry) => entry !== module);
    return { key: String(module.value.value), keySpan: module.value.span, value: { ...value, entries } };
  }
  problems.error('playbook.no-module', `\`${key}\` names no module`, {
    span: value.span,
    hint: `Write the module as the key: \`command: uptime\`.`,
  });
  return undefined;
}
