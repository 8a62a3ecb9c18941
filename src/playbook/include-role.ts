import type { Span } from '../base/span.ts';
import type { Entry, MapNode } from '../document/node.ts';
import { type Scope, Unknown, type Value, type Watch } from '../expression/types.ts';
import { evaluate, examineValue } from '../expression/value.ts';
import type { Fields } from './check-keywords.ts';
import type { Place } from './loader.ts';
import { readRole } from './role.ts';
import { roleArguments } from './role-import.ts';
import { readRoleList } from './role-list.ts';
import type { IncludedTasks } from './types.ts';

const FROM = ['tasks_from', 'vars_from', 'defaults_from', 'handlers_from'] as const;

/**
 * The target of include_role. Its `tasks_from` and the like may be templates, too, so they travel in the target:
 * `common tasks_from=install`.
 */
export function roleTarget(
  call: Entry,
  fields: Fields,
  place: Place,
): { readonly target: Value; readonly apply?: MapNode | undefined } | undefined {
  const args = roleArguments(call, fields, place);
  if (!args) return undefined;
  if (args.has('public'))
    place.problems.error('playbook.not-supported', '`public` has no meaning for include_role', {
      span: args.get('public')!.span,
      hint: 'Use import_role, which shares its variables with the play.',
    });
  const apply =
    call.value.kind === 'map' ? call.value.entries.find(({ key }) => key === 'apply')?.value : undefined;
  return { target: joined(args), apply: apply?.kind === 'map' ? apply : undefined };
}

function joined(args: ReadonlyMap<string, Value>): Value {
  const name = args.get('name')!;
  const from = FROM.filter((key) => args.has(key)).map((key) => ({ key, value: args.get(key)! }));
  if (from.length === 0) return name;
  const parts = [name, ...from.map(({ value }) => value)];
  const joinTexts = (texts: readonly unknown[]) => {
    const unknown = texts.find((text) => text instanceof Unknown);
    return (
      unknown ?? [texts[0], ...from.map(({ key }, index) => `${key}=${String(texts[index + 1])}`)].join(' ')
    );
  };
  const render = (scope: Scope) => joinTexts(parts.map((part) => evaluate(part, scope)));
  const examine = (scope: Scope, watch: Watch) =>
    joinTexts(parts.map((part) => examineValue(part, scope, watch)));
  const nothing: Scope = { get: () => undefined, has: () => false, names: () => [] };
  if (parts.every((part) => part.kind === 'data'))
    return { kind: 'data', data: render(nothing), span: name.span };
  const references = parts.flatMap((part) => (part.kind === 'template' ? part.references : []));
  const lookedInto = new Set(references.map(({ path }) => path[0]!));
  return {
    kind: 'template',
    text: parts.map(textOf).join(' '),
    span: name.span,
    references,
    lookedInto,
    render,
    examine,
  };
}

function textOf(value: Value): string {
  return value.kind === 'template' ? value.text : value.kind === 'data' ? String(value.data) : '';
}

/** The tasks and handlers of an included role. */
export function readIncludedRole(target: string, span: Span, place: Place): IncludedTasks {
  const [name = '', ...rest] = target.split(/ (?=(?:tasks|vars|defaults|handlers)_from=)/);
  const from = new Map(
    rest.map((part) => [part.slice(0, part.indexOf('=')), part.slice(part.indexOf('=') + 1)]),
  );
  const call = {
    name,
    span,
    keywords: place.keywords,
    tasksFrom: from.get('tasks_from'),
    varsFrom: from.get('vars_from'),
    defaultsFrom: from.get('defaults_from'),
    handlersFrom: from.get('handlers_from'),
  };
  const content = readRole(call, place, readRoleList);
  return { tasks: content?.tasks ?? [], handlers: content?.handlers ?? [] };
}
