import { createHash } from 'node:crypto';
import { inflateRawSync } from 'node:zlib';
import { SlipwayError } from '../../base/errors.ts';
import type { Member } from './archive.ts';

const END = 0x06054b50;
const ENTRY = 0x02014b50;
const STORED = 0;
const DEFLATED = 8;
const SYMLINK = 0o12;

/** The members of a zip file, by its central directory. @throws {SlipwayError} task.invalid */
export function zipMembers(path: string, content: Uint8Array): Member[] {
  const bytes = Buffer.from(content.buffer, content.byteOffset, content.byteLength);
  const end = endOf(bytes);
  if (end === -1) throw broken(path, 'its directory is missing');
  const count = bytes.readUInt16LE(end + 10);
  let at = bytes.readUInt32LE(end + 16);
  if (count === 0xffff || at === 0xffffffff)
    throw broken(path, 'it is a zip64 archive, which is not supported');
  const members: Member[] = [];
  for (let index = 0; index < count; index++) {
    if (at + 46 > bytes.length || bytes.readUInt32LE(at) !== ENTRY)
      throw broken(path, 'its directory is damaged');
    const nameLength = bytes.readUInt16LE(at + 28);
    members.push(member(bytes, at, path));
    at += 46 + nameLength + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32);
  }
  return members;
}

/** The end record stands last, before a comment of at most 64 KiB. */
function endOf(bytes: Buffer): number {
  for (let at = bytes.length - 22; at >= Math.max(0, bytes.length - 22 - 0xffff); at--)
    if (bytes.readUInt32LE(at) === END) return at;
  return -1;
}

function member(bytes: Buffer, at: number, path: string): Member {
  const name = bytes.toString('utf8', at + 46, at + 46 + bytes.readUInt16LE(at + 28));
  if (name.endsWith('/')) return { name, type: 'directory' };
  const method = bytes.readUInt16LE(at + 10);
  const size = bytes.readUInt32LE(at + 20);
  const local = bytes.readUInt32LE(at + 42);
  const start = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28);
  const packed = bytes.subarray(start, start + size);
  if (method !== STORED && method !== DEFLATED)
    throw broken(path, `${name} is packed with method ${method}, which is not supported`);
  const content = method === STORED ? packed : inflateRawSync(packed);
  const unixType = bytes.readUInt32LE(at + 38) >>> 28;
  if (unixType === SYMLINK) return { name, type: 'link', target: content.toString() };
  return { name, type: 'file', sha256: createHash('sha256').update(content).digest('hex') };
}

function broken(path: string, why: string): SlipwayError {
  return new SlipwayError('task.invalid', `${path} cannot be looked into: ${why}`, {
    hint: 'Give `creates`, so that it need not be compared.',
  });
}
