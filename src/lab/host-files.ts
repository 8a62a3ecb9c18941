import { lstat, mkdir, readdir, readFile, readlink, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';

/**
 * The files of a lab host as seen from outside. Its links are followed inside its root, whatever they say: `/var/run`
 * pointing to `/run` is the host's /run, never the machine's.
 */
export interface HostFiles {
  readonly root: string;
  /** The place on this machine; undefined when a parent is missing or links go in circles. */
  place(file: string, followLast?: boolean): Promise<string | undefined>;
  read(file: string): Promise<string | undefined>;
  /** What a link says, or undefined. */
  link(file: string): Promise<string | undefined>;
  list(folder: string): Promise<string[]>;
  exists(file: string): Promise<boolean>;
  write(file: string, text: string): Promise<void>;
  append(file: string, text: string): Promise<void>;
  makeLink(file: string, to: string): Promise<void>;
  remove(file: string): Promise<void>;
}

const MOST_LINKS = 40;

export function hostFiles(root: string): HostFiles {
  const place = (file: string, followLast = true) => resolveInside(root, file, followLast);
  const found = async <T>(
    file: string,
    follow: boolean,
    use: (at: string) => Promise<T>,
  ): Promise<T | undefined> => {
    const at = await place(file, follow);
    if (at === undefined) return undefined;
    return use(at).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' || error.code === 'EINVAL' || error.code === 'ENOTDIR') return undefined;
      throw error;
    });
  };
  const writable = async (file: string, follow: boolean): Promise<string> => {
    const folder = path.posix.dirname(file);
    // Its last part may be missing, or more of it.
    const at = (await place(folder)) ?? (await writable(folder, true));
    await mkdir(at, { recursive: true });
    return (await place(file, follow)) ?? path.posix.join(at, path.posix.basename(file));
  };
  return {
    root,
    place,
    read: (file) => found(file, true, (at) => readFile(at, 'utf8')),
    link: (file) => found(file, false, (at) => readlink(at)),
    list: async (folder) => ((await found(folder, true, (at) => readdir(at))) ?? []).sort(),
    exists: async (file) => (await found(file, true, (at) => lstat(at))) !== undefined,
    write: async (file, text) => writeFile(await writable(file, true), text),
    append: async (file, text) => writeFile(await writable(file, true), text, { flag: 'a' }),
    makeLink: async (file, to) => {
      const at = await writable(file, false);
      await rm(at, { force: true });
      await symlink(to, at);
    },
    remove: async (file) => {
      const at = await place(file, false);
      if (at !== undefined) await rm(at, { force: true, recursive: true });
    },
  };
}

/** Returns a path below `root`; its last part may be missing. */
async function resolveInside(root: string, file: string, followLast: boolean): Promise<string | undefined> {
  let rest = file.split('/').filter((part) => part !== '' && part !== '.');
  let done: string[] = [];
  let links = 0;
  while (rest.length > 0) {
    const part = rest.shift()!;
    if (part === '..') {
      done.pop();
      continue;
    }
    const at = [root, ...done, part].join('/');
    const stat = await lstat(at).catch(() => undefined);
    if (!stat) return rest.length === 0 ? at : undefined;
    if (!stat.isSymbolicLink() || (rest.length === 0 && !followLast)) {
      done.push(part);
      continue;
    }
    if (++links > MOST_LINKS) return undefined;
    const target = await readlink(at);
    if (target.startsWith('/')) done = [];
    rest = [...target.split('/').filter((one) => one !== '' && one !== '.'), ...rest];
  }
  return [root, ...done].join('/');
}
