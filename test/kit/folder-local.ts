import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { mkdir, readdir, readFile, readlink, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { SlipwayError } from '../../src/base/errors.ts';
import type { Local } from '../../src/module/host.ts';

/** A real folder with `files/` and `templates/` as the controller; by default test/fixtures, which the examples use. */
export class FolderLocal implements Local {
  readonly workingDirectory: string;
  readonly #root: string;
  readonly #variables: Readonly<Record<string, unknown>>;

  constructor(
    variables: Readonly<Record<string, unknown>> = {},
    root = fileURLToPath(new URL('../fixtures/', import.meta.url)),
  ) {
    this.#root = root;
    this.#variables = variables;
    this.workingDirectory = root;
  }

  async find(name: string, folder: string): Promise<string> {
    const found = path.resolve(this.#root, folder, name);
    if (!existsSync(found)) throw new SlipwayError('file.missing', `${name} is not there`);
    return found;
  }

  isSecret(): boolean {
    return false;
  }

  async stat(name: string) {
    const found = await stat(name).catch(() => undefined);
    return found && { size: found.size, directory: found.isDirectory(), mode: found.mode };
  }

  link(name: string): Promise<string | undefined> {
    return readlink(name).catch(() => undefined);
  }

  async list(name: string): Promise<readonly string[]> {
    const entries = await readdir(name, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile() || entry.isSymbolicLink());
    return files.map((entry) => path.relative(name, path.join(entry.parentPath, entry.name))).sort();
  }

  read(name: string): Promise<Uint8Array> {
    return readFile(name);
  }

  open(name: string, range?: { readonly start: number; readonly end: number }): Readable {
    return createReadStream(name, range && { start: range.start, end: range.end - 1 });
  }

  async sha256(name: string): Promise<string> {
    return createHash('sha256')
      .update(await readFile(name))
      .digest('hex');
  }

  async write(name: string, bytes: Uint8Array): Promise<void> {
    await mkdir(path.dirname(name), { recursive: true });
    await writeFile(name, bytes);
  }

  async render(name: string): Promise<string> {
    const text = await readFile(name, 'utf8');
    return text.replace(/\{\{\s*(\w+)\s*\}\}/g, (_, key: string) => String(this.#variables[key]));
  }
}
