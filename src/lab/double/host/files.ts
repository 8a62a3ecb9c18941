import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { at } from './paths.ts';

function missing(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code;
  return code === 'ENOENT' || code === 'ENOTDIR';
}

/** The text of a file of the host, undefined where there is none. */
export function read(path: string): string | undefined {
  try {
    return readFileSync(at(path), 'utf8');
  } catch (error) {
    if (missing(error)) return undefined;
    throw error;
  }
}

export function exists(path: string): boolean {
  return existsSync(at(path));
}

export function makeDir(path: string, mode = 0o755): void {
  mkdirSync(at(path), { recursive: true, mode });
}

/** Writes beside and renames, so that a reader never sees half a file. */
export function write(path: string, content: string, mode = 0o644): void {
  makeDir(dirname(path));
  const temporary = `${at(path)}.${process.pid}.tmp`;
  writeFileSync(temporary, content, { mode });
  renameSync(temporary, at(path));
}

/** The names in a directory, sorted; none where there is no such directory. */
export function list(path: string): string[] {
  try {
    return readdirSync(at(path)).toSorted();
  } catch (error) {
    if (missing(error)) return [];
    throw error;
  }
}

/** Tries of `remove` while somebody else still writes there (what stands in for etcd). */
const MOST_TRIES = 20;

export function remove(path: string): void {
  for (let tries = 1; ; tries++) {
    try {
      return rmSync(at(path), { recursive: true, force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOTEMPTY' || tries === MOST_TRIES) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
    }
  }
}

/** Removes what is in a directory and keeps the directory; a link to one is followed. */
export function emptyDir(path: string): void {
  for (const name of list(path)) remove(`${path}/${name}`);
}

export function isLink(path: string): boolean {
  try {
    return lstatSync(at(path)).isSymbolicLink();
  } catch (error) {
    if (missing(error)) return false;
    throw error;
  }
}
