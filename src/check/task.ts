import { type Condition, type Fault, type Shape, Unknown } from '../expression/types.ts';
import { kindOf } from '../expression/shape.ts';
import type { Module } from '../module/contract.ts';
import { loopNames, namesOfLoop, usesLoop } from '../playbook/loop-names.ts';
import type { Loop, Task } from '../playbook/types.ts';
import { examineCall } from './call.ts';
import { contentNames } from './content.ts';
import { Look } from './look.ts';
import { registerOf, resultOf, skippedRegister } from './register.ts';
import type { CheckScope } from './scope.ts';
import type { Learnt } from './state.ts';
import type { Place } from './walk.ts';
import type { Write } from './writes.ts';

export type Extra = Readonly<Record<string, unknown>> | undefined;

/** What a task comes to for one host, and so for all that are like it. */
export interface Leaf {
  readonly faults: readonly Fault[];
  /** The same text, the same effect on what the host knows. */
  readonly effect: string;
  readonly learn: () => Learnt;
  /** Handlers; undefined where a name is not known. */
  readonly notifies: readonly (string | undefined)[];
  readonly writes: readonly Write[];
}

export interface Looked<L> {
  readonly leaf: L;
  /** Variables that were read and differ from host to host. */
  readonly read: ReadonlySet<string>;
  /** Those whose content matters. */
  readonly content: () => Iterable<string>;
}

/** Examines a task for one host; at once, where nothing has to be read. */
export function examineTask(
  task: Task,
  module: Module,
  place: Place,
  host: string,
): Looked<Leaf> | Promise<Looked<Leaf>> {
  const look = new Look(place, host, task);
  const scope = look.scope(place.extra);
  const { loop } = task;
  const outer = loop ? task.when.filter((condition) => !usesLoop(condition, loop)) : task.when;
  const decided = look.decide(outer, scope);
  if (decided === false) return skipped(task, place, look, outer, scope);
  const unless = decided === true ? undefined : decided;
  const end = (results: readonly CallResult[]) => finished(task, module, place, look, results, unless);
  if (!loop) {
    const result = examineOnce(task, module, look, place.extra, scope);
    return result instanceof Promise ? result.then((one) => end([one])) : end([result]);
  }
  const rounds = roundsOf(loop, look, scope, place.extra);
  const inner = task.when.filter((condition) => usesLoop(condition, loop));
  return examineRounds(task, module, look, inner, rounds).then(end);
}

async function examineRounds(
  task: Task,
  module: Module,
  look: Look,
  inner: readonly Condition[],
  rounds: readonly Extra[],
): Promise<readonly CallResult[]> {
  const results: CallResult[] = [];
  const { sure, guards } = look.watch;
  for (const names of rounds) {
    const scope = look.scope(names);
    if (look.decide(inner, scope) !== false) {
      look.value(task.loop?.label, scope);
      results.push(await examineOnce(task, module, look, names, scope));
    }
    look.watch.sure = sure;
    look.watch.guards = guards;
  }
  return results;
}

/** The names that each round of a loop sees; one round with an unknown item where the list is not known. */
export function roundsOf(loop: Loop, look: Look, scope: CheckScope, extra: Extra): Extra[] {
  const items = look.value(loop.items, scope);
  if (Array.isArray(items)) return items.map((_, index) => ({ ...extra, ...loopNames(loop, items, index) }));
  const kind = kindOf(items);
  if (kind !== undefined && kind !== 'list') {
    look.watch.fault({
      code: 'task.invalid',
      message: `the loop is ${kind === 'null' ? 'null' : `a ${kind}`}, not a list`,
      span: loop.items.span,
      hint: 'Give `loop` a list; for a mapping write `with_dict`.',
      sure: look.watch.sure,
      general: items instanceof Unknown,
    });
    return [];
  }
  look.watch.sure = false;
  const shape = items instanceof Unknown ? items.shape : undefined;
  const part = shape?.schema.items && { schema: shape.schema.items, missing: shape.missing };
  const open = namesOfLoop(loop).map((name) => [name, new Unknown(name)]);
  return [{ ...extra, ...Object.fromEntries(open), [loop.variable]: new Unknown(loop.variable, part) }];
}

export interface CallResult {
  readonly facts?: ReadonlyMap<string, unknown> | undefined;
  readonly notifies: readonly (string | undefined)[];
  readonly writes: readonly Write[];
}

