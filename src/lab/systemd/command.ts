import { type Arguments, parseArguments } from './arguments.ts';
import { type Answer, answer, descriptionOf, disable, enable, glob, mask, preset, unmask } from './enable.ts';
import { type JobFailure, type Manager, reload, start, stop } from './manager.ts';
import { setState, signalUnit, type UnitState } from './service.ts';
import { properties, statusText } from './show.ts';
import { allUnitNames, fullName, readUnit, unitFileState } from './units.ts';

/** What the user of a host may ask for without being root. */
const READING = new Set([
  'is-active',
  'is-enabled',
  'is-failed',
  'is-system-running',
  'status',
  'show',
  'cat',
  'list-units',
  'list-unit-files',
  'list-timers',
  'list-sockets',
  'list-dependencies',
  'get-default',
  'version',
  'show-environment',
]);

type Verb = (manager: Manager, args: Arguments) => Promise<Answer>;

/** Answers one call of systemctl. */
export async function systemctl(manager: Manager, words: readonly string[], uid: number): Promise<Answer> {
  const args = parseArguments(words);
  const verb = VERBS[args.verb];
  if (!verb) return answer(1, '', `Unknown command verb ${args.verb}.\n`);
  if (uid !== 0 && !READING.has(args.verb))
    return answer(1, '', `Failed to ${args.verb} ${args.names.map(fullName).join(' ')}: Access denied\n`);
  if (NEEDS_NAMES.has(args.verb) && args.names.length === 0) return answer(1, '', 'Too few arguments.\n');
  const result = await verb(manager, args);
  return args.flags.has('--quiet') && QUIETED.has(args.verb) ? { ...result, out: '', err: '' } : result;
}

const NEEDS_NAMES = new Set([
  'start',
  'stop',
  'restart',
  'reload',
  'try-restart',
  'reload-or-restart',
  'try-reload-or-restart',
  'enable',
  'disable',
  'reenable',
  'mask',
  'unmask',
  'is-active',
  'is-enabled',
  'is-failed',
  'cat',
  'kill',
]);
const QUIETED = new Set([
  'is-active',
  'is-enabled',
  'is-failed',
  'enable',
  'disable',
  'mask',
  'unmask',
  'reenable',
]);

async function each(
  args: Arguments,
  work: (name: string) => Promise<JobFailure | undefined>,
): Promise<Answer> {
  let code = 0;
  let err = '';
  for (const name of args.names) {
    const failure = await work(name);
    if (!failure) continue;
    code = failure.code;
    err += `${failure.message}\n`;
  }
  return answer(code, '', err);
}

async function restart(manager: Manager, name: string): Promise<JobFailure | undefined> {
  const { definition } = await manager.units.unit(name);
  if (definition.load === 'loaded') await stop(manager, name);
  const failure = await start(manager, name);
  return failure && { ...failure, message: failure.message.replace(/^Failed to start/, 'Failed to restart') };
}

const isActive = async (manager: Manager, name: string) =>
  (await manager.units.unit(name)).active === 'active';

async function states(manager: Manager, args: Arguments, good: (unit: UnitState) => boolean, bad: number) {
  const units = await Promise.all(args.names.map((name) => manager.units.unit(name)));
  return answer(units.some(good) ? 0 : bad, units.map((unit) => `${unit.active}\n`).join(''));
}

async function withNow(
  manager: Manager,
  args: Arguments,
  done: Answer,
  work: (name: string) => Promise<JobFailure | undefined>,
) {
  if (done.code !== 0 || !args.flags.has('--now')) return done;
  const jobs = await each(args, work);
  return answer(jobs.code, '', done.err + jobs.err);
}

async function daemonReload(manager: Manager): Promise<Answer> {
  await manager.units.forget();
  return answer(0);
}

