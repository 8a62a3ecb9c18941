import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { chmod, mkdir, readdir, readFile, readlink, rename, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { SlipwayError } from '../base/errors.ts';
import type { Secrets } from '../base/secrets.ts';
import { noteInput } from '../base/inputs.ts';
import { renderFile } from '../expression/template.ts';
import { overlay } from '../expression/scope.ts';
import { type Scope, Unknown } from '../expression/types.ts';
import type { Local } from '../module/host.ts';
import type { PlannedPlay } from '../plan/types.ts';
import type { Include, Task } from '../playbook/types.ts';
import { findFile } from '../playbook/files.ts';

const contents = new Map<string, Promise<Buffer>>();
const sums = new Map<string, Promise<string>>();
/** A file that many hosts get is read once; a larger one is streamed for each. */
const KEPT = 1024 * 1024;

/** The controller's files as a task of a play sees them. */
export function createLocal(
  place: Task | Include,
  scope: Scope,
  planned: PlannedPlay,
  secrets?: Secrets,
): Local {
  const folders = {
    rolePath: place.layers.rolePath,
    playbookFolder: planned.play.folder,
    taskFileFolder: path.dirname(place.span.source.path),
  };
  return {
    workingDirectory: process.cwd(),
    isSecret: (text) => secrets !== undefined && secrets.redact(text) !== text,
    find: async (name, folder) => findFile(name, folder, folders, place.span),
    stat: async (file) => {
      const found = await stat(file).catch(() => undefined);
      if (!found) return undefined;
      const { size, mode, mtimeMs: written } = found;
      return { size, directory: found.isDirectory(), mode: mode & 0o7777, written };
    },
    link: (file) => readlink(file).catch(() => undefined),
    list: async (folder) => {
      noteInput(folder);
      const entries = await readdir(folder, { recursive: true, withFileTypes: true });
      const files = entries.filter((entry) => entry.isFile() || entry.isSymbolicLink());
      return files.map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name))).sort();
    },
    // A range ends before `end`; Node counts the last byte in.
    open: (file, range) => createReadStream(file, range ? { start: range.start, end: range.end - 1 } : {}),
    read: (file) => readOnce(file),
    sha256: (file) => sumOnce(file),
    write: writeAtomically,
    render: async (file, extra) => {
      const text = (await readOnce(file)).toString('utf8');
      const rendered = renderFile({ path: file, text }, extra ? overlay(scope, extra) : scope);
      // A dry run cannot know it; the engine catches this and says so of the whole task.
      if (rendered instanceof Unknown) throw rendered;
      return rendered;
    },
  };
}

async function readOnce(file: string): Promise<Buffer> {
  noteInput(file);
  const known = contents.get(file);
  if (known) return known;
  const reading = readFile(file).catch((cause: unknown) => {
    throw new SlipwayError('file.missing', `${file} cannot be read`, { cause });
  });
  contents.set(file, reading);
  const bytes = await reading;
  if (bytes.length > KEPT) contents.delete(file);
  return bytes;
}

function sumOnce(file: string): Promise<string> {
  noteInput(file);
  const known = sums.get(file);
  if (known) return known;
  const summing = new Promise<string>((resolve, reject) => {
    const hash = createHash('sha256');
    createReadStream(file)
      .on('data', (chunk) => hash.update(chunk))
      .on('error', (cause) => reject(new SlipwayError('file.missing', `${file} cannot be read`, { cause })))
      .on('end', () => resolve(hash.digest('hex')));
  });
  sums.set(file, summing);
  return summing;
}

async function writeAtomically(file: string, bytes: Uint8Array, mode = 0o600): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  const beside = `${file}.slipway-${process.pid}`;
  await writeFile(beside, bytes, { mode });
  await chmod(beside, mode);
  await rename(beside, file);
  forget(file);
}

/** The next look at a file reads it again. */
function forget(file: string): void {
  contents.delete(file);
  sums.delete(file);
}
