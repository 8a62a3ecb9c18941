import { createHash } from 'node:crypto';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Pack } from 'tar-stream';
import { SlipwayError } from '../../base/errors.ts';
import type { Local } from '../../module/host.ts';
import { readIgnores } from './docker-ignore.ts';

interface ContextFile {
  /** Relative to the context. */
  readonly name: string;
  readonly path: string;
  readonly mode: number;
  readonly size: number;
  /** Where a symbolic link leads. */
  readonly link: string | undefined;
}

/** What a Dockerfile sees: a folder on the controller, without what `.dockerignore` leaves out. */
export interface BuildContext {
  readonly path: string;
  /** Of the tar that is sent. */
  readonly size: number;
  readonly files: readonly ContextFile[];
  /** SHA-256 of all names, modes and contents. */
  readonly digest: string;
}

/** @throws {SlipwayError} task.invalid, file.missing */
export async function readContext(local: Local, name: string, dockerfile: string): Promise<BuildContext> {
  const folder = await local.find(name, 'files');
  const stat = await local.stat(folder);
  if (!stat?.directory)
    throw new SlipwayError('task.invalid', `\`build.path\` is ${folder}, which is no folder`, {
      hint: 'Name the folder that the Dockerfile is in; its name goes into `build.dockerfile`.',
    });
  const names = await local.list(folder);
  if (!names.includes(path.normalize(dockerfile)))
    throw new SlipwayError('file.missing', `there is no ${dockerfile} in ${folder}`, {
      hint: 'Name it in `build.dockerfile`, relative to `build.path`.',
    });
  const text = names.includes('.dockerignore')
    ? Buffer.from(await local.read(path.join(folder, '.dockerignore'))).toString('utf8')
    : '';
  const ignores = readIgnores(text, path.normalize(dockerfile));
  const hash = createHash('sha256');
  const files: ContextFile[] = [];
  let size = 2 * BLOCK;
  for (const each of names.filter((one) => !ignores(one))) {
    const file = await look(local, folder, each);
    if (file === undefined) continue;
    files.push(file);
    const content = file.link === undefined ? await local.sha256(file.path) : `-> ${file.link}`;
    hash.update(`${JSON.stringify([each, file.mode, content])}\n`);
    size += BLOCK + Math.ceil(file.size / BLOCK) * BLOCK;
  }
  return { path: folder, size, files, digest: hash.digest('hex') };
}

const BLOCK = 512;

async function look(local: Local, folder: string, name: string): Promise<ContextFile | undefined> {
  const file = path.join(folder, name);
  const link = await local.link(file);
  if (link !== undefined) return { name, path: file, mode: 0o777, size: 0, link };
  const stat = await local.stat(file);
  // Gone since it was listed.
  return stat && { name, path: file, mode: stat.mode & 0o777, size: stat.size, link };
}

/** Nothing of the controller but names, modes and contents: the same layers, whoever builds and when. */
const OWNER = { uid: 0, gid: 0, mtime: new Date(0) };

/** The context as a tar, made as it is sent. */
export async function contextTar(context: BuildContext, open: Local['open']): Promise<Readable> {
  const { pack } = await import('tar-stream');
  const tar = pack();
  fill(tar, context, open).catch((error: Error) => tar.destroy(error));
  return Readable.from(tar);
}

async function fill(tar: Pack, { files }: BuildContext, open: Local['open']): Promise<void> {
  for (const { name, path, mode, size, link } of files) {
    const header = { ...OWNER, name, mode };
    if (link === undefined) await pipeline(open(path), tar.entry({ ...header, size }));
    else tar.entry({ ...header, type: 'symlink', linkname: link });
  }
  tar.finalize();
}
