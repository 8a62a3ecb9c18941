/**
 * Who may do what next, as a pure function of plain data: plays (barriers or `needs`), batches, and the gates at which
 * hosts wait inside a play. No host, no clock, no promise: `decide` is tested by states alone.
 */
export interface SchedulerState {
  readonly plays: readonly PlayState[];
  /** Hosts that failed or could not be reached: they take part in no later play. */
  readonly out: ReadonlySet<string>;
  /** Set by any_errors_fatal, max_fail_percentage or an interrupt: nothing new starts. */
  readonly aborted: boolean;
}

export interface PlayState {
  readonly index: number;
  readonly strategy: 'free' | 'linear';
  /** Undefined: waits for all earlier plays. */
  readonly needs: readonly { readonly play: number; readonly scope: 'host' | 'all' }[] | undefined;
  readonly batches: readonly (readonly string[])[];
  /** The batch that runs now. */
  readonly batch: number;
  readonly finished: boolean;
  /** Why the play ended without having begun. */
  readonly passedOver?: string | undefined;
  /** `meta: end_play`: hosts stop at their next task, and no batch follows. */
  readonly ended?: boolean;
  readonly hosts: ReadonlyMap<string, HostState>;
  readonly maxFailPercentage: number | undefined;
}

export type HostStatus = 'waiting' | 'running' | 'done' | 'failed' | 'unreachable' | 'excluded';

export interface HostState {
  readonly status: HostStatus;
  readonly gate?: Gate | undefined;
  /** Throttle keys that it holds. */
  readonly holds?: string | undefined;
}

export type Gate =
  /** linear: a host waits at each task until all hosts of the batch are there or further. */
  | { readonly kind: 'step'; readonly at: readonly number[] }
  /** run_once: the first host of the batch that is still in the play does it. */
  | { readonly kind: 'once'; readonly key: string; readonly at: readonly number[] }
  | { readonly kind: 'throttle'; readonly key: string; readonly limit: number };

export type Decision =
  | { readonly do: 'start'; readonly play: number; readonly host: string }
  /** `elected` answers a `once` gate: this host runs the task for all. */
  | { readonly do: 'release'; readonly play: number; readonly host: string; readonly elected?: boolean }
  | { readonly do: 'next-batch'; readonly play: number }
  | { readonly do: 'finish'; readonly play: number }
  /** The play ends without having begun. */
  | { readonly do: 'pass-over'; readonly play: number; readonly why: string }
  | { readonly do: 'abort'; readonly play: number; readonly why: string };

const OVER: ReadonlySet<HostStatus> = new Set(['done', 'failed', 'unreachable', 'excluded']);
const LOST: ReadonlySet<HostStatus> = new Set(['failed', 'unreachable']);

/** Task positions in the order in which they are written; includes and rescue sections lengthen the path. */
export function comparePositions(a: readonly number[], b: readonly number[]): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return a.length - b.length;
}

/** All that may happen now. Applying the decisions to the state and asking again must come to an end. */
export function decide(state: SchedulerState): Decision[] {
  const busy = new Set<string>();
  for (const play of state.plays)
    for (const [host, at] of play.hosts) if (at.status === 'running') busy.add(host);
  const decisions: Decision[] = [];
  for (const play of state.plays) {
    if (play.finished) continue;
    const pass = mayNotBegin(play, state);
    if (pass) {
      decisions.push({ do: 'pass-over', play: play.index, why: pass });
      continue;
    }
    const abort = tooManyFailed(play);
    if (abort && !state.aborted) decisions.push({ do: 'abort', play: play.index, why: abort });
    const ended = endOfBatch(play, state);
    if (ended) decisions.push(ended);
    else if (!state.aborted && !play.ended) decisions.push(...starts(play, state, busy));
    decisions.push(...releases(play));
  }
  return decisions;
}

function batchOf(play: PlayState): readonly string[] {
  return play.batches[play.batch] ?? [];
}

function statusIn(play: PlayState, host: string): HostStatus {
  return play.hosts.get(host)?.status ?? 'excluded';
}

function endOfBatch(play: PlayState, state: SchedulerState): Decision | undefined {
  const hosts = batchOf(play);
  const running = hosts.some((host) => statusIn(play, host) === 'running');
  if (running) return undefined;
  if (state.aborted || (play.ended && mayBegin(play, state))) return { do: 'finish', play: play.index };
  const over = hosts.every((host) => OVER.has(statusIn(play, host)) || state.out.has(host));
  if (!over || !mayBegin(play, state)) return undefined;
  const last = play.batch >= play.batches.length - 1;
  if (last) return { do: 'finish', play: play.index };
  if (lostHere(play, state))
    return {
      do: 'abort',
      play: play.index,
      why: `${allOf(hosts)} failed, and other hosts of the play were to come after`,
    };
  return { do: 'next-batch', play: play.index };
}

/** All of the batch failed, and not before this play: who was lost before does not speak against those that follow. */
function lostHere(play: PlayState, state: SchedulerState): boolean {
  const hosts = batchOf(play);
  const lost = hosts.filter((host) => LOST.has(statusIn(play, host)));
  return lost.length > 0 && hosts.every((host) => state.out.has(host));
}