function examineOnce(
  task: Task,
  module: Module,
  look: Look,
  names: Extra,
  scope: CheckScope,
): CallResult | Promise<CallResult> {
  const call = examineCall(task, module, look, scope);
  if (task.failedWhen.length + task.changedWhen.length + task.until.length > 0) {
    const judged = task.register ? look.scope({ ...names, [task.register]: resultOf(task, module) }) : scope;
    for (const conditions of [task.failedWhen, task.changedWhen, task.until])
      for (const condition of conditions) condition.examine(judged, look.watch);
  }
  const notifies = task.notify.flatMap((value) => {
    const found = look.value(value, scope);
    return [found].flat().map((name) => (name instanceof Unknown ? undefined : String(name)));
  });
  return call instanceof Promise ? call.then((done) => ({ ...done, notifies })) : { ...call, notifies };
}

function skipped(
  task: Task,
  place: Place,
  look: Look,
  conditions: readonly Condition[],
  scope: CheckScope,
): Looked<Leaf> {
  const name = task.register;
  const which = conditions.find((condition) => condition.examine(scope, look.watch) === false);
  const register = skippedRegister(which?.text ?? '');
  const leaf: Leaf = {
    faults: [...look.watch.faults.values()],
    effect: name === undefined ? '' : `${task.id} skipped ${which?.text}`,
    learn: () => ({ set: new Map([[name!, place.certain ? register : new Unknown(name!)]]) }),
    notifies: [],
    writes: [],
  };
  return { leaf, read: look.read, content: () => look.read };
}

function finished(
  task: Task,
  module: Module,
  place: Place,
  look: Look,
  results: readonly CallResult[],
  unless: readonly string[] | undefined,
): Looked<Leaf> {
  const name = task.register;
  const set = new Map<string, unknown>();
  let effect = '';
  const certain = place.certain && unless === undefined && (!task.loop || results.length > 0);
  for (const { facts } of results)
    for (const [key, value] of facts ?? []) {
      const known = certain && !task.runOnce && task.delegateTo === undefined && look.watch.sure;
      const sure = certain || task.runOnce || task.delegateTo !== undefined || isOpen(place);
      const when = [...place.unless, ...(unless ?? [])];
      const doubt = sure ? new Unknown(key) : doubtful(key, when, look.scope(place.extra));
      set.set(key, known ? value : doubt);
      effect += `\n${key}=${known ? keyOf(value) : (doubt.shape?.maybe?.when.join('\n') ?? '')}`;
    }
  if (name !== undefined) {
    set.set(name, registered(name, registerOf(task, module, unless), place, look));
    effect += `\n${name}: ${[...place.unless, ...(unless ?? [])].join('\n')}`;
  }
  const facts = module.name === 'setup' || undefined;
  const leaf: Leaf = {
    faults: [...look.watch.faults.values()],
    effect: effect === '' && !facts ? '' : `${task.id}${effect}`,
    learn: () => ({ set, ...(facts ? { facts } : {}) }),
    notifies: results.flatMap(({ notifies }) => notifies),
    writes: results.flatMap(({ writes }) => writes),
  };
  const sources = [...place.right.values()].flat();
  const content = () => contentNames(task, module, sources, look.scope(place.extra));
  return { leaf, read: look.read, content };
}

/** It may not be reached, and nobody knows what that hangs on. */
const isOpen = ({ certain, unless }: Place) => !certain && unless.length === 0;

function registered(name: string, register: Unknown, place: Place, look: Look): Unknown {
  if (place.certain) return register;
  return isOpen(place)
    ? new Unknown(name)
    : doubtful(name, place.unless, look.scope(place.extra), register.shape);
}

/** A variable that a task sets which may be skipped: it may not be there at all, unless it was there before. */
function doubtful(
  name: string,
  when: readonly string[],
  scope: CheckScope,
  shape: Shape = { schema: {}, missing: 'there is no' },
): Unknown {
  const before = scope.get(name);
  const maybe = before instanceof Unknown ? before.shape?.maybe : undefined;
  // Of two tasks that set it under different conditions, one may always run.
  if (before !== undefined && maybe?.when.join() !== when.join()) return new Unknown(name);
  return new Unknown(name, { ...shape, maybe: { always: undefined, when, otherwise: undefined } });
}

function keyOf(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    part instanceof Unknown ? `unknown ${part.why}` : part,
  );
}
