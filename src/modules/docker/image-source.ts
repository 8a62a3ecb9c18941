import path from 'node:path';
import { SlipwayError } from '../../base/errors.ts';
import type { Local } from '../../module/host.ts';
import { type ImageTar, readImageTar } from './image-tar.ts';

/** The tars that `src` names. @throws {SlipwayError} file.missing, task.invalid */
export async function tarsOf(src: string | readonly string[], local: Local): Promise<ImageTar[]> {
  const files: string[] = [];
  for (const source of typeof src === 'string' ? [src] : src) files.push(...(await expand(source, local)));
  const tars: ImageTar[] = [];
  for (const file of new Set(files)) {
    const tar = await readImageTar(local, file);
    const nameless = tar.images.find((image) => image.tags.length === 0);
    if (nameless !== undefined)
      throw new SlipwayError('task.invalid', `${file} holds an image without a name: ${nameless.config}`, {
        hint: 'Save it by its name (docker save NAME:TAG), or nobody can refer to it.',
      });
    tars.push(tar);
  }
  return tars;
}

/** `*` and `?` in the last part of a path. */
async function expand(source: string, local: Local): Promise<string[]> {
  const name = path.basename(source);
  if (!/[*?]/.test(name)) return [await local.find(source, 'files')];
  const folder = await local.find(path.dirname(source), 'files');
  const escaped = name
    .replace(/[.+^$(){}|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  const pattern = new RegExp(`^${escaped}$`);
  const found = (await local.list(folder)).filter((file) => !file.includes('/') && pattern.test(file));
  if (found.length > 0) return found.map((file) => path.join(folder, file));
  throw new SlipwayError('file.missing', `no file fits ${source}`, { hint: `Looked in ${folder}.` });
}
