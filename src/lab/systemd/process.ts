import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RunningHost } from '../namespaces/host.ts';
import { hostUser } from '../supervisor/users.ts';
import { parseAssignments, parseEnvironmentFile, parseExec } from './command-line.ts';
import { names, value, values } from './unit-file.ts';
import type { UnitDefinition } from './units.ts';

export const LOG_FOLDER = '/var/log/slipway-lab';

export interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
}

/** The environment of a service: systemd's own, Environment=, then EnvironmentFile=. */
export async function unitEnvironment(
  host: RunningHost,
  unit: UnitDefinition,
  extra: Readonly<Record<string, string>>,
): Promise<Record<string, string>> {
  const environment: Record<string, string> = {
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    LANG: 'C.UTF-8',
    SLIPWAY_UNIT: unit.name,
    ...extra,
    ...parseAssignments(values(unit.sections, 'Service', 'Environment')),
  };
  for (const entry of values(unit.sections, 'Service', 'EnvironmentFile')) {
    const text = await host.files.read(entry.replace(/^-/, ''));
    if (text !== undefined) Object.assign(environment, parseEnvironmentFile(text));
    else if (!entry.startsWith('-')) throw new Error(`Failed to load environment files: ${entry}`);
  }
  return environment;
}

export function specifiers(unit: UnitDefinition): Record<string, string> {
  const prefix = unit.name.replace(/\.[^.]+$/, '');
  const at = prefix.indexOf('@');
  const instance = at < 0 ? '' : prefix.slice(at + 1);
  const common = {
    t: '/run',
    S: '/var/lib',
    C: '/var/cache',
    L: '/var/log',
    E: '/etc',
    h: '/root',
    u: 'root',
  };
  return {
    n: unit.name,
    N: prefix,
    p: at < 0 ? prefix : prefix.slice(0, at),
    i: instance,
    I: instance,
    ...common,
  };
}

// The pid inside the host is only known there, so the shell that becomes the program writes it down first.
const WRAPPER = 'echo $$ > "$1"; cd "$2" || exit 200; shift 2; exec "$@"';

/** Starts one Exec line in the host, its output going to the unit's log. */
export async function startLine(
  host: RunningHost,
  unit: UnitDefinition,
  line: string,
  environment: Record<string, string>,
): Promise<Started> {
  const { argv } = parseExec(line, environment, specifiers(unit));
  const userName = value(unit.sections, 'Service', 'User');
  const user = userName && !line.startsWith('+') ? await hostUser(host.files, userName) : undefined;
  if (userName && !user) throw new Error(`Failed to determine user credentials: no user ${userName}`);
  const folder = value(unit.sections, 'Service', 'WorkingDirectory')
    ?.replace(/^-/, '')
    .replace(/^~$/, '/root');
  const command = host.enter(
    ['/bin/sh', '-c', WRAPPER, 'sh', pidFile(unit), folder ?? '/', ...argv],
    user && { uid: user.uid, gid: user.gid },
  );
  const log = await openLog(host, unit);
  try {
    const child = spawn(command[0]!, command.slice(1), {
      env: environment,
      stdio: ['ignore', log, log],
      detached: true,
    });
    const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
      child.once('exit', (code, signal) => resolve({ code, signal }));
      child.once('error', () => resolve({ code: 203, signal: null }));
    });
    return { child, ended };
  } finally {
    closeSync(log);
  }
}

function pidFile(unit: UnitDefinition): string {
  return `/run/slipway-lab/units/${unit.name}.pid`;
}

/** The main process as the host numbers it; 0 when it does not say so soon. */
export async function mainPid(host: RunningHost, unit: UnitDefinition): Promise<number> {
  const file = value(unit.sections, 'Service', 'PIDFile') ?? pidFile(unit);
  // A service that was started a moment ago may not have come to write it.
  for (let patience = 50; patience > 0; patience--) {
    const pid = Number((await host.files.read(file))?.trim() ?? 0);
    if (pid > 0) return pid;
    await sleep(10);
  }
  return 0;
}

async function openLog(host: RunningHost, unit: UnitDefinition): Promise<number> {
  const output = value(unit.sections, 'Service', 'StandardOutput') ?? 'journal';
  if (output === 'null') return openSync('/dev/null', 'a');
  const file = /^(?:append|file|truncate):(.+)$/.exec(output)?.[1] ?? `${LOG_FOLDER}/${unit.name}.log`;
  await host.files.append(file, '');
  return openSync((await host.files.place(file)) ?? '/dev/null', 'a');
}

/** Folders that systemd makes before a service starts. */
export async function makeFolders(host: RunningHost, unit: UnitDefinition): Promise<void> {
  const kinds = {
    RuntimeDirectory: '/run',
    StateDirectory: '/var/lib',
    CacheDirectory: '/var/cache',
    LogsDirectory: '/var/log',
  };
  for (const [key, parent] of Object.entries(kinds))
    for (const name of names(unit.sections, 'Service', key)) {
      const marker = `${parent}/${name}/.slipway`;
      await host.files.write(marker, '');
      await host.files.remove(marker);
    }
  await host.files.write(pidFile(unit), '');
}

/** All processes of a unit, whatever group they moved to: they carry its name in their environment. */
export function processesOfUnit(host: RunningHost, name: string): number[] {
  const mark = Buffer.from(`\0SLIPWAY_UNIT=${name}\0`);
  const space = link(`/proc/${host.pid}/ns/pid`);
  const root = link(`/proc/${host.pid}/root`);
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => {
      if (!(pid > 1) || pid === host.pid || pid === process.pid) return false;
      try {
        if (link(`/proc/${pid}/ns/pid`) !== space || link(`/proc/${pid}/root`) !== root) return false;
        return Buffer.concat([Buffer.of(0), readFileSync(`/proc/${pid}/environ`)]).includes(mark);
      } catch {
        return false;
      }
    });
}

function link(file: string): string | undefined {
  try {
    return readlinkSync(file);
  } catch {
    return undefined;
  }
}
