import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { SlipwayError } from '../../base/errors.ts';

/** The members of an ar archive by name. */
export function readAr(bytes: Buffer): Map<string, Buffer> {
  const members = new Map<string, Buffer>();
  if (bytes.subarray(0, 8).toString('latin1') !== '!<arch>\n') return members;
  let at = 8;
  while (at + 60 <= bytes.length) {
    const name = bytes
      .subarray(at, at + 16)
      .toString('latin1')
      .trim()
      .replace(/\/$/, '');
    const size = Number(bytes.subarray(at + 48, at + 58).toString('latin1'));
    if (!Number.isInteger(size)) break;
    members.set(name, bytes.subarray(at + 60, at + 60 + size));
    at += 60 + size + (size % 2);
  }
  return members;
}

/**
 * The control paragraph of a .deb on disk. gzip is read here; the other compressions need the machine's dpkg-deb.
 * @throws {SlipwayError} lab.unsupported
 */
export async function readControl(path: string): Promise<string> {
  const members = readAr(await readFile(path));
  if (!members.has('debian-binary'))
    throw new SlipwayError('lab.unsupported', `${path} is not a Debian package`);
  const gzipped = members.get('control.tar.gz');
  if (gzipped) return controlOf(gunzipSync(gzipped), path);
  const plain = members.get('control.tar');
  if (plain) return controlOf(plain, path);
  try {
    const { stdout } = await promisify(execFile)('dpkg-deb', ['-f', path]);
    return `${stdout.trim()}\n`;
  } catch (cause) {
    const kind = [...members.keys()].find((name) => name.startsWith('control.tar')) ?? 'no control.tar';
    throw new SlipwayError('lab.unsupported', `${path} has ${kind}, which needs dpkg-deb to be read`, {
      hint: 'Install dpkg on this machine, or give packages that are compressed with gzip.',
      cause,
    });
  }
}

async function controlOf(archive: Buffer, path: string): Promise<string> {
  const { extract } = await import('tar-stream');
  const reader = extract();
  reader.end(archive);
  for await (const entry of reader) {
    const chunks: Buffer[] = [];
    for await (const chunk of entry) chunks.push(chunk as Buffer);
    if (/^(\.\/)?control$/.test(entry.header.name))
      return `${Buffer.concat(chunks).toString('utf8').trim()}\n`;
  }
  throw new SlipwayError('lab.unsupported', `${path} has no control file`);
}

/** A field of a control paragraph. */
export function controlField(control: string, name: string): string | undefined {
  return new RegExp(`^${name}: *(.*)$`, 'mi').exec(control)?.[1]?.trim();
}
