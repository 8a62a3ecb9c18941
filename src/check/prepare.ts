import { SlipwayError, SlipwayErrors } from '../base/errors.ts';
import type { Schema } from '../base/schema-convert.ts';
import { overlay } from '../expression/scope.ts';
import { examineFile } from '../expression/template.ts';
import { Unknown } from '../expression/types.ts';
import { unknownWithin } from '../expression/unknown.ts';
import { shownPath as shown } from '../inventory/variables-file.ts';
import type { Source } from '../base/span.ts';
import type { Module } from '../module/contract.ts';
import type { Local } from '../module/host.ts';
import type { Task } from '../playbook/types.ts';
import type { CheckScope } from './scope.ts';
import type { Look } from './look.ts';

const shownPath = (file: string) => shown(file, process.cwd());

/** Thrown where a module would read more than is worth reading for a check. */
const ENOUGH = Symbol('enough');

/** Parameters that name a file here: without them there is nothing to look at. */
export const SOURCES: ReadonlySet<string> = new Set([
  'src',
  'template',
  'key_src',
  'load_path',
  'build',
  'cmd',
  'argv',
  'definition',
]);

/** What came of preparing a call. */
export interface Preparation {
  /** Nothing was wrong with it. */
  readonly right: boolean;
  /** Templates that were rendered; they use variables of their own. */
  readonly sources: readonly Source[];
  /** The text of the last one. */
  readonly rendered: string | Unknown | undefined;
}

/**
 * Has the module read what it needs on the controller, so that a missing file or a fault in a template is found now.
 * Arguments that are not known are left out. Undefined where there is nothing to read.
 */
export function prepareCall(
  task: Task,
  module: Module,
  params: Readonly<Record<string, unknown>>,
  look: Look,
  scope: CheckScope,
): Promise<Preparation> | undefined {
  if (module.kind === 'control' || !module.prepare) return undefined;
  const open = Object.keys(params).filter((name) => unknownWithin(params[name]));
  if (open.some((name) => SOURCES.has(name))) return undefined;
  const given = open.length === 0 ? { ...params } : withoutUnknown(params, open, module);
  const sources: Source[] = [];
  let rendered: string | Unknown | undefined;
  const files = look.place.world.inputs.local(task, look.place.planned);
  const local = readingLocal(files, params, (source, extra) => {
    // Which facts are gathered hangs on it (facts.ts).
    if (!module.templates)
      throw new SlipwayError('internal', `\`${module.name}\` does not name its templates`);
    sources.push(source);
    rendered = examineFile(source, extra ? overlay(scope, extra) : scope, look.watch);
    return rendered;
  });
  const before = look.watch.faults.size;
  const work = async () => module.prepare!(given as never, local);
  return work()
    .catch((thrown: unknown) => report(thrown, task, look, open.length > 0))
    .then(() => ({ right: look.watch.faults.size === before, sources, rendered }));
}

/** The templates of a call that was right for another host, for this one. */
export function renderAgain(
  sources: readonly Source[],
  look: Look,
  scope: CheckScope,
): string | Unknown | undefined {
  let rendered: string | Unknown | undefined;
  for (const source of sources) rendered = examineFile(source, scope, look.watch);
  return rendered;
}

function withoutUnknown(
  params: Readonly<Record<string, unknown>>,
  open: readonly string[],
  module: Module,
): Record<string, unknown> {
  const { required = [] } = module.params as unknown as Schema;
  const given = Object.entries(params).filter(([name]) => !open.includes(name));
  const standIn = open.filter((name) => required.includes(name)).map((name) => [name, 'unknown'] as const);
  return Object.fromEntries([...given, ...standIn]);
}

type Render = (source: Source, extra: Readonly<Record<string, unknown>> | undefined) => string | Unknown;

/** The controller's files, read only as far as a check needs it. */
function readingLocal(files: Local, params: Readonly<Record<string, unknown>>, render: Render): Local {
  const enough = () => {
    throw ENOUGH;
  };
  return {
    workingDirectory: files.workingDirectory,
    isSecret: (text) => files.isSecret(text),
    find: (name, folder) => files.find(name, folder),
    stat: (file) => files.stat(file),
    link: (file) => files.link(file),
    list: (folder) => files.list(folder),
    read: (file) => files.read(file),
    sha256: (file) =>
      params['checksum'] === undefined ? Promise.resolve('0'.repeat(64)) : files.sha256(file),
    open: enough,
    write: enough,
    render: async (file, extra) => {
      const bytes = await files.read(file);
      const text = render({ path: shownPath(file), text: Buffer.from(bytes).toString('utf8') }, extra);
      if (text instanceof Unknown) throw text;
      return text;
    },
  };
}

/** What a module says is wrong. */
function report(thrown: unknown, task: Task, look: Look, partial: boolean): void {
  if (thrown === ENOUGH || thrown instanceof Unknown) return;
  const errors = thrown instanceof SlipwayErrors ? thrown.errors : [thrown];
  for (const error of errors) {
    if (!(error instanceof SlipwayError)) throw error;
    // What was left out may be what is missed.
    if (partial && error.code !== 'file.missing') continue;
    const src = task.args.entries.find(({ key }) => SOURCES.has(key));
    const span =
      error.code === 'file.missing' ? (src?.value.span ?? task.argsSpan) : (error.span ?? task.argsSpan);
    look.watch.fault({
      code: error.code,
      message: error.message,
      span: span.source.text === '' ? task.argsSpan : span,
      hint: error.hint,
      sure: look.watch.sure,
    });
  }
}
