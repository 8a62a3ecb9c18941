import { type BigIntStats, statSync } from 'node:fs';
import { appendFile, mkdir, open, readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { type KnownHost, parseKnownHosts } from './parse.ts';

/** The machine's own, which are read whatever the user's configuration says. */
export const GLOBAL_FILES = ['/etc/ssh/ssh_known_hosts', '/etc/ssh/ssh_known_hosts2'];

/** Read where nothing else is said, in OpenSSH's order; new keys go to the first. */
export const DEFAULT_FILES = [
  join(homedir(), '.ssh', 'known_hosts'),
  join(homedir(), '.ssh', 'known_hosts2'),
  ...GLOBAL_FILES,
];

/** known_hosts files, parsed once for as long as they do not change. */
export interface KnownHostsFiles {
  read(files: readonly string[]): Promise<readonly KnownHost[]>;
  /** Adds a line; one write, so that other programs see all of it or nothing. */
  pin(file: string, name: string, type: string, key: Buffer): Promise<void>;
}

export function createKnownHostsFiles(): KnownHostsFiles {
  const parsed = new Map<string, { readonly stamp: string; readonly entries: readonly KnownHost[] }>();
  // Hosts connect at once: one writes after the other, or two would both think that a line break is missing.
  let writing: Promise<void> = Promise.resolve();

  async function readOne(file: string): Promise<readonly KnownHost[]> {
    const found = statOf(file);
    if (!found) return [];
    const stamp = `${found.mtimeNs} ${found.size} ${found.ino}`;
    const known = parsed.get(file);
    if (known?.stamp === stamp) return known.entries;
    const entries = parseKnownHosts(await readFile(file, 'utf8'), file);
    parsed.set(file, { stamp, entries });
    return entries;
  }

  return {
    read: async (files) => (await Promise.all(files.map(readOne))).flat(),
    pin(file, name, type, key) {
      const written = writing.then(async () => {
        await mkdir(dirname(file), { recursive: true, mode: 0o700 });
        const start = (await endsInLine(file)) ? '' : '\n';
        await appendFile(file, `${start}${name} ${type} ${key.toString('base64')}\n`, { mode: 0o600 });
      });
      writing = written.catch(() => {});
      return written;
    },
  };
}

async function endsInLine(file: string): Promise<boolean> {
  const handle = await open(file, 'r').catch(missing);
  if (!handle) return true;
  try {
    const { size } = await handle.stat();
    if (size === 0) return true;
    const last = await handle.read(Buffer.alloc(1), 0, 1, size - 1);
    return last.buffer[0] === 0x0a;
  } finally {
    await handle.close();
  }
}

// Once for every login: waking a thread for it would cost more than the call.
function statOf(file: string): BigIntStats | undefined {
  try {
    return statSync(file, { bigint: true, throwIfNoEntry: false });
  } catch (error) {
    return missing(error as NodeJS.ErrnoException);
  }
}

function missing(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
  throw error;
}
