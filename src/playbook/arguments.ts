import type { Problems } from '../base/errors.ts';
import type { Entry, Node } from '../document/node.ts';
import { compileConditions } from '../expression/condition.ts';
import type { Condition, Value } from '../expression/types.ts';
import { compileValue } from '../expression/value.ts';
import type { Module } from '../module/contract.ts';
import { insteadOf } from '../module/unknown-parameter.ts';
import { checkValue, DEFINES_NOTHING, isTemplate, type Schema } from './check-keywords.ts';
import { isVariableName, wrongName } from './fields.ts';
import { TaskKeywords } from './keywords.ts';
import { freeForm } from './free-form.ts';
import type { Place } from './loader.ts';

export interface ModuleArguments {
  readonly args: Value & { readonly kind: 'map' };
  /** The module's `conditions`, parsed. */
  readonly conditions: Readonly<Record<string, readonly Condition[]>>;
}

/** The arguments of a task, checked against the module's parameters as far as they are no templates. */
export function moduleArguments(
  module: Module,
  call: Entry,
  more: Entry | undefined,
  place: Place,
): ModuleArguments {
  const { problems } = place;
  const given = entriesOf(module, call, place);
  if (!given) return { args: { kind: 'map', entries: [], span: call.value.span }, conditions: {} };
  const entries = [...given];
  if (more?.value.kind === 'map') {
    for (const entry of more.value.entries)
      if (!entries.some(({ key }) => key === entry.key)) entries.push(entry);
  }
  checkParameters(module, entries, call, place);
  const inConditions = new Set(module.kind === 'control' ? (module.conditions ?? []) : []);
  const conditions: Record<string, readonly Condition[]> = {};
  const values: { key: string; keySpan: Entry['keySpan']; value: Value }[] = [];
  for (const { key, keySpan, value } of entries) {
    if (inConditions.has(key)) conditions[key] = compileConditions(value, problems);
    else if (module.variables?.includes(key)) values.push({ key, keySpan, value: named(value, problems) });
    else values.push({ key, keySpan, value: compileValue(value, problems) });
  }
  return { args: { kind: 'map', entries: values, span: call.value.span }, conditions };
}

/** `var: a.b` is read as `{name: 'a.b', value: '{{ a.b }}'}`; what has mustaches already is left as it is. */
function named(node: Node, problems: Problems): Value {
  if (node.kind !== 'scalar' || typeof node.value !== 'string' || isTemplate(node))
    return compileValue(node, problems);
  const { span } = node;
  const name: Value = { kind: 'data', data: node.value, span };
  const value = compileValue({ ...node, value: `{{ ${node.value} }}` }, problems);
  const entry = (key: string, of: Value) => ({ key, keySpan: span, value: of });
  return { kind: 'map', span, entries: [entry('name', name), entry('value', value)] };
}

function entriesOf(module: Module, call: Entry, place: Place): readonly Entry[] | undefined {
  const node = call.value;
  if (node.kind === 'map') return node.entries;
  if (node.kind === 'scalar' && node.value === null) return [];
  if (node.kind === 'scalar') return freeForm(node, module, place.problems);
  place.problems.error('schema.wrong-type', `\`${call.key}\` takes a map of arguments, not a list`, {
    span: node.span,
  });
  return undefined;
}

function checkParameters(module: Module, entries: readonly Entry[], call: Entry, place: Place): void {
  const { problems } = place;
  const params = module.params as unknown as Schema;
  const known = params.properties ?? {};
  const conditions: readonly string[] = module.kind === 'control' ? (module.conditions ?? []) : [];
  for (const entry of entries) {
    const schema = Object.hasOwn(known, entry.key) ? known[entry.key] : undefined;
    if (schema) {
      if (conditions.includes(entry.key) || isLostOctal(entry, schema, place)) continue;
      checkValue(entry, schema, problems, module.name !== 'set_fact');
    } else if (!params.additionalProperties)
      problems.error('schema.unknown-key', `\`${entry.key}\` is no argument of \`${module.name}\``, {
        span: entry.keySpan,
        hint: Object.hasOwn(TaskKeywords.properties, entry.key)
          ? `\`${entry.key}\` is a keyword of tasks: write it beside \`${call.key}\`.`
          : insteadOf(entry.key, module),
        data: { allowed: Object.keys(known), ...DEFINES_NOTHING },
      });
  }
  if (module.name === 'set_fact')
    for (const { key, keySpan } of entries)
      if (!isVariableName(key) && !key.includes('{{')) wrongName(key, keySpan, problems);
  for (const key of params.required ?? [])
    if (!entries.some((entry) => entry.key === key))
      problems.error('schema.missing-key', `\`${module.name}\` needs \`${key}\``, {
        span: call.keySpan,
        hint: describe(key, known[key]),
        data: DEFINES_NOTHING,
      });
}

function describe(key: string, schema: Schema | undefined): string {
  return schema?.description ? `\`${key}\`: ${schema.description}` : `Add \`${key}\`.`;
}

/** `mode: 0644` is the number 644 in YAML 1.2 (and 420 in YAML 1.1): it must be text. */
function isLostOctal({ key, value }: Entry, schema: Schema, { problems }: Place): boolean {
  if (!isNumber(value)) return false;
  const mode = /(^|_)mode$/.test(key) && acceptsText(schema);
  if (!mode && !/^0\d+$/.test(value.source)) return false;
  const digits = mode ? value.source.replace(/^0?o?/, '').padStart(4, '0') : value.source;
  problems.error(
    'schema.invalid-value',
    `\`${key}: ${value.source}\` is read as the number ${String(value.value)}`,
    {
      span: value.span,
      hint: `Put it in quotes: '${digits}'.`,
      data: DEFINES_NOTHING,
    },
  );
  return true;
}

function isNumber(node: Node): node is Extract<Node, { kind: 'scalar' }> {
  return node.kind === 'scalar' && typeof node.value === 'number' && !isTemplate(node);
}

function acceptsText({ type, anyOf }: Schema): boolean {
  return type === 'string' || (anyOf ?? []).some(acceptsText);
}
