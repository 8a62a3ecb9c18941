import { setTimeout as sleep } from 'node:timers/promises';
import type { RunningHost } from '../namespaces/host.ts';
import { makeFolders, processesOfUnit, type Started, startLine, unitEnvironment } from './process.ts';
import { isYes, milliseconds, names, value, values } from './unit-file.ts';
import type { UnitDefinition } from './units.ts';

export type ActiveState = 'active' | 'inactive' | 'failed' | 'activating' | 'deactivating';

/** A unit as it is now. */
export interface UnitState {
  definition: UnitDefinition;
  active: ActiveState;
  sub: string;
  result: string;
  exitStatus: number;
  restarts: number;
  /** When the active state last changed, milliseconds since 1970. */
  since: number;
  main: Started | undefined;
  /** Counts starts: what an older main process does on its way out is of no account. */
  generation: number;
  recent: number[];
  /** Settled by `systemd-notify --ready`. */
  onReady: (() => void) | undefined;
}

export interface ServiceContext {
  readonly host: RunningHost;
  readonly extraEnvironment: Readonly<Record<string, string>>;
  readonly note: (unit: UnitState, text: string) => void;
}

/** A program that never says that it is ready is taken to be so after this, if it still runs. */
const READY_PATIENCE = 3000;
const STOP_PATIENCE = 10_000;

export function newState(definition: UnitDefinition): UnitState {
  return {
    definition,
    active: 'inactive',
    sub: 'dead',
    result: 'success',
    exitStatus: 0,
    restarts: 0,
    since: 0,
    main: undefined,
    generation: 0,
    recent: [],
    onReady: undefined,
  };
}

export function setState(unit: UnitState, active: ActiveState, sub: string): void {
  if (unit.active !== active) unit.since = Date.now();
  unit.active = active;
  unit.sub = sub;
}

const get = (unit: UnitState, key: string) => value(unit.definition.sections, 'Service', key);
const lines = (unit: UnitState, key: string) => values(unit.definition.sections, 'Service', key);

/** Starts a service as its unit says. False when it failed; the state says how. */
export async function startService(unit: UnitState, context: ServiceContext): Promise<boolean> {
  const generation = ++unit.generation;
  setState(unit, 'activating', 'start');
  unit.result = 'success';
  try {
    await makeFolders(context.host, unit.definition);
    const environment = await unitEnvironment(context.host, unit.definition, context.extraEnvironment);
    for (const line of lines(unit, 'ExecStartPre'))
      if (!(await runLine(unit, context, line, environment))) return fail(unit, context, 'exit-code');
    const type = get(unit, 'Type') ?? (lines(unit, 'ExecStart').length === 0 ? 'oneshot' : 'simple');
    if (type === 'oneshot' || type === 'forking') return await startAndWait(unit, context, type, environment);
    const line = lines(unit, 'ExecStart').at(-1);
    if (!line) return fail(unit, context, 'resources');
    const main = await startLine(context.host, unit.definition, line, environment);
    unit.main = main;
    void main.ended.then((end) => onMainEnd(unit, context, generation, end));
    if (type === 'notify' && !(await becomesReady(unit, main))) return false;
    if (unit.main !== main) return false;
    setState(unit, 'active', 'running');
    context.note(unit, `Started ${unit.definition.name}.`);
    for (const post of lines(unit, 'ExecStartPost')) await runLine(unit, context, post, environment);
    return true;
  } catch (error) {
    context.note(unit, (error as Error).message);
    return fail(unit, context, 'resources');
  }
}

async function startAndWait(
  unit: UnitState,
  context: ServiceContext,
  type: 'oneshot' | 'forking',
  environment: Record<string, string>,
): Promise<boolean> {
  for (const line of lines(unit, 'ExecStart'))
    if (!(await runLine(unit, context, line, environment))) return fail(unit, context, 'exit-code');
  if (type === 'forking') setState(unit, 'active', 'running');
  else if (isYes(get(unit, 'RemainAfterExit'))) setState(unit, 'active', 'exited');
  else setState(unit, 'inactive', 'dead');
  return true;
}

async function runLine(
  unit: UnitState,
  context: ServiceContext,
  line: string,
  environment: Record<string, string>,
) {
  const started = await startLine(context.host, unit.definition, line, environment);
  const { code } = await started.ended;
  unit.exitStatus = code ?? 255;
  return code === 0 || /^[@:+!]*-/.test(line);
}

function fail(unit: UnitState, context: ServiceContext, result: string): false {
  unit.result = result;
  setState(unit, 'failed', 'failed');
  context.note(unit, `Failed with result '${result}'.`);
  return false;
}

