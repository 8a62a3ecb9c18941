import type { RunningHost } from '../namespaces/host.ts';
import { LOG_FOLDER } from './process.ts';
import {
  reloadService,
  type ServiceContext,
  setState,
  startService,
  stopService,
  type UnitState,
} from './service.ts';
import { names, values } from './unit-file.ts';
import { createUnitTable, type UnitTable } from './unit-table.ts';
import { allEnabledLinks, type UnitDefinition } from './units.ts';

/** Why a job could not be done, as systemctl says it. */
export interface JobFailure {
  readonly code: number;
  readonly message: string;
}

/** The services of one host: what systemd's manager is to systemctl. */
export interface Manager {
  readonly host: RunningHost;
  readonly units: UnitTable;
  readonly context: ServiceContext;
  /** Jobs of one unit follow each other; those of different units do not wait. */
  readonly job: <T>(name: string, work: () => Promise<T>) => Promise<T>;
  /** Links by which the machine had units enabled: those are not the host's to start. */
  readonly inherited: ReadonlySet<string>;
}

export async function createManager(
  host: RunningHost,
  extraEnvironment: Readonly<Record<string, string>>,
): Promise<Manager> {
  const jobs = new Map<string, Promise<unknown>>();
  const units = createUnitTable(host.files);
  await units.forget();
  return {
    host,
    units,
    inherited: new Set((await allEnabledLinks(host.files)).map((one) => one.link)),
    job: (name, work) => {
      const next = (jobs.get(name) ?? Promise.resolve()).then(work, work);
      jobs.set(
        name,
        next.catch(() => undefined),
      );
      return next;
    },
    context: {
      host,
      extraEnvironment,
      note: (unit, text) => {
        const line = `${new Date().toISOString()} systemd[1]: ${unit.definition.name}: ${text}\n`;
        host.files.append(`${LOG_FOLDER}/${unit.definition.name}.log`, line).catch(() => undefined);
      },
    },
  };
}

/** Starts a unit and what it requires or wants. */
export async function start(
  manager: Manager,
  name: string,
  path: readonly string[] = [],
): Promise<JobFailure | undefined> {
  const state = await manager.units.unit(name);
  const { definition } = state;
  const refused = refusal('start', definition);
  if (refused) return refused;
  for (const kind of ['Requires', 'Wants', 'BindsTo', 'Requisite'])
    for (const other of names(definition.sections, 'Unit', kind)) {
      if (!/\.(service|socket)$/.test(other) || path.includes(other) || other === definition.name) continue;
      const needed = await manager.units.unit(other);
      if (needed.definition.load !== 'loaded' || needed.active === 'active') continue;
      const failure = await start(manager, other, [...path, definition.name]);
      if (failure && kind !== 'Wants')
        return {
          code: 1,
          message: `A dependency job for ${definition.name} failed. See 'journalctl -xe' for details.`,
        };
    }
  return manager.job(definition.name, () => startOne(state, manager.context));
}

export async function stop(manager: Manager, name: string): Promise<JobFailure | undefined> {
  const state = await manager.units.unit(name);
  const { definition } = state;
  if (definition.load === 'not-found' && state.active === 'inactive')
    return { code: 5, message: `Failed to stop ${definition.name}: Unit ${definition.name} not loaded.` };
  return manager.job(definition.name, async () => {
    if (state.active === 'inactive') return undefined;
    if (state.active !== 'failed' && definition.name.endsWith('.service'))
      await stopService(state, manager.context);
    else setState(state, 'inactive', 'dead');
    return undefined;
  });
}

export async function reload(manager: Manager, name: string): Promise<JobFailure | undefined> {
  const state = await manager.units.unit(name);
  const { definition } = state;
  const refused = refusal('reload', definition);
  if (refused) return refused;
  if (values(definition.sections, 'Service', 'ExecReload').length === 0)
    return {
      code: 3,
      message: `Failed to reload ${definition.name}: Job type reload is not applicable for unit ${definition.name}.`,
    };
  if (state.active !== 'active')
    return { code: 1, message: `${definition.name} is not active, cannot reload.` };
  const done = await manager.job(definition.name, () => reloadService(state, manager.context));
  return done ? undefined : { code: 1, message: `Job for ${definition.name} failed.` };
}

/** What a boot starts: units that were enabled since the host was made. */
export async function boot(manager: Manager): Promise<void> {
  await manager.units.forget();
  for (const { link, name } of await allEnabledLinks(manager.host.files))
    if (!manager.inherited.has(link) && link.includes('.wants/')) await start(manager, name);
}

export async function shutdown(manager: Manager): Promise<void> {
  await Promise.all(manager.units.known().map((unit) => stop(manager, unit.definition.name)));
}

function refusal(verb: string, definition: UnitDefinition): JobFailure | undefined {
  const { name } = definition;
  if (definition.load === 'masked')
    return { code: 1, message: `Failed to ${verb} ${name}: Unit ${name} is masked.` };
  if (definition.load === 'not-found')
    return { code: 5, message: `Failed to ${verb} ${name}: Unit ${name} not found.` };
  return undefined;
}

async function startOne(state: UnitState, context: ServiceContext): Promise<JobFailure | undefined> {
  if (state.active === 'active') return undefined;
  const { name, sections } = state.definition;
  for (const condition of values(sections, 'Unit', 'ConditionPathExists')) {
    const wanted = !condition.startsWith('!');
    if ((await context.host.files.exists(condition.replace(/^[!|]*/, ''))) === wanted) continue;
    context.note(state, `Skipped because of an unmet condition check (ConditionPathExists=${condition}).`);
    return undefined;
  }
  if (!name.endsWith('.service')) {
    setState(
      state,
      'active',
      name.endsWith('.timer') ? 'waiting' : name.endsWith('.socket') ? 'listening' : 'active',
    );
    return undefined;
  }
  state.restarts = 0;
  if (await startService(state, context)) return undefined;
  return {
    code: 1,
    message: `Job for ${name} failed because the control process exited with error code.\nSee "systemctl status ${name}" and "journalctl -xeu ${name}" for details.`,
  };
}