const VERBS: Readonly<Record<string, Verb>> = {
  start: (manager, args) => each(args, (name) => start(manager, name)),
  stop: (manager, args) => each(args, (name) => stop(manager, name)),
  reload: (manager, args) => each(args, (name) => reload(manager, name)),
  restart: (manager, args) => each(args, (name) => restart(manager, name)),
  'try-restart': (manager, args) =>
    each(args, async (name) => ((await isActive(manager, name)) ? restart(manager, name) : undefined)),
  'reload-or-restart': (manager, args) =>
    each(args, async (name) => {
      const failure = (await isActive(manager, name))
        ? await reload(manager, name)
        : { code: 3, message: '' };
      return failure?.code === 3 ? restart(manager, name) : failure;
    }),
  'try-reload-or-restart': (manager, args) =>
    each(args, async (name) => {
      if (!(await isActive(manager, name))) return undefined;
      const failure = await reload(manager, name);
      return failure?.code === 3 ? restart(manager, name) : failure;
    }),
  kill: async (manager, args) => {
    for (const name of args.names)
      signalUnit(
        await manager.units.unit(name),
        { host: manager.host, extraEnvironment: {}, note: () => undefined },
        args.signal,
      );
    return answer(0);
  },
  enable: async (manager, args) =>
    withNow(manager, args, await enable(manager, args.names), (name) => start(manager, name)),
  reenable: async (manager, args) => {
    await disable(manager, args.names);
    return enable(manager, args.names);
  },
  disable: async (manager, args) =>
    withNow(manager, args, await disable(manager, args.names), (name) => stop(manager, name)),
  mask: async (manager, args) =>
    withNow(manager, args, await mask(manager, args.names, args.flags.has('--runtime')), (name) =>
      stop(manager, name),
    ),
  unmask: (manager, args) => unmask(manager, args.names),
  'daemon-reload': daemonReload,
  'daemon-reexec': daemonReload,
  'reset-failed': async (manager, args) => {
    const units =
      args.names.length > 0
        ? await Promise.all(args.names.map((name) => manager.units.unit(name)))
        : manager.units.known();
    for (const unit of units) if (unit.active === 'failed') setState(unit, 'inactive', 'dead');
    return answer(0);
  },
  'is-active': (manager, args) => states(manager, args, (unit) => unit.active === 'active', 3),
  'is-failed': (manager, args) => states(manager, args, (unit) => unit.active === 'failed', 1),
  'is-enabled': async (manager, args) => {
    const out: string[] = [];
    const err: string[] = [];
    for (const name of args.names) {
      const unit = await readUnit(manager.host.files, fullName(name));
      const state = await unitFileState(manager.host.files, unit);
      if (state === '')
        err.push(`Failed to get unit file state for ${unit.name}: No such file or directory\n`);
      else out.push(state);
    }
    const good = err.length === 0 && out.some((state) => /^(enabled|static|alias|indirect)/.test(state));
    return answer(good ? 0 : 1, out.map((state) => `${state}\n`).join(''), err.join(''));
  },
  'is-system-running': async (manager) => {
    const failed = manager.units.known().some((unit) => unit.active === 'failed');
    return answer(failed ? 1 : 0, failed ? 'degraded\n' : 'running\n');
  },
  status: async (manager, args) => {
    const texts: string[] = [];
    let code = 0;
    for (const name of args.names) {
      const unit = await manager.units.unit(name);
      if (unit.definition.load === 'not-found')
        return answer(4, texts.join('\n'), `Unit ${unit.definition.name} could not be found.\n`);
      texts.push(await statusText(manager, unit));
      if (unit.active !== 'active') code = 3;
    }
    return answer(code, args.names.length > 0 ? texts.join('\n') : '● lab host\n    State: running\n');
  },
  show: async (manager, args) => {
    const blocks: string[] = [];
    for (const name of args.names) {
      const all = await properties(manager, await manager.units.unit(name));
      const chosen =
        args.properties.length === 0 ? all : all.filter(([key]) => args.properties.includes(key));
      blocks.push(
        chosen.map(([key, text]) => `${args.flags.has('--value') ? '' : `${key}=`}${text}\n`).join(''),
      );
    }
    if (args.names.length === 0) return answer(0, 'Version=252 (slipway-lab)\nSystemState=running\n');
    return answer(0, blocks.join('\n'));
  },
  cat: async (manager, args) => {
    const parts: string[] = [];
    for (const name of args.names) {
      const unit = await readUnit(manager.host.files, fullName(name));
      if (unit.load === 'not-found') return answer(1, parts.join('\n'), `No files found for ${unit.name}.\n`);
      for (const path of [unit.path, ...unit.dropIns])
        parts.push(`# ${path}\n${(await manager.host.files.read(path)) ?? ''}`);
    }
    return answer(0, parts.join('\n'));
  },
  'list-units': async (manager, args) => {
    const shown = manager.units
      .known()
      .filter(
        (unit) =>
          unit.definition.load === 'loaded' &&
          matches(unit.definition.name, args) &&
          (args.flags.has('--failed')
            ? unit.active === 'failed'
            : args.states.length > 0
              ? args.states.some((state) => state === unit.active || state === unit.sub)
              : args.flags.has('--all') || unit.active !== 'inactive'),
      );
    const rows = shown.map(({ definition, active, sub }) => [
      definition.name,
      definition.load,
      active,
      sub,
      descriptionOf(definition.sections, definition.name),
    ]);
    return answer(
      0,
      table(args, ['UNIT', 'LOAD', 'ACTIVE', 'SUB', 'DESCRIPTION'], rows, 'loaded units listed.'),
    );
  },
  'list-unit-files': async (manager, args) => {
    const rows: string[][] = [];
    for (const name of await allUnitNames(manager.host.files)) {
      if (!matches(name, args)) continue;
      const state = await unitFileState(manager.host.files, await readUnit(manager.host.files, name));
      if (args.states.length === 0 || args.states.includes(state))
        rows.push([name, state, state === 'enabled' ? 'enabled' : '-']);
    }
    return answer(
      rows.length > 0 || args.names.length === 0 ? 0 : 1,
      table(args, ['UNIT FILE', 'STATE', 'PRESET'], rows, 'unit files listed.'),
    );
  },
  'list-timers': async () => answer(0),
  'list-sockets': async () => answer(0),
  'list-dependencies': async () => answer(0),
  'get-default': async () => answer(0, 'multi-user.target\n'),
  'set-default': async () => answer(0),
  'show-environment': async () => answer(0, 'LANG=C.UTF-8\n'),
  preset: (manager, args) => preset(manager, args.names, args.presetMode),
  version: async () => answer(0, 'systemd 252 (slipway-lab: simulated)\n'),
};

function matches(name: string, args: Arguments): boolean {
  if (args.types.length > 0 && !args.types.some((type) => name.endsWith(`.${type}`))) return false;
  if (args.names.length === 0) return true;
  return args.names.some((pattern) => glob(/[*?]/.test(pattern) ? pattern : fullName(pattern)).test(name));
}

function table(args: Arguments, heading: string[], rows: string[][], noun: string): string {
  const bare = args.flags.has('--no-legend');
  const all = bare ? rows : [heading, ...rows];
  const widths = heading.map((_, column) => Math.max(0, ...all.map((row) => row[column]?.length ?? 0)));
  const text = all.map((row) =>
    row.map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column]!))).join(' '),
  );
  return [...text, ...(bare ? [] : ['', `${rows.length} ${noun}`]), ''].join('\n').replace(/^\n$/, '');
}
