import { createHash } from 'node:crypto';
import { isUtf8 } from 'node:buffer';

export type PathType = 'file' | 'directory' | 'link' | 'char' | 'block' | 'fifo' | 'socket';

/** What `stat` says of one thing. */
export interface Stat {
  readonly type: PathType;
  /** Permission bits, 0 to 0o7777. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** `UNKNOWN` where the id has no name. */
  readonly owner: string;
  readonly group: string;
  readonly size: number;
  readonly links: number;
  readonly inode: number;
  readonly device: number;
  /** Seconds of the host's clock. */
  readonly atime: number;
  readonly mtime: number;
  readonly ctime: number;
}

/** What stands at a path of a host. */
export interface PathState {
  /** The thing itself, links not followed; undefined where nothing is. */
  readonly own: Stat | undefined;
  /** What is found when links are followed: `own` when it is no link, undefined for a broken one. */
  readonly real: Stat | undefined;
  /** Where nothing is: whether the directory that would hold it exists. */
  readonly parent: boolean;
  /** A link's text, and the path that it comes to in the end. */
  readonly target?: string | undefined;
  readonly realPath?: string | undefined;
  /** Of a regular file (links followed); undefined when it may not be read. */
  readonly sha256?: string | undefined;
  /** Only where the probe asked for it and the file is small enough. */
  readonly bytes?: Uint8Array | undefined;
  /** True when the path is a directory and this is what stands inside it (`inside` of the probe). */
  readonly inside: boolean;
  /** The newest backup beside it, where the probe asked. */
  readonly backup?: string | undefined;
}

const TYPES: Readonly<Record<number, PathType>> = {
  0o14: 'socket',
  0o12: 'link',
  0o10: 'file',
  0o06: 'block',
  0o04: 'directory',
  0o02: 'char',
  0o01: 'fifo',
};

/** Reads the records that `probePath` prints, in order; one for each path. */
export function readPaths(stdout: string): PathState[] {
  const records: PathState[] = [];
  let lines: string[] = [];
  for (const line of stdout.split('\n')) {
    if (line === 'end') {
      records.push(record(lines));
      lines = [];
    } else lines.push(line);
  }
  return records;
}

/** The first record that `probePath` printed. @throws when the output was cut or is not a probe's. */
export function readPath(stdout: string): PathState {
  const first = readPaths(stdout)[0];
  if (!first) throw new TypeError('the output of a path probe is incomplete');
  return first;
}

function record(lines: readonly string[]): PathState {
  const value = (key: string) =>
    lines.find((line) => line.startsWith(`${key} `))?.slice(key.length + 1) || undefined;
  const own = statOf(value('own'));
  const start = lines.indexOf('content');
  const bytes = start === -1 ? undefined : Buffer.from(lines.slice(start + 1).join(''), 'base64');
  return {
    own,
    real: own?.type === 'link' ? statOf(value('real')) : own,
    parent: own !== undefined || lines.includes('absent'),
    target: value('target'),
    realPath: value('realpath'),
    // The content was read after it was hashed; the hash of what we hold is the one that counts.
    sha256: bytes ? sha256(bytes) : value('sha256'),
    bytes,
    inside: lines.includes('inside'),
    backup: value('backup'),
  };
}

/** Reads one line of `stat -c` in the format STAT. */
export function statOf(line: string | undefined): Stat | undefined {
  const fields = line === undefined ? null : /^([0-9a-f]+) ((?:\d+ ){9})([^:]*):(.*)$/.exec(line);
  if (!fields) return undefined;
  const bits = Number.parseInt(fields[1]!, 16);
  const [uid, gid, size, links, inode, device, atime, mtime, ctime] = fields[2]!
    .trim()
    .split(' ')
    .map(Number);
  return {
    type: TYPES[bits >> 12] ?? 'file',
    mode: bits & 0o7777,
    uid: uid!,
    gid: gid!,
    owner: fields[3]!,
    group: fields[4]!,
    size: size!,
    links: links!,
    inode: inode!,
    device: device!,
    atime: atime!,
    mtime: mtime!,
    ctime: ctime!,
  };
}

/** Lower-case hex. */
export function sha256(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** The text of some bytes, or undefined when they are no text. */
export function textOf(bytes: Uint8Array | undefined): string | undefined {
  if (!bytes || bytes.includes(0) || !isUtf8(bytes)) return undefined;
  return Buffer.from(bytes).toString('utf8');
}
