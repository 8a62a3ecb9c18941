import { SlipwayError } from '../base/errors.ts';
import { Unknown } from '../expression/types.ts';
import type { ActionModule, ControlModule, Output, QueryModule, StateModule } from '../module/contract.ts';
import type { Host } from '../module/host.ts';
import type { Program } from '../module/program.ts';
import { Ahead, isPlain } from './ahead.ts';
import { commandFailed, hostHandle, sleep } from './host-handle.ts';
import type { Call, Resolution } from './resolve.ts';
import type { Outcome } from './result.ts';
import { type Seat, type Station, stationOf } from './seat.ts';
import type { Task } from '../playbook/types.ts';
import type { Cell } from './tree.ts';

/** A call at its place in the play, and what it needs to be carried out. */
export interface Place {
  readonly seat: Seat;
  readonly ahead: Ahead;
  readonly cell: Cell;
  readonly task: Task;
  readonly resolution: Resolution;
  readonly index: number;
  /** A dry run for this task (`-C`, `check_mode`). */
  readonly check: boolean;
  /** Milliseconds. */
  readonly timeout: number | undefined;
  readonly register: string;
  readonly progress: (text: string, fraction?: number) => void;
  readonly onOutput: ((stream: 'stdout' | 'stderr', text: string) => void) | undefined;
  /** Called before the first thing is sent that may change a host. */
  readonly began: () => void;
}

/* oxlint-disable typescript/no-explicit-any */
type State = StateModule<any, any, any, any, any>;
type Query = QueryModule<any, any, any>;
type Action = ActionModule<any, any, any>;
type Control = ControlModule<any, any>;
/* oxlint-enable typescript/no-explicit-any */

/** Carries out one call. @throws {SlipwayError} whatever made it fail */
export async function carryOut(place: Place, call: Call): Promise<Outcome> {
  const { module } = call;
  if (module.kind === 'control') return control(place, call, module);
  const scope = place.seat.vars.scope(place.task, call.names);
  const station = await stationOf(place.seat, place.task, scope);
  if (module.kind === 'state') return state(place, call, module, station);
  if (module.kind === 'query') return query(place, call, module, station);
  return action(place, call, module, station);
}

async function control(place: Place, call: Call, module: Control): Promise<Outcome> {
  const { ctx, host, vars } = place.seat;
  const says: string[] = [];
  const { result, setFacts } = await module.evaluate(call.params as never, {
    checkMode: place.check,
    verbosity: ctx.verbosity,
    host,
    sleep: (milliseconds) => sleep(milliseconds, ctx.signal),
    ask: ctx.ask,
    say: (text) => says.push(text),
  });
  for (const [name, value] of Object.entries(setFacts ?? {})) vars.set(name, value);
  const msg = text(result.msg);
  const why = msg !== undefined && says.includes(msg) ? undefined : msg;
  return { status: result.changed ? 'changed' : 'ok', why, result, says };
}

/** Asks a read-only question, together with the ones that come next; an answer sent ahead costs nothing. */
async function ask(place: Place, station: Station, program: Program): Promise<Output> {
  const known = await place.ahead.answer(station, program);
  if (known) return known;
  const coming = await place.ahead.collect(place.cell, place.resolution, place.index, station, false);
  return (await place.ahead.send([{ station, program, timeout: place.timeout }, ...coming])) ?? lost();
}

function lost(): never {
  throw new SlipwayError('internal', 'a probe was not run although nothing before it failed');
}

