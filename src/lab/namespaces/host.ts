import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync, readlinkSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { SlipwayError } from '../../base/errors.ts';
import { type HostFiles, hostFiles } from '../host-files.ts';
import type { HostConfig, NamespaceMode } from '../types.ts';
import { HIDDEN } from './bare.ts';
import { COPY_INSIDE, COPY_ROOT, COPY_TEMPLATE } from './copy-scripts.ts';
import { OVERLAY_HOST, USER_HOST } from './scripts.ts';
import { machineTrees, mountPoint } from './trees.ts';

/** A lab host that is up. */
export interface RunningHost {
  readonly config: HostConfig;
  readonly files: HostFiles;
  /** The outside pid of the process that holds the host. */
  readonly pid: number;
  /** The command line on this machine for a command line in the host (as its root user). */
  enter(command: readonly string[], user?: { readonly uid: number; readonly gid: number }): string[];
  /** Kills all its processes but the one that holds it. */
  killAll(): void;
  /** Ends it and removes what it has on disk. */
  stop(): Promise<void>;
  readonly ended: Promise<void>;
}

export interface HostSettings {
  readonly mode: NamespaceMode;
  readonly unshareFlags: readonly string[];
  /** The lab's folder. */
  readonly lab: string;
  readonly stage: string;
  /** Packages that the host's dpkg must not know. */
  readonly forget: readonly string[];
  readonly log: (line: string) => void;
}

// What a host's root may not do to the machine, whatever the doubles miss: configure its network, load modules, set
// its clock, trace its processes, reboot it.
const FORBIDDEN =
  '-net_admin,-sys_module,-sys_boot,-sys_time,-sys_rawio,-sys_ptrace,-syslog,-mac_admin,-mac_override,-linux_immutable,-sys_tty_config,-audit_control,-wake_alarm,-block_suspend';

const TEMPLATE = 'template';

