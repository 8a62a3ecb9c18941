import { SlipwayError } from '../base/errors.ts';
import { type Condition, type Scope, Unknown } from '../expression/types.ts';
import type { ActionModule, Module, QueryModule, StateModule } from '../module/contract.ts';
import { type Doer, type Effect, type Subject, Unclear } from '../module/outlook.ts';
import { asError, isUnreachable } from './failure.ts';
import { learn } from './learn.ts';
import type { HostOutlook } from './outlook.ts';
import { ask, type Place } from './place.ts';
import type { Call } from './resolve.ts';
import type { Outcome } from './result.ts';
import { delegateOf, flag } from './seat.ts';
import { type Station, stationOf } from './station.ts';

/* oxlint-disable typescript/no-explicit-any */
type State = StateModule<any, any, any, any, any>;
type Query = QueryModule<any, any, any>;
type Action = ActionModule<any, any, any>;
/* oxlint-enable typescript/no-explicit-any */

/** What would come of a call, on a host as the tasks before would have left it. Only reads. */
export async function foretell(
  place: Place,
  call: Call,
  module: State | Query | Action,
  scope: Scope,
): Promise<Outcome> {
  const { seat, task } = place;
  // What the run after this one will not do either leaves nothing behind.
  const never = flag(task.checkMode, scope, 'check_mode');
  const expected = seat.ctx.outlooks.of(delegateOf(task, scope) ?? seat.host);
  const outlook = never ? expected.copy() : expected;
  try {
    const told = { place, call, station: await stationOf(seat, task, scope), outlook };
    if (module.kind === 'state') return await orUnclear(told, module, () => foretellState(told, module));
    if (module.kind === 'query') return await orUnclear(told, module, () => foretellQuery(told, module));
    return await foretellAction(told, module);
  } catch (thrown) {
    return withoutUser({ place, call, outlook }, scope, asError(thrown));
  }
}

interface Concern {
  readonly place: Place;
  readonly call: Call;
  readonly outlook: HostOutlook;
  /** Absent where the task could not even be begun. */
  readonly station?: Station;
}

interface Told extends Concern {
  readonly station: Station;
}

/** Who would be made by a task before cannot be become yet. */
function withoutUser(concern: Concern, scope: Scope, error: SlipwayError): Outcome {
  const { place, outlook } = concern;
  const { seat, task } = place;
  if (error.code !== 'connect.become') throw error;
  const user = seat.ctx.become(delegateOf(task, scope) ?? seat.host, scope, task)?.user;
  const made = user === undefined ? undefined : outlook.of(`user:${user}`);
  if (!made) throw error;
  return unclear(concern, made.by);
}

/** All that a module's verdict hangs on. */
function subjectsOf(module: Module, ready: unknown): Subject[] {
  if (module.kind === 'control') return [];
  const touches = module.kind === 'query' ? [] : (module.touches?.(ready) ?? []);
  const reads = module.kind === 'action' ? [] : (module.reads?.(ready) ?? []);
  return [...touches, ...reads];
}

/** Errors that say nothing of the state of a host. */
const FINAL: ReadonlySet<string> = new Set(['task.cancelled', 'internal', 'connect.become']);

// What fails on the host as it is now may well work on the host as it will be.
async function orUnclear(told: Told, module: State | Query, work: () => Promise<Outcome>): Promise<Outcome> {
  try {
    return await work();
  } catch (thrown) {
    const error = asError(thrown);
    if (isUnreachable(error) || FINAL.has(error.code)) throw error;
    const { outlook, call } = told;
    const by = outlook.concerning(subjectsOf(module, call.ready))?.by ?? outlook.assuming;
    const why = by ?? call.open;
    if (why === undefined) throw error;
    return unclear(told, why, `now: ${error.message}`);
  }
}