async function becomesReady(unit: UnitState, main: Started): Promise<boolean> {
  const ready = new Promise<boolean>((resolve) => (unit.onReady = () => resolve(true)));
  const timer = new AbortController();
  const patience = sleep(READY_PATIENCE, true, { signal: timer.signal }).catch(() => true);
  const result = await Promise.race([ready, main.ended.then(() => false), patience]);
  timer.abort();
  unit.onReady = undefined;
  return result;
}

/** What happens when the main process ends by itself: the restart policy, with systemd's limit on fast starts. */
async function onMainEnd(
  unit: UnitState,
  context: ServiceContext,
  generation: number,
  end: { code: number | null; signal: NodeJS.Signals | null },
): Promise<void> {
  if (unit.generation !== generation) return;
  unit.main = undefined;
  unit.exitStatus = end.code ?? 0;
  const clean = end.signal
    ? ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGPIPE'].includes(end.signal)
    : end.code === 0 ||
      names(unit.definition.sections, 'Service', 'SuccessExitStatus').includes(String(end.code));
  unit.result = clean ? 'success' : end.signal ? 'signal' : 'exit-code';
  context.note(unit, `Main process exited, ${end.signal ? `signal ${end.signal}` : `status=${end.code}`}`);
  const policy = get(unit, 'Restart') ?? 'no';
  const again =
    policy === 'always' || (clean ? policy === 'on-success' : /^on-(failure|abnormal|abort)$/.test(policy));
  if (!again) return setState(unit, clean ? 'inactive' : 'failed', clean ? 'dead' : 'failed');
  if (tooOften(unit)) return void fail(unit, context, 'start-limit-hit');
  setState(unit, 'activating', 'auto-restart');
  unit.restarts += 1;
  await sleep(Math.min(milliseconds(get(unit, 'RestartSec'), 100), 60_000), undefined, { ref: false });
  if (unit.generation === generation) await startService(unit, context);
}

function tooOften(unit: UnitState): boolean {
  const setting = (key: string) => value(unit.definition.sections, 'Unit', key) ?? get(unit, key);
  const interval = milliseconds(setting('StartLimitIntervalSec') ?? setting('StartLimitInterval'), 10_000);
  const burst = Number(setting('StartLimitBurst') ?? 5);
  const now = Date.now();
  unit.recent = [...unit.recent.filter((time) => now - time < interval), now];
  return interval > 0 && burst > 0 && unit.recent.length > burst;
}

/** Stops a service with all its processes. */
export async function stopService(unit: UnitState, context: ServiceContext): Promise<void> {
  unit.generation += 1;
  const was = unit.active;
  setState(unit, 'deactivating', 'stop-sigterm');
  const environment = await unitEnvironment(context.host, unit.definition, context.extraEnvironment).catch(
    () => ({}),
  );
  if (was === 'active')
    for (const line of lines(unit, 'ExecStop'))
      await runLine(unit, context, line, environment).catch(() => false);
  const patience = Math.min(milliseconds(get(unit, 'TimeoutStopSec'), STOP_PATIENCE), STOP_PATIENCE);
  const signal = get(unit, 'KillSignal') ?? 'SIGTERM';
  if (get(unit, 'KillMode') !== 'none') {
    signalUnit(unit, context, signal);
    const until = Date.now() + patience;
    while (processesOfUnit(context.host, unit.definition.name).length > 0 && Date.now() < until)
      await sleep(20);
    signalUnit(unit, context, 'SIGKILL');
  }
  await unit.main?.ended;
  unit.main = undefined;
  unit.recent = [];
  setState(unit, 'inactive', 'dead');
  context.note(unit, `Stopped ${unit.definition.name}.`);
}

export function signalUnit(unit: UnitState, context: ServiceContext, signal: string): void {
  for (const pid of processesOfUnit(context.host, unit.definition.name)) {
    try {
      process.kill(pid, signal as NodeJS.Signals);
    } catch {
      // It ended meanwhile.
    }
  }
}

/** True when the service knows how to reload and did. */
export async function reloadService(unit: UnitState, context: ServiceContext): Promise<boolean> {
  const environment = await unitEnvironment(context.host, unit.definition, context.extraEnvironment);
  const { mainPid } = await import('./process.ts');
  environment['MAINPID'] = String(await mainPid(context.host, unit.definition));
  for (const line of lines(unit, 'ExecReload'))
    if (!(await runLine(unit, context, line, environment))) return false;
  return true;
}