/** Copies the machine once, for hosts that are copies. Nothing to do in the other modes. */
export async function prepareHosts(settings: HostSettings): Promise<void> {
  if (settings.mode !== 'copy') return;
  const child = spawn('sh', ['-c', COPY_TEMPLATE], {
    env: environment(settings),
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  await finished(child, 'the machine could not be copied');
}

export async function startHost(config: HostConfig, settings: HostSettings): Promise<RunningHost> {
  const root = path.join(settings.lab, 'hosts', config.name);
  const env = { ...environment(settings), SLIPWAY_NAME: config.name, SLIPWAY_ROOT: root };
  const child = await launch(root, env, settings);
  const { pid, ready } = readStart(child, config.name, settings);
  await ready;
  const outside = await pid;
  const files = hostFiles(`/proc/${outside}/root`);
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const copied = settings.mode === 'copy';
  const all = () => (copied ? processesIn(root) : processesOf(outside));
  // What is there before anything was started is what holds the host.
  const holders = new Set([outside, ...all()]);
  const killAll = () => {
    for (const one of all()) if (!holders.has(one)) kill(one);
  };
  return {
    config,
    files,
    pid: outside,
    enter: (command, user) => [...prefix(outside, root, settings), ...privileges(copied, user), ...command],
    killAll,
    ended,
    stop: async () => {
      for (const one of [...all(), outside]) kill(one);
      await ended;
      if (copied) await removeRoot(root);
    },
  };
}

async function launch(root: string, env: NodeJS.ProcessEnv, settings: HostSettings): Promise<ChildProcess> {
  if (settings.mode !== 'copy') {
    const script = settings.mode === 'overlay' ? OVERLAY_HOST : USER_HOST;
    return spawn('unshare', [...settings.unshareFlags, 'sh', '-c', script], {
      env,
      stdio: 'pipe',
      detached: true,
    });
  }
  const copy = spawn('sh', ['-c', COPY_ROOT], { env, stdio: ['ignore', 'ignore', 'pipe'] });
  await finished(copy, `no root could be made for ${env['SLIPWAY_NAME']}`);
  return spawn('chroot', [root, '/bin/sh', '-c', COPY_INSIDE], { env, stdio: 'pipe', detached: true });
}

/** Reads `pid N` and `ready` from the set-up script. */
function readStart(child: ChildProcess, name: string, settings: HostSettings) {
  const complaints: string[] = [];
  let pidIs: (pid: number) => void = () => undefined;
  const pid = new Promise<number>((resolve) => (pidIs = resolve));
  const ready = new Promise<void>((resolve, reject) => {
    createInterface({ input: child.stdout! }).on('line', (line) => {
      if (line.startsWith('pid ')) pidIs(Number(line.slice(4)));
      else if (line === 'ready') resolve();
      else settings.log(`${name}: ${line}`);
    });
    createInterface({ input: child.stderr! }).on('line', (line) => {
      complaints.push(line);
      settings.log(`${name}: ${line}`);
    });
    child.once('error', (cause) =>
      reject(new SlipwayError('lab.failed', `${name} could not be started`, { cause })),
    );
    child.once('exit', (code) => {
      const why = complaints.slice(-3).join('; ') || `exit code ${code}`;
      reject(new SlipwayError('lab.failed', `${name} could not be set up: ${why}`, { data: { complaints } }));
    });
  });
  return { pid, ready };
}

function environment(settings: HostSettings): NodeJS.ProcessEnv {
  const node = realpathSync(process.execPath);
  const isFolder = (file: string) => statSync(file, { throwIfNoEntry: false })?.isDirectory() === true;
  return {
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    LC_ALL: 'C',
    SLIPWAY_LAB: settings.lab,
    SLIPWAY_STAGE: settings.stage,
    SLIPWAY_NODE: node,
    SLIPWAY_TEMPLATE: path.join(settings.lab, 'hosts', TEMPLATE),
    SLIPWAY_HIDE: HIDDEN.join(' '),
    SLIPWAY_FORGET: settings.forget.join(' '),
    SLIPWAY_TREES: machineTrees(readFileSync('/proc/self/mountinfo', 'utf8'), isFolder).join(' '),
    SLIPWAY_MOUNT: mountPoint([settings.stage, node], isFolder) ?? '/mnt',
  };
}

function prefix(pid: number, root: string, settings: HostSettings): string[] {
  if (settings.mode === 'copy') return ['chroot', root];
  const user = settings.mode === 'user' ? ['--user', '--preserve-credentials'] : [];
  return [
    'nsenter',
    '-t',
    String(pid),
    ...user,
    '--mount',
    '--pid',
    '--uts',
    '--ipc',
    '--root',
    '--wd',
    '--',
  ];
}

function privileges(copied: boolean, user: { uid: number; gid: number } | undefined): string[] {
  const bounds = copied || process.getuid?.() !== 0 ? [] : ['--bounding-set', FORBIDDEN];
  const ids = user && user.uid !== 0 ? [`--reuid=${user.uid}`, `--regid=${user.gid}`, '--init-groups'] : [];
  const flags = [...bounds, ...ids];
  return flags.length === 0 || !hasSetpriv() ? [] : ['setpriv', ...flags, '--'];
}

let setpriv: boolean | undefined;
function hasSetpriv(): boolean {
  setpriv ??= ['/usr/bin/setpriv', '/bin/setpriv'].some((file) => existsSync(file));
  return setpriv;
}

/** Processes whose root is a copied host: those whose pid namespace is the machine's. */
export function processesIn(root: string): number[] {
  return allProcesses().filter((pid) => {
    try {
      const at = readlinkSync(`/proc/${pid}/root`);
      return at === root || at.startsWith(`${root}/`);
    } catch {
      return false;
    }
  });
}

function processesOf(init: number): number[] {
  try {
    const namespace = readlinkSync(`/proc/${init}/ns/pid`);
    return allProcesses().filter((pid) => {
      try {
        return readlinkSync(`/proc/${pid}/ns/pid`) === namespace;
      } catch {
        return false;
      }
    });
  } catch {
    return [];
  }
}

function allProcesses(): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 1);
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It was gone already.
  }
}

async function removeRoot(root: string): Promise<void> {
  await rm(root, { recursive: true, force: true, maxRetries: 5 });
}

async function finished(child: ChildProcess, failure: string): Promise<void> {
  let complaint = '';
  child.stderr?.on('data', (chunk: Buffer) => (complaint = `${complaint}${chunk}`.slice(-2000)));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0)
    throw new SlipwayError('lab.failed', `${failure}: ${complaint.trim() || `exit code ${code}`}`);
}