async function foretellState(told: Told, module: State): Promise<Outcome> {
  const { place, call, station, outlook } = told;
  const { ready } = call;
  const found = module.read(await ask(place, station, call.probe()), ready);
  const current = foreseen(module, found, ready, outlook);
  if (current instanceof Unclear) return unclear(told, current.by);
  const verdict = module.compare(current, ready);
  if (verdict.verdict === 'impossible')
    throw new SlipwayError('task.failed', verdict.why, { hint: verdict.hint });
  const { assuming } = outlook;
  const fields = fieldsOf(place, module);
  if (verdict.verdict === 'same') {
    if (call.open !== undefined) return unclear(told, call.open);
    place.ahead.settled(false);
    const known = current === found ? (module.result?.(current, ready) ?? {}) : {};
    if (current === found && module.facts) learn(place, station.host, module.facts(known));
    return { status: 'ok', why: verdict.why, forecast: 'same', assuming, result: { ...fields, ...known } };
  }
  const known = module.forecast?.(verdict.change, current, ready) ?? {};
  const effects = module.effects?.(verdict.change, current, ready, doerOf(place, call, station));
  outlook.expect(effects ?? untold(module.touches?.(ready)), place.name);
  if (module.facts && module.forecast) learn(place, station.host, module.facts(known));
  const { why, diff } = verdict;
  return { status: 'changed', why, diff, forecast: 'change', assuming, result: { ...fields, ...known } };
}

function foreseen(module: State | Query, found: unknown, ready: unknown, outlook: HostOutlook): unknown {
  if (outlook.empty) return found;
  if (module.foresee) return module.foresee(found as never, ready, outlook);
  const expected = outlook.concerning(subjectsOf(module, ready));
  return expected ? new Unclear(expected.by) : found;
}

async function foretellQuery(told: Told, module: Query): Promise<Outcome> {
  const { place, call, station, outlook } = told;
  const { ready } = call;
  const result = module.read(await ask(place, station, call.probe()), ready) as Record<string, unknown>;
  const seen = foreseen(module, result, ready, outlook);
  if (seen instanceof Unclear) return unclear(told, seen.by);
  const known = Object.fromEntries(
    Object.entries(seen as object).map(([key, value]) => [key, clear(value, `${place.register}.${key}`)]),
  );
  if (module.facts) learn(place, station.host, module.facts(known));
  if (await wouldFinish(told, module, result))
    return { status: 'changed', forecast: 'change', assuming: outlook.assuming, result: known };
  const why = typeof known['msg'] === 'string' ? known['msg'] : undefined;
  return { status: 'ok', why, forecast: 'same', assuming: outlook.assuming, result: known };
}

async function wouldFinish({ place, call, station }: Told, module: Query, result: unknown): Promise<boolean> {
  if (!module.wouldFinish) return false;
  const { ctx, vars, planned } = place.seat;
  const local = ctx.local(place.task, vars.scope(place.task, call.names), planned);
  return module.wouldFinish(result as never, call.ready, { name: station.host }, local);
}

/** Unclear parts as what the expressions know: something unknown, by its name. */
function clear(value: unknown, name: string): unknown {
  if (value instanceof Unclear) return new Unknown(value.name ?? name);
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, clear(part, `${name}.${key}`)]));
}

