import { SlipwayError } from '../base/errors.ts';
import { evaluate, isStatic } from '../expression/value.ts';
import { type Condition, type Scope, Unknown } from '../expression/types.ts';
import type { Module } from '../module/contract.ts';
import type { Local } from '../module/host.ts';
import type { Program } from '../module/program.ts';
import { OMIT } from '../plan/omit.ts';
import { loopNames, usesLoop } from '../playbook/loop-names.ts';
import type { Loop, Task } from '../playbook/types.ts';
import { keyword, type Seat } from './seat.ts';

/** One use of a module: a task, or one item of its loop, with its arguments rendered for this host. */
export interface Call {
  readonly kind: 'call';
  readonly module: Module;
  readonly params: Record<string, unknown>;
  /** What `prepare` made of the parameters. */
  readonly ready: unknown;
  /** What the module asks first: looked at when asking ahead and again when the run gets there, built once. */
  readonly probe: () => Program;
  /** Loop and include variables. */
  readonly names: Extra;
  /** Of a dry run: what a parameter hangs on that was left out (`tolerates`). */
  readonly open?: string | undefined;
  readonly item?: unknown;
  readonly label?: string | undefined;
}

export interface Skip {
  readonly kind: 'skip';
  /** The condition that does not hold. */
  readonly why: string;
  readonly item?: unknown;
  readonly label?: string | undefined;
}

/** A dry run cannot know whether, or with what, the task would run. */
export interface NotKnown {
  readonly kind: 'unknown';
  readonly why: string;
  /** Its conditions hold: only what it is called with is not known. */
  readonly willRun?: boolean;
  /** Of a dry run: what would be called, where only the conditions are not known. */
  readonly calls?: readonly Call[];
  readonly item?: unknown;
  readonly label?: string | undefined;
}

export type Resolution =
  | Skip
  | NotKnown
  | { readonly kind: 'calls'; readonly calls: readonly (Call | Skip | NotKnown)[]; readonly looped: boolean };

export type Extra = Readonly<Record<string, unknown>> | undefined;

/** Conditions, loop and arguments of a task for one host. @throws {SlipwayError | SlipwayErrors} */
export async function resolve(
  seat: Seat,
  task: Task,
  extra: Extra,
  pending?: ReadonlySet<string>,
): Promise<Resolution> {
  const module = seat.ctx.modules.get(task.module);
  if (!module)
    throw new SlipwayError('playbook.unknown-module', `there is no module \`${task.module}\``, {
      span: task.span,
    });
  const scope = seat.vars.scope(task, extra, pending);
  const outer = decide(
    task.when.filter((condition) => !usesLoop(condition, task.loop)),
    scope,
  );
  if (outer?.kind === 'skip') return outer;
  if (outer) return withCalls(outer, seat, () => whatIf(seat, task, module, extra, pending));
  if (!task.loop) {
    const call = await toCall(seat, task, module, scope, extra);
    return call.kind === 'call' ? { kind: 'calls', calls: [call], looped: false } : call;
  }
  return resolveLoop(seat, task, module, extra, task.loop, pending);
}

/** What a task in doubt would call, so that what it may touch is known. */
async function withCalls<T extends NotKnown>(
  unknown: T,
  seat: Seat,
  find: () => Promise<readonly Call[]>,
): Promise<T> {
  if (!seat.ctx.plan.options.check) return unknown;
  try {
    return { ...unknown, calls: await find() };
  } catch {
    // Its arguments may make no sense where its conditions do not hold.
    return unknown;
  }
}

async function whatIf(
  seat: Seat,
  task: Task,
  module: Module,
  extra: Extra,
  pending: ReadonlySet<string> | undefined,
): Promise<Call[]> {
  const resolution = task.loop
    ? await resolveLoop(seat, task, module, extra, task.loop, pending)
    : { calls: [await toCall(seat, task, module, seat.vars.scope(task, extra, pending), extra)] };
  return 'calls' in resolution ? (resolution.calls ?? []).flatMap(asCalls) : [];
}

async function resolveLoop(
  seat: Seat,
  task: Task,
  module: Module,
  extra: Extra,
  loop: Loop,
  pending: ReadonlySet<string> | undefined,
): Promise<Resolution> {
  const items = itemsOf(loop.items, seat.vars.scope(task, extra, pending));
  if (items instanceof Unknown) return { kind: 'unknown', why: items.why };
  if (!Array.isArray(items)) {
    throw new SlipwayError(
      'task.invalid',
      `the loop is ${items === null ? 'null' : typeof items}, not a list`,
      {
        span: loop.items.span,
        hint: 'Give `loop` a list; for a mapping write `with_dict`, or `{{ entries map }}`.',
      },
    );
  }
  const inner = task.when.filter((condition) => usesLoop(condition, loop));
  const calls: (Call | Skip | NotKnown)[] = [];
  for (const [index, item] of items.entries()) {
    const names = { ...extra, ...loopNames(loop, items, index) };
    const itemScope = seat.vars.scope(task, names, pending);
    const label = item instanceof Unknown ? item.why : labelOf(loop, itemScope, item);
    const decided = decide(inner, itemScope);
    const call = () => toCall(seat, task, module, itemScope, names);
    const made =
      decided?.kind === 'unknown'
        ? await withCalls(decided, seat, async () => asCalls(await call()))
        : decided;
    calls.push({ ...(made ?? (await call())), item, label });
  }
  return { kind: 'calls', calls, looped: true };
}