/**
 * As in Ansible the run ends behind a play whose last batch failed as a whole: plays that nobody has begun are not. One
 * with `needs` says itself what it waits for, and only goes with one of those.
 */
function mayNotBegin(play: PlayState, state: SchedulerState): string | undefined {
  if (state.aborted) return undefined;
  const before = play.needs
    ? play.needs.map((need) => state.plays[need.play])
    : state.plays.slice(0, play.index);
  const passed = before.find((other) => other?.passedOver !== undefined)?.passedOver;
  const lost = play.needs ? undefined : before.find((other) => other?.finished && allLost(other));
  if (passed === undefined && !lost) return undefined;
  const hosts = [...play.hosts];
  const begun = hosts.some(([, { status }]) => status !== 'waiting' && status !== 'excluded');
  const left = hosts.some(([host, { status }]) => status === 'waiting' && !state.out.has(host));
  if (begun || !left) return undefined;
  return passed ?? `${allOf(batchOf(lost!))} failed, and an earlier play had no other host`;
}

function allLost(play: PlayState): boolean {
  const hosts = batchOf(play);
  return hosts.length > 0 && hosts.every((host) => LOST.has(statusIn(play, host)));
}

const MOST_NAMES = 5;

function allOf(hosts: readonly string[]): string {
  const [first] = hosts;
  if (hosts.length === 1) return first!;
  const more = hosts.length - MOST_NAMES;
  return `all of ${hosts.slice(0, MOST_NAMES).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

function mayBegin(play: PlayState, state: SchedulerState): boolean {
  if (play.needs === undefined)
    return state.plays.every((other) => other.index >= play.index || other.finished);
  return play.needs.every((need) => need.scope === 'host' || state.plays[need.play]?.finished);
}

function starts(play: PlayState, state: SchedulerState, busy: Set<string>): Decision[] {
  if (!mayBegin(play, state)) return [];
  const decisions: Decision[] = [];
  for (const host of batchOf(play)) {
    if (statusIn(play, host) !== 'waiting' || state.out.has(host) || busy.has(host)) continue;
    const ready = (play.needs ?? []).every(
      (need) => need.scope === 'all' || finishedBy(state.plays[need.play], host),
    );
    if (!ready) continue;
    busy.add(host);
    decisions.push({ do: 'start', play: play.index, host });
  }
  return decisions;
}

function finishedBy(play: PlayState | undefined, host: string): boolean {
  if (!play) return true;
  const there = play.hosts.get(host);
  return play.finished || (there ? OVER.has(there.status) : true);
}

function tooManyFailed(play: PlayState): string | undefined {
  if (play.maxFailPercentage === undefined) return undefined;
  const hosts = batchOf(play);
  const lost = hosts.filter((host) => LOST.has(statusIn(play, host))).length;
  if (lost === 0 || (lost / hosts.length) * 100 <= play.maxFailPercentage) return undefined;
  return `${lost} of ${hosts.length} hosts failed, more than max_fail_percentage ${play.maxFailPercentage} allows`;
}

function releases(play: PlayState): Decision[] {
  return [...stepReleases(play), ...onceReleases(play), ...throttleReleases(play)];
}

function running(play: PlayState): [string, HostState][] {
  return batchOf(play).flatMap((host): [string, HostState][] => {
    const at = play.hosts.get(host);
    return at?.status === 'running' ? [[host, at]] : [];
  });
}

function stepReleases(play: PlayState): Decision[] {
  const hosts = running(play);
  if (hosts.some(([, { gate }]) => gate === undefined)) return [];
  const places = hosts.flatMap(([, { gate }]) => (gate && gate.kind !== 'throttle' ? [gate.at] : []));
  if (places.length === 0) return [];
  const first = places.reduce((least, at) => (comparePositions(at, least) < 0 ? at : least));
  return hosts
    .filter(([, { gate }]) => gate?.kind === 'step' && comparePositions(gate.at, first) === 0)
    .map(([host]) => ({ do: 'release', play: play.index, host }));
}

// The first host of the batch does it for all. One that has not come so far may still come, so it is waited for; one
// that stands at a later step (it was in a rescue section) is past it.
function onceReleases(play: PlayState): Decision[] {
  const hosts = running(play);
  const places = hosts.flatMap(([, { gate }]) => (gate?.kind === 'once' ? [gate.at] : []));
  if (places.length === 0) return [];
  for (const [host, { gate }] of hosts) {
    if (gate?.kind === 'once') return [{ do: 'release', play: play.index, host, elected: true }];
    const past = gate?.kind === 'step' && places.every((at) => comparePositions(gate.at, at) > 0);
    if (!past) return [];
  }
  return [];
}

function throttleReleases(play: PlayState): Decision[] {
  const held = new Map<string, number>();
  for (const [, at] of running(play)) if (at.holds) held.set(at.holds, (held.get(at.holds) ?? 0) + 1);
  const decisions: Decision[] = [];
  for (const [host, at] of running(play)) {
    if (at.gate?.kind !== 'throttle') continue;
    const count = held.get(at.gate.key) ?? 0;
    if (count >= at.gate.limit) continue;
    held.set(at.gate.key, count + 1);
    decisions.push({ do: 'release', play: play.index, host });
  }
  return decisions;
}
