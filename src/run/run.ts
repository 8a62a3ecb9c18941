import { compileFacts } from './facts-task.ts';
import type { Event, EventMap, EventName, EventSink } from '../events/types.ts';
import { listedTasks } from '../plan/count.ts';
import type { PlannedPlay } from '../plan/types.ts';
import type { Task } from '../playbook/types.ts';
import { Afterwards } from './afterwards.ts';
import type { RunContext, RunDependencies } from './context.ts';
import { Coordinator, type CoordinatorHooks } from './coordinator.ts';
import { asError } from './failure.ts';
import { giveUp, takenOver, takeOver } from './handlers.ts';
import { runHost } from './host-runner.ts';
import { Outlooks } from './outlook.ts';
import { Recap } from './recap.ts';
import { Remotes } from './remotes.ts';
import type { Seat } from './seat.ts';
import { Stepping } from './stepping.ts';
import { before, type Cell } from './tree.ts';

/** Milliseconds that steps get to stop after an interrupt. */
const GRACE = 5000;

export interface RunInfo {
  /** The run's id: the folder of its journal. */
  readonly id: string;
  readonly version: string;
  readonly playbooks: readonly string[];
  /** The hosts are a lab's. */
  readonly simulated: boolean;
}

/**
 * Carries out a plan. Everything that happens leaves through the events; never rejects for what happens on hosts.
 * @returns the exit code: 0, 2 a host failed, 4 a host was unreachable, 99 interrupted
 */
export async function runPlan(given: RunDependencies, info: RunInfo): Promise<number> {
  const start = performance.now();
  const recap = new Recap();
  const events = counted(given.events, recap);
  const plays = given.step ? given.plan.plays.map(inStep) : given.plan.plays;
  const remotes = new Remotes(given.transport, events, given.forks, given.signal);
  const afterwards = new Afterwards((error) =>
    events.emit('warning', { code: 'task.failed', message: `not tidied up: ${asError(error).message}` }),
  );
  const hooks = hooksOf(plays, events, afterwards, (play, host) => runOne(play, host));
  const coordinator = new Coordinator(plays, hooks, given.lost);
  const stepping = given.step ? new Stepping(given.ask) : undefined;
  const ctx: RunContext = {
    ...given,
    events,
    coordinator,
    remotes,
    stepping,
    outlooks: new Outlooks(),
    shared: new Map(),
    afterwards,
  };
  events.emit('run.started', startOf(given, info));
  const runOne = hostRunner(ctx, plays);
  const interrupted = onAbort(given.signal, () => {
    coordinator.abort();
    return remotes.cancel(GRACE);
  });
  try {
    await coordinator.run();
  } finally {
    await interrupted();
    await afterwards.finish();
  }
  const exitCode = given.signal.aborted ? 99 : recap.exitCode;
  const duration = Math.round(performance.now() - start);
  const names = new Set(plays.flatMap(({ hosts }) => hosts));
  events.emit('run.finished', {
    duration,
    exitCode,
    hosts: recap.hosts(names),
    ...(given.plan.options.check && { forecast: recap.forecast(names) }),
    roundTrips: remotes.roundTrips(),
  });
  remotes.close();
  return exitCode;
}

function hooksOf(
  plays: readonly PlannedPlay[],
  events: EventSink,
  afterwards: Afterwards,
  run: CoordinatorHooks['run'],
): CoordinatorHooks {
  const started = new Map<number, number>();
  return {
    run,
    playStarted: (play) => {
      started.set(play, performance.now());
      events.emit('play.started', { play, name: plays[play]!.play.name, hosts: plays[play]!.hosts });
    },
    playFinished: (play) => {
      afterwards.begin(play);
      const duration = Math.round(performance.now() - started.get(play)!);
      events.emit('play.finished', { play, duration });
    },
    aborted: (_play, why) =>
      events.emit('warning', { code: 'task.failed', message: `the run stops: ${why}` }),
  };
}

/** Runs one host through one play; lets its connection go when nothing more is planned for it. */
function hostRunner(ctx: RunContext, plays: readonly PlannedPlay[]): CoordinatorHooks['run'] {
  const cells = new Map<number, Cell | undefined>();
  const ahead = playsAhead(plays);
  const owed = takenOver(ctx, plays);
  return async (play, host) => {
    const planned = plays[play]!;
    if (!cells.has(play)) cells.set(play, layOut(planned, ctx.gatherSubset));
    const vars = ctx.variables.forHost(host, planned);
    const seat: Seat = {
      ctx,
      planned,
      host,
      vars,
      handlers: [...planned.handlers],
      notified: new Set(),
      owed: owed(play, host),
      maybe: new Map(),
      doubt: undefined,
      stations: new Map(),
    };
    takeOver(seat);
    const ending = await runHost(seat, cells.get(play));
    if (ending === 'done') giveUp(seat);
    const left = ahead.get(host)! - 1;
    ahead.set(host, left);
    if (left === 0 || ending === 'failed' || ending === 'unreachable') ctx.remotes.release(host);
    return ending;
  };
}

/** How many plays each host has before it. */
function playsAhead(plays: readonly PlannedPlay[]): Map<string, number> {
  const ahead = new Map<string, number>();
  for (const { hosts } of plays) for (const host of hosts) ahead.set(host, (ahead.get(host) ?? 0) + 1);
  return ahead;
}

/** With one question for all hosts they have to be at one task. */
function inStep(planned: PlannedPlay): PlannedPlay {
  return { ...planned, play: { ...planned.play, strategy: 'linear' } };
}

function startOf({ plan }: RunDependencies, info: RunInfo): EventMap['run.started'] {
  const { check, diff } = plan.options;
  return {
    run: info.id,
    version: info.version,
    playbooks: info.playbooks,
    check,
    diff,
    simulated: info.simulated,
    plays: plan.plays.map(({ play, hosts, tasks }) => ({
      name: play.name,
      hosts,
      tasks: listedTasks(tasks),
    })),
  };
}

// The event bus of a run, which also counts.
function counted(sink: EventSink, recap: Recap): EventSink {
  return {
    emit: <N extends EventName>(event: N, data: EventMap[N]) => {
      recap.add({ event, time: 0, ...data } as unknown as Event);
      sink.emit(event, data);
    },
  };
}

/** Runs `work` when the signal aborts; the returned function waits for it. */
function onAbort(signal: AbortSignal, work: () => Promise<void>): () => Promise<void> {
  let working: Promise<void> | undefined;
  const begin = () => {
    working = work();
  };
  if (signal.aborted) begin();
  else signal.addEventListener('abort', begin, { once: true });
  return async () => {
    signal.removeEventListener('abort', begin);
    await working;
  };
}

function layOut({ play, tasks }: PlannedPlay, subset: readonly string[] | undefined): Cell | undefined {
  const facts: Task[] = play.gatherFacts ? [compileFacts(play, subset)] : [];
  return before([...facts, ...tasks], { at: [] }, undefined);
}