/** What stands in a list of the task's own is known item by item. */
function itemsOf(items: Loop['items'], scope: Scope): unknown {
  return items.kind === 'list' ? items.items.map((item) => evaluate(item, scope)) : evaluate(items, scope);
}

/** What is called, or would be where only the conditions are not known. */
export function asCalls(call: Call | Skip | NotKnown): readonly Call[] {
  return call.kind === 'call' ? [call] : (call.kind === 'unknown' && call.calls) || [];
}

function labelOf(loop: Loop, scope: Scope, item: unknown): string {
  const label = loop.label ? keyword(loop.label, scope, 'label') : item;
  return typeof label === 'string' ? label : JSON.stringify(label);
}

function decide(conditions: readonly Condition[], scope: Scope): Skip | NotKnown | undefined {
  let unknown: NotKnown | undefined;
  for (const condition of conditions) {
    const holds = condition.test(scope);
    if (holds === false) return { kind: 'skip', why: condition.text };
    if (holds instanceof Unknown) unknown ??= { kind: 'unknown', why: holds.why };
  }
  return unknown;
}

/** Nothing in the arguments differs from host to host. */
function isFixed(task: Task): boolean {
  return isStatic(task.args) && Object.keys(task.conditions).length === 0;
}

type Prepared = Pick<Call, 'params' | 'ready' | 'probe'>;

function prepared(module: Module, params: Record<string, unknown>, ready: unknown): Prepared {
  let built: Program | undefined;
  const probe = () => {
    if (module.kind === 'state' || module.kind === 'query') built ??= module.probe(ready as never);
    return built ?? lacking(module);
  };
  return { params, ready, probe };
}

function lacking(module: Module): never {
  throw new SlipwayError('internal', `\`${module.name}\` has nothing to ask`);
}

// A task whose arguments hold no template is prepared once for all hosts, unless its module renders a file.
const shared = new WeakMap<Task, Prepared>();

async function toCall(
  seat: Seat,
  task: Task,
  module: Module,
  scope: Scope,
  names: Extra,
): Promise<Call | NotKnown> {
  const known = shared.get(task);
  if (known) return { kind: 'call', module, names, ...known };
  const tolerated = seat.ctx.plan.options.check ? module.tolerates : undefined;
  const given = argumentsOf(task, scope, tolerated);
  if (given instanceof Unknown) return { kind: 'unknown', why: given.why, willRun: true };
  const { data, open } = given;
  const params = seat.ctx.checkArguments(module, task, data);
  for (const name of module.secretParams ?? []) seat.ctx.secrets.add(params[name]);
  if (module.kind === 'control' || !module.prepare) {
    const made = prepared(module, params, params);
    if (isFixed(task) && !module.secretParams) shared.set(task, made);
    return { kind: 'call', module, names, open, ...made };
  }
  let rendered = false;
  const local = seat.ctx.local(task, scope, seat.planned);
  const watched: Local = Object.assign(Object.create(local) as Local, {
    render: (...args: Parameters<Local['render']>) => {
      rendered = true;
      return local.render(...args);
    },
  });
  const ready = await prepare(module.prepare, params, watched);
  if (ready instanceof Unknown) return { kind: 'unknown', why: ready.why, willRun: true };
  const made = prepared(module, params, ready);
  if (isFixed(task) && !rendered && !module.secretParams) shared.set(task, made);
  return { kind: 'call', module, names, open, ...made };
}

// A template file that needs what is not known makes the whole call unknown.
async function prepare(
  work: (params: never, local: Local) => unknown,
  params: Record<string, unknown>,
  local: Local,
): Promise<unknown> {
  try {
    return await work(params as never, local);
  } catch (error) {
    if (error instanceof Unknown) return error;
    throw error;
  }
}

interface Given {
  readonly data: Record<string, unknown>;
  /** What a parameter hangs on that is left out. */
  readonly open: string | undefined;
}

function argumentsOf(task: Task, scope: Scope, tolerated: readonly string[] = []): Given | Unknown {
  const data: Record<string, unknown> = {};
  let open: string | undefined;
  for (const [name, conditions] of Object.entries(task.conditions)) {
    const tested = conditions.map((condition) => ({ text: condition.text, holds: condition.test(scope) }));
    const unknown = tested.find(({ holds }) => holds instanceof Unknown)?.holds;
    if (unknown instanceof Unknown) return unknown;
    data[name] = tested;
  }
  for (const { key, value } of task.args.entries) {
    if (Object.hasOwn(data, key)) continue;
    const result = evaluate(value, scope);
    if (result instanceof Unknown) {
      if (!tolerated.includes(key)) return result;
      open ??= result.why;
    } else if (result !== OMIT) data[key] = result;
  }
  return { data, open };
}
