import type { Problems } from '../base/errors.ts';
import type { Node } from '../document/node.ts';
import { Unknown, type Value } from '../expression/types.ts';
import { compileValue, evaluate, examineValue, unreadable } from '../expression/value.ts';
import { checkKeywords, type Fields, isTemplate } from './check-keywords.ts';
import { number, value, variableName } from './fields.ts';
import { fixedFlag } from './inherit.ts';
import { LoopControlKeywords } from './keywords.ts';
import type { Loop } from './types.ts';

const KINDS = ['loop', 'with_items', 'with_list', 'with_dict'] as const;

/** The loop of a task or include, however it is written. */
export function loopOf(fields: Fields, problems: Problems): Loop | undefined {
  const given = KINDS.filter((kind) => fields.has(kind));
  const kind = given[0];
  const control = fields.get('loop_control');
  if (kind === undefined) {
    if (control)
      problems.error('schema.invalid-value', '`loop_control` without a `loop`', { span: control.keySpan });
    return undefined;
  }
  const second = given[1];
  if (second) {
    problems.error('schema.invalid-value', `\`${kind}\` and \`${second}\` at one task`, {
      span: fields.get(second)!.keySpan,
      hint: 'Keep one of them.',
    });
  }
  return { items: itemsOf(kind, fields.get(kind)!.value, problems), ...controlOf(control?.value, problems) };
}

function itemsOf(kind: (typeof KINDS)[number], node: Node, problems: Problems): Value {
  if (kind === 'with_dict') return dictItems(compileValue(node, problems), node, problems);
  if (node.kind !== 'list' && !isTemplate(node)) {
    problems.error('schema.wrong-type', `\`${kind}\` must be a list`, {
      span: node.span,
      hint: 'Write a list, or a template that gives one: "{{ name }}".',
    });
    return unreadable(node.span);
  }
  const items = compileValue(node, problems);
  return kind === 'with_items' ? opened(items) : items;
}

/** `with_items` opens lists inside its list, once. */
function opened(items: Value): Value {
  if (items.kind === 'template') return mapped(items, (data) => (Array.isArray(data) ? data.flat(1) : data));
  if (items.kind !== 'list') return items;
  const parts = items.items;
  if (!parts.some((part) => part.kind === 'list' || part.kind === 'template')) return items;
  const flat = parts.flatMap((part) => (part.kind === 'list' ? part.items : [part]));
  const templates = flat.filter((part) => part.kind === 'template');
  if (templates.length === 0) return { ...items, items: flat };
  // A template in the list may give a list, which is only seen when it is rendered.
  return {
    kind: 'template',
    text: templates.map((part) => part.text).join(' '),
    span: items.span,
    references: templates.flatMap((part) => part.references),
    lookedInto: new Set(templates.flatMap((part) => part.references.map(({ path }) => path[0]!))),
    render: (scope) => {
      const rendered = flat.map((part) => evaluate(part, scope));
      return rendered.find((part) => part instanceof Unknown) ?? rendered.flat(1);
    },
    examine: (scope, watch) => {
      const found = flat.map((part) => examineValue(part, scope, watch));
      return found.find((part) => part instanceof Unknown) ?? found.flat(1);
    },
  };
}

function mapped(template: Extract<Value, { kind: 'template' }>, change: (data: unknown) => unknown): Value {
  return {
    ...template,
    render: (scope) => {
      const data = template.render(scope);
      return data instanceof Unknown ? data : change(data);
    },
    examine: (scope, watch) => {
      const data = template.examine(scope, watch);
      return data instanceof Unknown ? new Unknown(data.why) : change(data);
    },
  };
}

function dictItems(dict: Value, node: Node, problems: Problems): Value {
  const toItems = (data: unknown) =>
    data !== null && typeof data === 'object' && !Array.isArray(data)
      ? Object.entries(data).map(([key, item]) => ({ key, value: item }))
      : data;
  if (dict.kind === 'template') return mapped(dict, toItems);
  if (dict.kind !== 'map') {
    problems.error('schema.wrong-type', '`with_dict` must be a map', { span: node.span });
    return unreadable(node.span);
  }
  const items = dict.entries.map(({ key, keySpan, value: item }): Value => {
    const name: Value = { kind: 'data', data: key, span: keySpan };
    return {
      kind: 'map',
      span: keySpan,
      entries: [
        { key: 'key', keySpan, value: name },
        { key: 'value', keySpan, value: item },
      ],
    };
  });
  return { kind: 'list', items, span: dict.span };
}

function controlOf(node: Node | undefined, problems: Problems): Omit<Loop, 'items'> {
  if (node?.kind !== 'map') {
    if (node) problems.error('schema.wrong-type', '`loop_control` must be a map', { span: node.span });
    return { variable: 'item' };
  }
  const where = { what: '`loop_control`', at: 'task' } as const;
  const from = { fields: checkKeywords(node, LoopControlKeywords, where, problems), problems };
  return {
    variable: variableName(from, 'loop_var') ?? 'item',
    indexVariable: variableName(from, 'index_var'),
    label: value(from, 'label'),
    pause: number(from, 'pause'),
    extended: fixedFlag(from, 'extended'),
    allItems: fixedFlag(from, 'extended_allitems'),
  };
}
