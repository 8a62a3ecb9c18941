import { SlipwayError } from '../../base/errors.ts';
import { type Program, sh } from '../../module/program.ts';
import { pathWord } from './path.ts';
import { STAT } from './probe-path.ts';
import { type Stat, statOf } from './path-state.ts';

/** What a host has of a list of files below one directory. */
export interface Manifest {
  /** Whether the directory is there; 'other' when something else has its name. */
  readonly root: 'directory' | 'absent' | 'other';
  /** By relative path. */
  readonly stats: ReadonlyMap<string, Stat>;
  /** SHA-256 by relative path, of those that can be read. */
  readonly hashes: ReadonlyMap<string, string>;
}

/** More files than this do not fit a command line for sure. */
const MOST_FILES = 5000;

/** Read-only sh that tells about all the named files in one go: two processes, however many they are. */
export function probeManifest(root: string, names: readonly string[]): Program {
  const odd = names.find((name) => /[\n\0]/.test(name));
  if (odd !== undefined)
    throw new SlipwayError('task.invalid', `a file name holds a line break: ${JSON.stringify(odd)}`);
  if (names.length > MOST_FILES)
    throw new SlipwayError('task.invalid', `${names.length} files are too many for one task`, {
      hint: `Pack them and use unarchive, or copy folders of at most ${MOST_FILES} files.`,
    });
  return sh`
    r=${pathWord(root)}
    if [ -d "$r" ]; then echo directory; elif [ -e "$r" ] || [ -L "$r" ]; then echo other; else echo absent; fi
    if cd "$r" 2>/dev/null; then
      set -- ${names.map((name) => `./${name}`)}
      stat -L -c ${`stat ${STAT} %n`} "$@" 2>/dev/null
      sha256sum "$@" 2>/dev/null
    fi
    echo end
  `;
}

export function readManifest(stdout: string): Manifest {
  const lines = stdout.split('\n');
  if (!lines.includes('end'))
    throw new SlipwayError('task.failed', 'the list of files on the host did not arrive whole', {
      hint: 'Copy fewer files in one task, or pack them and use unarchive.',
    });
  const stats = new Map<string, Stat>();
  for (const line of lines) {
    const parts = /^stat (.*?:[^:]*?) \.\/(.*)$/.exec(line);
    const stat = statOf(parts?.[1]);
    if (stat) stats.set(parts![2]!, stat);
  }
  const root = lines[0] === 'directory' || lines[0] === 'other' ? lines[0] : 'absent';
  return { root, stats, hashes: hashesOf(lines) };
}

/** Reads `sha256sum`'s lines; a name with a backslash in it is escaped there, and its line starts with one. */
export function hashesOf(lines: readonly string[]): Map<string, string> {
  const hashes = new Map<string, string>();
  for (const line of lines) {
    const parts = /^(\\?)([0-9a-f]{64}) [ *](?:\.\/)?(.*)$/.exec(line);
    if (parts) hashes.set(parts[1] ? parts[3]!.replaceAll('\\\\', '\\') : parts[3]!, parts[2]!);
  }
  return hashes;
}
