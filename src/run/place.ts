import { SlipwayError } from '../base/errors.ts';
import type { Difference, Output } from '../module/contract.ts';
import type { Host } from '../module/host.ts';
import type { Program } from '../module/program.ts';
import type { Task } from '../playbook/types.ts';
import type { Ahead } from './ahead.ts';
import { hostHandle } from './host-handle.ts';
import type { Call, Resolution } from './resolve.ts';
import { eventDiff } from './result.ts';
import type { Seat } from './seat.ts';
import { type Station, stationOf } from './station.ts';
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
  readonly handler: boolean;
  /** What the task is called. */
  readonly name: string;
  readonly progress: (text: string, fraction?: number) => void;
  readonly onOutput: ((stream: 'stdout' | 'stderr', text: string) => void) | undefined;
  /** Called before the first thing is sent that may change a host. */
  readonly began: () => void;
  /** Called for an action that was sent behind an earlier one: its beginning is in the journal already. */
  readonly sentAhead: () => void;
}

/** Asks a read-only question, together with the ones that come next; an answer sent ahead costs nothing. */
export async function ask(place: Place, station: Station, program: Program): Promise<Output> {
  const known = await place.ahead.answer(station, program);
  if (known) return known;
  goOn(place);
  const coming = await place.ahead.collect(place.cell, place.resolution, place.index, station, false);
  return (await place.ahead.send([{ station, program, timeout: place.timeout }, ...coming])) ?? lost();
}

export function lost(): never {
  throw new SlipwayError('internal', 'a probe was not run although nothing before it failed');
}

/** Asks whether this may be done. @throws {SlipwayError} where it may not */
export async function approved(
  place: Place,
  call: Call,
  kind: 'change' | 'run',
  what: { readonly why?: string; readonly diff?: readonly Difference[] } = {},
): Promise<void> {
  const { seat, task, name, handler } = place;
  await seat.ctx.approve?.({
    play: seat.planned.play.index,
    task: task.id,
    host: seat.host,
    handler,
    name,
    kind,
    ...(call.label !== undefined && { item: call.label }),
    ...(what.why !== undefined && { why: what.why }),
    diff: eventDiff(what.diff ?? []),
  });
}

/** From here on the host may be changed. @throws {SlipwayError} task.cancelled after an interrupt */
export function begin(place: Place, station: Station): void {
  goOn(place);
  place.began();
  place.seat.ctx.remotes.touch(station.host);
}

function goOn(place: Place): void {
  if (place.seat.ctx.signal.aborted) throw new SlipwayError('task.cancelled', 'the run was interrupted');
}

export function handleFor(place: Place, station: Station): Host {
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
    play: seat.planned.play.index,
    at: `${seat.planned.play.index}/${task.id}/${place.index}`,
  });
}

function fixed(host: string, task: Task): { kind: 'data'; data: unknown; span: Task['span'] } {
  return { kind: 'data', data: host, span: task.span };
}
