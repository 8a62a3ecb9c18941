import { readFileSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { SlipwayError } from '../base/errors.ts';
import type { LabState, ProcessId } from './types.ts';

/** The paths of a lab, all below `.slipway/lab`. */
export interface LabFolder {
  readonly root: string;
  readonly state: string;
  readonly config: string;
  readonly inventory: string;
  readonly key: string;
  readonly knownHosts: string;
  readonly log: string;
  readonly stage: string;
  readonly hosts: string;
}

export function labFolder(folder: string): LabFolder {
  const root = path.resolve(folder, '.slipway', 'lab');
  const at = (name: string) => path.join(root, name);
  return {
    root,
    state: at('state.json'),
    config: at('config.json'),
    inventory: at('inventory.yml'),
    key: at('id_ed25519'),
    knownHosts: at('known_hosts'),
    log: at('lab.log'),
    stage: at('stage'),
    hosts: at('hosts'),
  };
}

/** The name of the control socket, relative to the lab's folder: its absolute path may be too long for a socket. */
export const CONTROL_SOCKET = 'control.sock';

export async function makeLabFolder(lab: LabFolder): Promise<void> {
  await mkdir(lab.root, { recursive: true, mode: 0o700 });
  // What is in here is nobody's to commit: it holds keys.
  await writeFile(path.join(lab.root, '.gitignore'), '*\n');
}

/** undefined when there is no lab here. */
export async function readState(lab: LabFolder): Promise<LabState | undefined> {
  const text = await readFile(lab.state, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as LabState;
  } catch (cause) {
    throw new SlipwayError('lab.failed', `${lab.state} cannot be understood`, {
      hint: 'Run `slipway lab down`, which removes it.',
      cause,
    });
  }
}

/** Written beside and renamed, so that a reader never sees half of it. */
export async function writePrivate(file: string, text: string): Promise<void> {
  await writeFile(`${file}.new`, text, { mode: 0o600 });
  await rename(`${file}.new`, file);
}

/** The process as it can be told apart from a later one with the same number. */
export function processId(pid: number): ProcessId | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The command, in parentheses, may hold spaces: fields count after it, and the 22nd is the start time.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z') return undefined;
    return { pid, started: fields[19] ?? '' };
  } catch {
    return undefined;
  }
}

export function isRunning(known: ProcessId): boolean {
  return processId(known.pid)?.started === known.started;
}
