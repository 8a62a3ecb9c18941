import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import type { Local } from '../../module/host.ts';
import { SlipwayError } from '../../base/errors.ts';
import { zipMembers } from './zip.ts';

/** A file, directory or link in an archive. */
export interface Member {
  readonly name: string;
  readonly type: 'file' | 'directory' | 'link' | 'other';
  /** Of a file. */
  readonly sha256?: string | undefined;
  readonly target?: string | undefined;
}

export type Format = 'tar' | 'gzip' | 'xz' | 'bzip2' | 'zstd' | 'zip';

const MAGIC: readonly (readonly [Format, number, string])[] = [
  ['gzip', 0, '\x1f\x8b'],
  ['xz', 0, '\xfd7zXZ\0'],
  ['bzip2', 0, 'BZh'],
  ['zstd', 0, '\x28\xb5\x2f\xfd'],
  ['zip', 0, 'PK\x03\x04'],
  ['zip', 0, 'PK\x05\x06'],
  ['tar', 257, 'ustar'],
];

/** What an archive is, by its first bytes (512 are enough). @throws {SlipwayError} task.invalid */
export function formatOf(head: Uint8Array, path: string): Format {
  const text = Buffer.from(head).toString('latin1');
  const found = MAGIC.find(([, at, magic]) => text.startsWith(magic, at));
  if (!found)
    throw new SlipwayError('task.invalid', `${path} is no archive that is known`, {
      hint: 'unarchive takes tar (plain, gzip, bzip2, xz, zstd) and zip.',
    });
  return found[0];
}

const PROGRAMS: Readonly<Partial<Record<Format, string>>> = { xz: 'xz', bzip2: 'bzip2', zstd: 'zstd' };

/** Everything in an archive of the controller; content is hashed as it streams by. */
export async function membersOf(path: string, format: Format, local: Local): Promise<Member[]> {
  if (format === 'zip') return zipMembers(path, await local.read(path));
  const { extract } = await import('tar-stream');
  const members: Member[] = [];
  const unpack = extract();
  const reading = (async () => {
    for await (const entry of unpack) {
      const { name, type, linkname } = entry.header;
      const hash = createHash('sha256');
      for await (const chunk of entry) hash.update(chunk as Buffer);
      const isFile = type === 'file' || type === 'contiguous-file';
      members.push({
        name,
        type: isFile ? 'file' : type === 'directory' ? 'directory' : type === 'symlink' ? 'link' : 'other',
        ...(isFile && { sha256: hash.digest('hex') }),
        ...(linkname != null && { target: linkname }),
      });
    }
  })();
  try {
    await Promise.all([unpackInto(path, local.open(path), format, unpack), reading]);
  } catch (cause) {
    if (cause instanceof SlipwayError) throw cause;
    throw new SlipwayError(
      'task.invalid',
      `${path} cannot be read as an archive: ${(cause as Error).message}`,
      {
        cause,
      },
    );
  }
  return members;
}

async function unpackInto(
  path: string,
  source: Readable,
  format: Format,
  into: NodeJS.WritableStream,
): Promise<void> {
  if (format === 'gzip') return pipeline(source, createGunzip(), into);
  const program = PROGRAMS[format];
  if (program === undefined) return pipeline(source, into);
  const child = spawn(program, ['-dc'], { stdio: ['pipe', 'pipe', 'pipe'] });
  let said = '';
  child.stderr.on('data', (data: Buffer) => (said += data.toString()));
  const ended = new Promise<void>((resolve, reject) => {
    child.on('error', (cause) =>
      reject(
        new SlipwayError(
          'task.invalid',
          `${path} cannot be looked into: ${program} is not on the controller`,
          {
            hint: `Install ${program} here, give \`creates\`, or use remote_src.`,
            cause,
          },
        ),
      ),
    );
    child.on('close', (code) =>
      code === 0 ? resolve() : reject(new Error(said.trim() || `${program} failed`)),
    );
  });
  await Promise.all([pipeline(source, child.stdin), pipeline(Readable.from(child.stdout), into), ended]);
}
