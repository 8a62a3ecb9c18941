import type { Local } from '../../module/host.ts';
import { bytesOf, isGzip, notAnImage, type TarEntries } from './tar-entries.ts';
import { unpackedEntries } from './tar-packed.ts';
import { plainEntries } from './tar-plain.ts';

const isZstd = (head: Buffer): boolean => head.subarray(0, 4).equals(Buffer.from('28b52ffd', 'hex'));

/** Opens a tar of any size without unpacking it. @throws {SlipwayError} task.invalid */
export async function openTar(local: Local, path: string, size: number): Promise<TarEntries> {
  const head = await bytesOf(local.open(path, { start: 0, end: 6 }));
  if (isGzip(head)) return unpackedEntries(local, path);
  if (isZstd(head)) throw notAnImage(path, 'it is packed with zstd; unpack it first');
  return plainEntries(local, path, size);
}
