import { SlipwayError } from '../base/errors.ts';
import type { ActionModule, ControlModule, Output, QueryModule, StateModule } from '../module/contract.ts';
import type { Program } from '../module/program.ts';
import { Ahead } from './ahead.ts';
import { apply } from './change.ts';
import { isOutcomeUnknown, notFoundDone, runAlone } from './detached.ts';
import { foretell, onlyLooks } from './foretell.ts';
import { sleep } from './host-handle.ts';
import { factsOwner, learn } from './learn.ts';
import { approved, ask, begin, handleFor, lost, type Place } from './place.ts';
import type { Call } from './resolve.ts';
import type { Outcome } from './result.ts';
import { delegateOf } from './seat.ts';
import { type Station, stationOf } from './station.ts';
import { isPlain } from './walk-ahead.ts';

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
  if (place.check) return foretell(place, call, module, scope);
  const station = await stationOf(place.seat, place.task, scope);
  if (module.kind === 'state') return state(place, call, module, station);
  if (module.kind === 'query') return query(place, call, module, station);
  return action(place, call, module, station);
}

async function control(place: Place, call: Call, module: Control): Promise<Outcome> {
  const { ctx, host, vars } = place.seat;
  const says: string[] = [];
  const { result, setFacts, quiet } = await module.evaluate(call.params as never, {
    checkMode: place.check,
    verbosity: ctx.verbosity,
    host,
    sleep: (milliseconds) => sleep(milliseconds, ctx.signal),
    ask: ctx.ask,
    say: (text) => says.push(text),
  });
  const owner = setFacts
    ? factsOwner(place, delegateOf(place.task, vars.scope(place.task, call.names)))
    : vars;
  for (const [name, value] of Object.entries(setFacts ?? {})) owner.set(name, value);
  const msg = text(result.msg);
  const why = quiet || (msg !== undefined && says.includes(msg)) ? undefined : msg;
  return { status: result.changed ? 'changed' : 'ok', why, result, says };
}

async function query(place: Place, call: Call, module: Query, station: Station): Promise<Outcome> {
  const output = await ask(place, station, call.probe());
  let result = module.read(output, call.ready) as Record<string, unknown>;
  let changed = false;
  if (module.finish) {
    const local = place.seat.ctx.local(
      place.task,
      place.seat.vars.scope(place.task, call.names),
      place.seat.planned,
    );
    const finished = await module.finish(result, call.ready, handleFor(place, station), local);
    changed = finished.changed ?? false;
    result = finished;
  }
  if (module.facts) learn(place, station.host, module.facts(result));
  return { status: changed ? 'changed' : 'ok', why: text(result.msg), result };
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

async function state(place: Place, call: Call, module: State, station: Station): Promise<Outcome> {
  const { ready } = call;
  const probe = call.probe();
  const current = module.read(await ask(place, station, probe), ready);
  const verdict = module.compare(current, ready);
  if (verdict.verdict === 'impossible') {
    throw new SlipwayError('task.failed', verdict.why, { hint: verdict.hint });
  }
  if (verdict.verdict === 'same') {
    place.ahead.settled(false);
    return { status: 'ok', why: verdict.why, result: settle(place, station, module, current, ready) };
  }
  await approved(place, call, 'change', verdict);
  place.ahead.settled(true);
  const { output, said, unsure } = await apply(
    place,
    call,
    station,
    module.apply(verdict.change, ready),
    probe,
  );
  const now = module.read(output, ready);
  const proof = module.compare(now, ready);
  // What is done each time leaves no trace, so its probe cannot tell whether it was done.
  const settled =
    proof.verdict === 'same' || (proof.verdict === 'change' && proof.always === true && !unsure);
  if (!settled) throw unsure ? notFoundDone(unsure, proof.why) : notIdempotent(module.name, proof);
  return {
    status: 'changed',
    why: verdict.why,
    diff: verdict.diff,
    result: settle(place, station, module, now, ready, verdict.change, said),
  };
}

function settle(
  place: Place,
  station: Station,
  module: State,
  current: unknown,
  ready: unknown,
  done?: unknown,
  said?: Output,
): Record<string, unknown> {
  const result = module.result?.(current, ready, done, said) ?? {};
  if (module.facts) learn(place, station.host, module.facts(result));
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

async function action(place: Place, call: Call, module: Action, station: Station): Promise<Outcome> {
  const guard = module.guard?.(call.ready);
  if (guard) {
    const answer = await ask(place, station, guard);
    if (answer.code !== 0) {
      const why = answer.stdout.split('\n')[0] || 'nothing to do';
      const result = module.passedOver?.(why, call.ready, place.check) ?? { skipped: true };
      return { status: 'ok', why, result };
    }
  }
  const sent = place.ahead.sentAction(call);
  if (!sent && !onlyLooks(module, call.ready)) await approved(place, call, 'run');
  if (sent) place.sentAhead();
  const output = (await sent) ?? (await perform(place, call, module, station));
  const result = module.read(output, call.ready);
  return { status: result.changed === false ? 'ok' : 'changed', why: result.msg || undefined, result };
}

async function perform(place: Place, call: Call, module: Action, station: Station): Promise<Output> {
  const { seat, ahead } = place;
  begin(place, station);
  const run = module.run(call.ready);
  if (typeof run === 'function') {
    const output = await run(handleFor(place, station));
    seat.ctx.remotes.touch(station.host);
    return output;
  }
  if (module.detached) return detachedAction(place, station, run);
  const free = seat.ctx.approve === undefined && seat.planned.play.strategy === 'free';
  const more = free && module.failsByExit === true && isPlain(place.task);
  const coming = await ahead.collect(place.cell, place.resolution, place.index, station, more);
  const chain = Ahead.chain();
  const { session, environment } = station;
  const { timeout, onOutput } = place;
  const output = session.run({ script: run.text, timed: run.timed, environment, timeout, onOutput, chain });
  ahead.send(coming, chain);
  return (await output) ?? lost();
}

async function detachedAction(place: Place, station: Station, run: Program): Promise<Output> {
  const { seat, timeout, onOutput, progress } = place;
  const step = { script: run.text, environment: station.environment, timeout, onOutput };
  try {
    return await runAlone(seat.ctx, station, step, progress);
  } catch (error) {
    throw isOutcomeUnknown(error) ? notFoundDone(error, undefined) : error;
  } finally {
    seat.ctx.remotes.touch(station.host);
  }
}
