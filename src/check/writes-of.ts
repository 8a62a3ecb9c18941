import { rawData } from '../inventory/json.ts';
import { Unknown } from '../expression/types.ts';
import { unknownWithin } from '../expression/unknown.ts';
import type { Module } from '../module/contract.ts';
import type { Task } from '../playbook/types.ts';
import type { Look } from './look.ts';
import type { Write } from './writes.ts';

/** Modules that may determine the whole content of a file. */
export const WRITERS: ReadonlySet<string> = new Set(['copy', 'template', 'file']);

type Params = Readonly<Record<string, unknown>>;

/** The file whose whole content a call determines, where that is certain. */
export function writesOf(
  task: Task,
  module: Module,
  params: Params,
  delegate: unknown,
  rendered: string | Unknown | undefined,
  look: Look,
): readonly Write[] {
  const content = contentOf(module, params, rendered);
  const path = params['dest'] ?? params['path'];
  const certain = look.watch.sure && look.place.certain && !(delegate instanceof Unknown);
  if (content === undefined || !certain || typeof path !== 'string' || path.endsWith('/')) return [];
  const on = typeof delegate === 'string' && delegate !== look.host ? delegate : undefined;
  const from = task.args.entries.find(({ key }) => key === 'content' || key === 'src' || key === 'state');
  const raw = `${module.name} ${from ? JSON.stringify(rawData(from.value)) : ''}`;
  return [{ task: task.id, on, path, content, raw, span: task.span }];
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
