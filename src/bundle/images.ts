import { copyFile, mkdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { SlipwayError } from '../base/errors.ts';
import { lastWords, program } from './program.ts';

/** Tars of images below `folder`: from the Docker of this machine, which pulls what it lacks, or tars that are named. */
export async function bundleImages(
  names: readonly string[],
  folder: string,
  progress: (text: string) => void,
): Promise<void> {
  if (names.length === 0) return;
  await mkdir(folder, { recursive: true });
  for (const [at, name] of names.entries()) {
    progress(`image ${at + 1} of ${names.length}: ${name}`);
    const isTar = /\.(tar|tar\.gz|tgz)$/.test(name);
    if (isTar) await copyTar(name, folder);
    else await save(name, path.join(folder, `${fileNameOf(name)}.tar`));
  }
}

async function copyTar(file: string, folder: string): Promise<void> {
  const there = await stat(file).catch(() => undefined);
  if (!there?.isFile()) throw new SlipwayError('file.missing', `there is no file ${file}`);
  await copyFile(file, path.join(folder, path.basename(file)));
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