async function foretellAction(told: Told, module: Action): Promise<Outcome> {
  const { place, call, station, outlook } = told;
  const { ready } = call;
  const guard = module.guard?.(ready);
  const answer = guard && (await ask(place, station, guard));
  const now = answer === undefined || answer.code === 0;
  const runs = module.foresee && !outlook.empty ? module.foresee(now, ready, outlook) : now;
  if (runs === false) {
    const why = (now ? undefined : answer?.stdout.split('\n')[0]) || 'nothing to do';
    return {
      status: 'ok',
      forecast: 'same',
      why,
      result: module.passedOver?.(why, call.ready, true) ?? { skipped: true },
    };
  }
  if (onlyLooks(module, ready)) {
    const result = { changed: false, ...fieldsOf(place, module) };
    return { status: 'ok', forecast: 'same', why: 'it changes nothing', result };
  }
  expectOf(told, module, runs instanceof Unclear);
  if (runs instanceof Unclear) return mayRun(`what "${runs.by}" leaves behind`, place.register);
  const { register, task } = place;
  // Where a failure ends the play, what comes after it is only reached where there is none.
  const mayFail = task.ignoreErrors && !isNever(task.failedWhen);
  const doubtful = mayFail ? new Unknown(`${register}.failed`) : undefined;
  // What a command reports as a change, where nothing of its own judges it.
  const sure = module.failsByExit && task.changedWhen.length === 0 && !mayFail;
  const result = {
    ...fieldsOf(place, module),
    changed: sure || new Unknown(`${register}.changed`),
    ...(mayFail && { failed: doubtful }),
  };
  return { status: 'changed', why: 'would run', forecast: 'run', doubtful, result };
}

/** An action that waits or asks. */
export function onlyLooks(module: Action, ready: unknown): boolean {
  return module.touches?.(ready).length === 0 && module.effects === undefined;
}

function expectOf({ place, call, outlook }: Told, module: Action, unsure: boolean): void {
  const effects = module.effects?.(call.ready) ?? [];
  const known = unsure ? untoldOf(effects) : effects;
  outlook.expect([...untold(module.touches?.(call.ready)), ...known], place.name);
  if (!module.touches && !isNever(place.task.changedWhen)) outlook.assume(place.name);
}

/** `changed_when: false`, `failed_when: false`. */
function isNever(conditions: readonly Condition[]): boolean {
  return conditions.some(({ text }) => text.trim() === 'false');
}

/** Something that may run or not leaves behind what nobody can tell. */
export function taint(outlook: HostOutlook, calls: readonly Call[], name: string): void {
  for (const { module, ready } of calls) {
    if (module.kind === 'state' || module.kind === 'action')
      outlook.expect(untold(module.touches?.(ready)), name);
    if (module.kind === 'action') {
      outlook.expect(untoldOf(module.effects?.(ready) ?? []), name);
      if (!module.touches) outlook.assume(name);
    }
  }
}

/** Nothing can be said for certain. `why` completes "depends on ..."; `doubtful`: what whether there is a change hangs on. */
export function leftOpen(
  forecast: 'may-run' | 'unknown',
  why: string,
  doubtful: Unknown,
  result = doubtful,
): Outcome {
  return { status: 'skipped', forecast, why: `depends on ${why}`, doubtful, result };
}

export function mayRun(why: string, register: string): Outcome {
  return leftOpen('may-run', why, new Unknown(why), new Unknown(register));
}

function unclear({ place, call, outlook, station }: Concern, by: string, more?: string): Outcome {
  const { module, ready } = call;
  const settled =
    station && module.kind === 'state' ? module.settles?.(ready, doerOf(place, call, station)) : undefined;
  if (settled) outlook.expect(settled, place.name);
  else taint(outlook, [call], place.name);
  const why = `what "${by}" leaves behind${more === undefined ? '' : `; ${more}`}`;
  return leftOpen('unknown', why, new Unknown(place.register));
}

function untoldOf(effects: readonly Effect[]): Effect[] {
  return untold(effects.map(({ subject }) => subject));
}

function untold(subjects: readonly Subject[] | undefined): Effect[] {
  return (subjects ?? []).map((subject) => ({ subject }));
}

/** Every field of a register, of which nothing is known yet. */
function fieldsOf(place: Place, module: Module): Record<string, unknown> {
  const names = Object.keys((module.returns as { properties?: object }).properties ?? {});
  return Object.fromEntries(names.map((name) => [name, new Unknown(`${place.register}.${name}`)]));
}

function doerOf(place: Place, call: Call, station: Station): Doer {
  if (station.become) return { user: station.become.user };
  const scope = place.seat.vars.scope(place.task, call.names);
  return { user: place.seat.ctx.address(station.host, scope).user };
}
