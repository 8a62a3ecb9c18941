import type { SlipwayError } from '../base/errors.ts';
import type { Output } from '../module/contract.ts';
import type { Host } from '../module/host.ts';
import type { Program } from '../module/program.ts';
import { Ahead } from './ahead.ts';
import { isOutcomeUnknown } from './detached.ts';
import { commandFailed } from './host-handle.ts';
import { ask, begin, handleFor, lost, type Place } from './place.ts';
import type { Call } from './resolve.ts';
import { type Station, stationOf } from './station.ts';

/** What the probe after a change said; `unsure`: the error of a change whose outcome is not known. */
interface Proof {
  readonly output: Output;
  /** What the change printed, where it was one message. */
  readonly said?: Output;
  readonly unsure?: SlipwayError;
}

/** Sends a change, the probe that proves it and the probes that come next as one message. */
export async function apply(
  place: Place,
  call: Call,
  station: Station,
  change: Program | ((host: Host) => Promise<void>),
  probe: Program,
): Promise<Proof> {
  const { seat, ahead } = place;
  begin(place, station);
  if (typeof change === 'function' || call.module.detached) {
    const unsure = await alone(place, station, change);
    seat.ctx.remotes.touch(station.host);
    const again = await stationOf(seat, place.task, seat.vars.scope(place.task, call.names));
    const output = await ask(place, again, probe);
    return unsure ? { output, unsure } : { output };
  }
  const coming = await ahead.collect(place.cell, place.resolution, place.index, station, false);
  const chain = Ahead.chain();
  const { session, environment } = station;
  const { timeout, onOutput } = place;
  const applied = session.run({ script: change.text, environment, timeout, onOutput, chain });
  const proof = ahead.send([{ station, program: probe, timeout: undefined }, ...coming], chain);
  const output = (await applied) ?? lost();
  if (output.code !== 0) throw commandFailed(output);
  return { output: (await proof) ?? lost(), said: output };
}

/** A change that takes more than one message. @returns the error after which only a probe can tell its outcome */
async function alone(
  place: Place,
  station: Station,
  change: Program | ((host: Host) => Promise<void>),
): Promise<SlipwayError | undefined> {
  try {
    if (typeof change === 'function') await change(handleFor(place, station));
    else await handleFor(place, station).run(change, { detached: true });
    return undefined;
  } catch (error) {
    if (isOutcomeUnknown(error)) return error;
    throw error;
  }
}
