import { mainPid } from './process.ts';
import type { Manager } from './manager.ts';
import type { UnitState } from './service.ts';
import { isYes, names, value, values } from './unit-file.ts';
import { unitFileState } from './units.ts';

/** The properties of a unit that `systemctl show` prints, in its order. */
export async function properties(manager: Manager, unit: UnitState): Promise<[string, string][]> {
  const { definition } = unit;
  const service = definition.name.endsWith('.service');
  const get = (key: string) => value(definition.sections, 'Service', key);
  const pid =
    service && unit.active === 'active' && unit.sub === 'running'
      ? await mainPid(manager.host, definition)
      : 0;
  const since = unit.since === 0 ? '' : timestamp(unit.since);
  const all: [string, string][] = [];
  if (service)
    all.push(
      ['Type', get('Type') ?? 'simple'],
      ['Restart', get('Restart') ?? 'no'],
      ['RemainAfterExit', isYes(get('RemainAfterExit')) ? 'yes' : 'no'],
      ['MainPID', String(pid)],
      ['Result', unit.result],
      ['NRestarts', String(unit.restarts)],
      ['ExecMainPID', String(pid)],
      ['ExecMainStatus', String(unit.exitStatus)],
      ...values(definition.sections, 'Service', 'ExecStart').map((line): [string, string] => [
        'ExecStart',
        `{ path=${line.split(' ')[0]} ; argv[]=${line} ; ignore_errors=no }`,
      ]),
      ['Environment', values(definition.sections, 'Service', 'Environment').join(' ')],
    );
  all.push(
    ['Id', definition.name],
    ['Names', definition.name],
    ['Requires', names(definition.sections, 'Unit', 'Requires').join(' ')],
    ['WantedBy', names(definition.sections, 'Install', 'WantedBy').join(' ')],
    ['After', names(definition.sections, 'Unit', 'After').join(' ')],
    ['Description', value(definition.sections, 'Unit', 'Description') ?? definition.name],
    ['LoadState', definition.load],
    ['ActiveState', unit.active],
    ['SubState', unit.sub],
    ['FragmentPath', definition.path],
    ['DropInPaths', definition.dropIns.join(' ')],
    ['UnitFileState', await unitFileState(manager.host.files, definition)],
    ['StateChangeTimestamp', since],
    ['ActiveEnterTimestamp', unit.active === 'active' ? since : ''],
    ['CanStart', definition.load === 'loaded' ? 'yes' : 'no'],
    ['CanStop', 'yes'],
    ['CanReload', values(definition.sections, 'Service', 'ExecReload').length > 0 ? 'yes' : 'no'],
    ['NeedDaemonReload', (await manager.units.isStale(unit)) ? 'yes' : 'no'],
  );
  if (definition.load === 'not-found')
    all.push(['LoadError', `org.freedesktop.systemd1.NoSuchUnit "Unit ${definition.name} not found."`]);
  return all.filter(([name, text]) => text !== '' || ALWAYS.has(name));
}

const ALWAYS = new Set([
  'FragmentPath',
  'UnitFileState',
  'DropInPaths',
  'StateChangeTimestamp',
  'ActiveEnterTimestamp',
  'Environment',
]);

/** `Mon 2026-11-23 19:49:46 UTC` */
export function timestamp(time: number): string {
  const date = new Date(time);
  const day = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'][date.getUTCDay()];
  return `${day} ${date.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** What `systemctl status` prints of one unit. */
export async function statusText(manager: Manager, unit: UnitState): Promise<string> {
  const { definition } = unit;
  const description = value(definition.sections, 'Unit', 'Description') ?? definition.name;
  const dot = unit.active === 'active' ? '●' : unit.active === 'failed' ? '×' : '○';
  const state = await unitFileState(manager.host.files, definition);
  const lines = [
    `${dot} ${definition.name} - ${description}`,
    definition.load === 'loaded'
      ? `     Loaded: loaded (${definition.path}; ${state}; preset: enabled)`
      : `     Loaded: ${definition.load} (Reason: Unit ${definition.name} is ${definition.load}.)`,
    ...(definition.dropIns.length > 0 ? [`    Drop-In: ${definition.dropIns.join(' ')}`] : []),
    `     Active: ${unit.active} (${unit.sub})${unit.since > 0 ? ` since ${timestamp(unit.since)}` : ''}`,
  ];
  if (unit.active === 'active' && unit.sub === 'running')
    lines.push(`   Main PID: ${await mainPid(manager.host, definition)}`);
  const log = (await manager.host.files.read(`/var/log/slipway-lab/${definition.name}.log`)) ?? '';
  return `${[...lines, '', ...log.trimEnd().split('\n').slice(-10)].join('\n')}\n`;
}