async function query(place: Place, call: Call, module: Query, station: Station): Promise<Outcome> {
  const output = await ask(place, station, module.probe(call.ready));
  let result = module.read(output, call.ready) as Record<string, unknown>;
  let changed = false;
  if (module.finish && !place.check) {
    const local = place.seat.ctx.local(
      place.task,
      place.seat.vars.scope(place.task, call.names),
      place.seat.planned,
    );
    const finished = await module.finish(result, call.ready, handleFor(place, station), local);
    changed = finished.changed ?? false;
    result = finished;
  }
  if (module.facts) place.seat.vars.setFacts(module.facts(result));
  return { status: changed ? 'changed' : 'ok', why: text(result.msg), result };
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

async function state(place: Place, call: Call, module: State, station: Station): Promise<Outcome> {
  const { ready } = call;
  const probe = module.probe(ready);
  const current = module.read(await ask(place, station, probe), ready);
  const verdict = module.compare(current, ready);
  if (verdict.verdict === 'impossible') {
    throw new SlipwayError('task.failed', verdict.why, { hint: verdict.hint });
  }
  if (verdict.verdict === 'same') {
    place.ahead.settled(false);
    return { status: 'ok', why: verdict.why, result: settle(place, module, current, ready) };
  }
  if (place.check) {
    const forecast = module.forecast?.(verdict.change, current, ready);
    const result = forecast ?? new Unknown(place.register);
    return { status: 'changed', why: verdict.why, diff: verdict.diff, result };
  }
  place.ahead.settled(true);
  const after = await apply(place, station, module.apply(verdict.change, ready), probe);
  const now = module.read(after, ready);
  const proof = module.compare(now, ready);
  const settled = proof.verdict === 'same' || (proof.verdict === 'change' && proof.always === true);
  if (!settled) throw notIdempotent(module.name, proof);
  return {
    status: 'changed',
    why: verdict.why,
    diff: verdict.diff,
    result: settle(place, module, now, ready),
  };
}

function settle(place: Place, module: State, current: unknown, ready: unknown): Record<string, unknown> {
  const result = module.result?.(current, ready) ?? {};
  if (module.facts) place.seat.vars.setFacts(module.facts(result));
  return result as Record<string, unknown>;
}

function notIdempotent(
  name: string,
  proof: {
    why: string;
    verdict: string;
    diff?: readonly { subject: string; before?: string | undefined; after?: string | undefined }[];
  },
): SlipwayError {
  const differs = (proof.diff ?? []).slice(0, 3).map(({ subject, before, after }) => {
    const short = (value: string | undefined) =>
      value === undefined ? 'nothing' : value.length > 60 ? `${value.slice(0, 60)}…` : value;
    return `${subject} is ${short(before)}, not ${short(after)}`;
  });
  return new SlipwayError(
    'task.not-idempotent',
    `\`${name}\` was applied without an error, but: ${differs.join('; ') || proof.why}`,
    {
      hint: 'Something on the host undoes the change, or it takes effect later; look at the host.',
    },
  );
}

/** Sends a change, the probe that proves it and the probes that come next as one message. */
async function apply(
  place: Place,
  station: Station,
  change: Program | ((host: Host) => Promise<void>),
  probe: Program,
): Promise<Output> {
  const { seat, ahead } = place;
  place.began();
  seat.ctx.remotes.touch(station.host);
  if (typeof change === 'function') {
    await change(handleFor(place, station));
    seat.ctx.remotes.touch(station.host);
    const again = await stationOf(seat, place.task, seat.vars.scope(place.task));
    return ask(place, again, probe);
  }
  const coming = await ahead.collect(place.cell, place.resolution, place.index, station, false);
  const chain = Ahead.chain();
  const { session, environment } = station;
  const { timeout, onOutput } = place;
  const applied = session.run({ script: change.text, environment, timeout, onOutput, chain });
  const proof = ahead.send([{ station, program: probe, timeout: undefined }, ...coming], chain);
  const output = (await applied) ?? lost();
  if (output.code !== 0) throw commandFailed(output);
  return (await proof) ?? lost();
}

async function action(place: Place, call: Call, module: Action, station: Station): Promise<Outcome> {
  const guard = module.guard?.(call.ready);
  if (guard) {
    const answer = await ask(place, station, guard);
    if (answer.code !== 0) {
      return {
        status: 'ok',
        why: answer.stdout.split('\n')[0] || 'nothing to do',
        result: { skipped: true },
      };
    }
  }
  if (place.check)
    return { status: 'changed', why: 'would run', unknown: true, result: new Unknown(place.register) };
  const output = (await place.ahead.sentAction(call)) ?? (await perform(place, call, module, station));
  const result = module.read(output, call.ready);
  return { status: result.changed === false ? 'ok' : 'changed', why: result.msg, result };
}

async function perform(place: Place, call: Call, module: Action, station: Station): Promise<Output> {
  const { seat, ahead } = place;
  place.began();
  seat.ctx.remotes.touch(station.host);
  const run = module.run(call.ready);
  if (typeof run === 'function') {
    const output = await run(handleFor(place, station));
    seat.ctx.remotes.touch(station.host);
    return output;
  }
  const more = module.failsByExit === true && isPlain(place.task) && seat.planned.play.strategy === 'free';
  const coming = await ahead.collect(place.cell, place.resolution, place.index, station, more);
  const chain = Ahead.chain();
  const { session, environment } = station;
  const { timeout, onOutput } = place;
  const output = session.run({ script: run.text, environment, timeout, onOutput, chain });
  ahead.send(coming, chain);
  return (await output) ?? lost();
}

function handleFor(place: Place, station: Station): Host {
  const { seat, task } = place;
  const elsewhere = (host: string) =>
    stationOf(seat, { ...task, delegateTo: fixed(host, task) }, seat.vars.scope(task));
  const { ctx } = seat;
  return hostHandle({
    ctx,
    station,
    timeout: place.timeout,
    progress: place.progress,
    onOutput: place.onOutput,
    elsewhere,
  });
}

function fixed(host: string, task: Task): { kind: 'data'; data: unknown; span: Task['span'] } {
  return { kind: 'data', data: host, span: task.span };
}
