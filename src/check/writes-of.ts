import { sourceContent } from '../expression/template.ts';
import { Unknown, type Value } from '../expression/types.ts';
import { unknownWithin } from '../expression/unknown.ts';
import { rawData } from '../inventory/json.ts';
import type { Module } from '../module/contract.ts';
import { MAGIC_NAMES } from '../plan/magic.ts';
import type { Task } from '../playbook/types.ts';
import { changesOf, EDITORS } from './edits.ts';
import type { Look } from './look.ts';
import type { Preparation } from './prepare.ts';
import type { CheckScope } from './scope.ts';
import type { Write } from './writes.ts';

/** Modules that determine the content of a file, or a part of it. */
export const WRITERS: ReadonlySet<string> = new Set(['copy', 'template', 'file', ...EDITORS]);

type Params = Readonly<Record<string, unknown>>;

export interface Called {
  readonly task: Task;
  readonly module: Module;
  readonly params: Params;
  readonly delegate: unknown;
  readonly prepared: Pick<Preparation, 'sources' | 'rendered'>;
}

/** The file whose content a call determines or edits, where that is certain. */
export function writesOf(called: Called, look: Look, scope: CheckScope): readonly Write[] {
  const { task, module, params, delegate, prepared } = called;
  if (!WRITERS.has(module.name)) return [];
  const changes = EDITORS.has(module.name) ? changesOf(module.name, params) : undefined;
  const content = changes ? '' : contentOf(module, params, prepared.rendered);
  const path = params['dest'] ?? params['path'];
  const certain = look.watch.sure && look.place.certain && !(delegate instanceof Unknown);
  if (content === undefined || !certain || typeof path !== 'string' || path.endsWith('/')) return [];
  const on = typeof delegate === 'string' && delegate !== look.host ? delegate : undefined;
  return [{ task: task.id, on, path, content, changes, raw: rawOf(called, look, scope), span: task.span }];
}

/** A text that is the same for the same content; undefined where the call leaves some of it to others. */
function contentOf(
  module: Module,
  params: Params,
  rendered: string | Unknown | undefined,
): string | undefined {
  if (params['force'] === false || params['force'] === 'no') return undefined;
  if (module.name === 'template') return typeof rendered === 'string' ? `text ${rendered}` : undefined;
  if (module.name === 'file') return params['state'] === 'absent' ? 'absent' : undefined;
  if (module.name !== 'copy' || params['remote_src'] || unknownWithin(params)) return undefined;
  const { content, src } = params;
  if (content !== undefined)
    return `text ${typeof content === 'object' ? JSON.stringify(content) : String(content)}`;
  return typeof src === 'string' && !src.endsWith('/') ? `file ${src}` : undefined;
}

/**
 * What the content is made of, as it is written: what is written alike, with variables of the same origin, is the same
 * on each host, though hosts that were looked at as one have other values.
 */
function rawOf({ task, module, prepared }: Called, look: Look, scope: CheckScope): string {
  const from = task.args.entries.find(({ key }) => key === 'content' || key === 'src' || key === 'state');
  const origins = new Origins(look, scope);
  if (from) origins.value(from.value);
  for (const source of prepared.sources) for (const name of sourceContent(source).all) origins.name(name);
  const raw = from ? JSON.stringify(rawData(from.value)) : '';
  return [module.name, raw, ...origins.own].join('\n');
}

/** Variables that a task, its loop or a task before it gave: those of the inventory are the same for every task. */
class Origins {
  readonly own: string[] = [];
  readonly #seen = new Set<string>(MAGIC_NAMES);
  readonly #look: Look;
  readonly #scope: CheckScope;

  constructor(look: Look, scope: CheckScope) {
    this.#look = look;
    this.#scope = scope;
  }

  value(value: Value): void {
    if (value.kind === 'template') for (const { path } of value.references) this.name(path[0]!);
    else if (value.kind === 'list') for (const item of value.items) this.value(item);
    else if (value.kind === 'map') for (const entry of value.entries) this.value(entry.value);
  }

  name(name: string): void {
    if (this.#seen.has(name)) return;
    this.#seen.add(name);
    const found = this.#scope.peek(name);
    if (!found) return;
    if ('data' in found) {
      this.own.push(`${name}=${JSON.stringify(found.data, unknownAsText)}`);
      return;
    }
    const { place, host } = this.#look;
    const ofHost = place.world.inventory.host(host)?.variables.get(name);
    if (found.value !== ofHost) this.own.push(`${name}=${JSON.stringify(rawData(found.value))}`);
    this.value(found.value);
  }
}

function unknownAsText(_: string, part: unknown): unknown {
  return part instanceof Unknown ? `unknown ${part.why}` : part;
}
