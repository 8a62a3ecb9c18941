import { copyFile, mkdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { SlipwayError } from '../base/errors.ts';
import { lastWords, program } from './program.ts';

/** Whether a name is that of a tar; the name of an image may have dots, too (`ghcr.io/org/my.tool:1`). */
export const isTar = (name: string): boolean => /\.(tar|tar\.gz|tgz)$/.test(name);

/**
 * Tars of images below `folder`: from the Docker of this machine, which pulls what it lacks, or tars that are named.
 * @throws {SlipwayError} bundle.failed, file.missing, usage
 */
export async function bundleImages(
  names: readonly string[],
  folder: string,
  progress: (text: string) => void,
): Promise<void> {
  if (names.length === 0) return;
  const files = filesOf(names);
  await mkdir(folder, { recursive: true });
  let at = 0;
  for (const [file, name] of files) {
    progress(`image ${(at += 1)} of ${names.length}: ${name}`);
    const to = path.join(folder, file);
    await (isTar(name) ? copyTar(name, to) : save(name, to));
  }
}

/** Which file of the bundle each is, in which no other may be. */
function filesOf(names: readonly string[]): Map<string, string> {
  const files = new Map<string, string>();
  for (const name of names) {
    const file = isTar(name) ? path.basename(name) : `${fileNameOf(name)}.tar`;
    const other = files.get(file);
    if (other !== undefined)
      throw new SlipwayError('usage', `${other} and ${name} would both be images/${file} of the bundle`, {
        hint: 'Give a tar another name; an image can be saved into a tar of any name (docker save -o FILE.tar) and given as that.',
      });
    files.set(file, name);
  }
  return files;
}

async function copyTar(file: string, to: string): Promise<void> {
  const there = await stat(file).catch(() => undefined);
  if (!there?.isFile()) throw new SlipwayError('file.missing', `there is no file ${file}`);
  await copyFile(file, to);
}

async function save(name: string, file: string): Promise<void> {
  if ((await program('docker', ['image', 'inspect', name])).code !== 0) {
    const pulled = await program('docker', ['pull', '-q', name]);
    if (pulled.code !== 0)
      throw new SlipwayError('bundle.failed', `${name} could not be pulled: ${lastWords(pulled)}`, {
        hint: 'Check the name, log in with docker login, or name a tar in its place.',
      });
  }
  const saved = await program('docker', ['save', '-o', file, name]);
  if (saved.code !== 0)
    throw new SlipwayError('bundle.failed', `${name} could not be saved: ${lastWords(saved)}`);
}

/** `registry.k8s.io/pause:3.10` as a file's name. */
const fileNameOf = (name: string) => name.replaceAll(/[^A-Za-z0-9._-]+/g, '_');
