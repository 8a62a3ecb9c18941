import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { SlipwayError } from '../../src/base/errors.ts';
import type { Local } from '../../src/module/host.ts';

/** Content that is no text: `base64:...`. */
function bytesOf(text: string): Buffer {
  return text.startsWith('base64:') ? Buffer.from(text.slice(7), 'base64') : Buffer.from(text);
}

/** A controller whose files are given in the case: name to content. Templates: `{{ name }}` from `variables`. */
export class FakeLocal implements Local {
  readonly workingDirectory = '/controller';
  readonly written = new Map<string, string>();
  readonly #files: Readonly<Record<string, string>>;
  readonly #variables: Readonly<Record<string, unknown>>;

  constructor(
    files: Readonly<Record<string, string>> = {},
    variables: Readonly<Record<string, unknown>> = {},
  ) {
    this.#files = files;
    this.#variables = variables;
  }

  async find(name: string): Promise<string> {
    const there =
      name in this.#files ||
      Object.keys(this.#files).some((path) => path.startsWith(`${name.replace(/\/$/, '')}/`));
    if (!there) throw new SlipwayError('file.missing', `${name} is not there`);
    return name;
  }

  async stat(path: string) {
    const text = this.#files[path];
    if (text !== undefined) return { size: bytesOf(text).length, directory: false, mode: 0o644 };
    const directory = Object.keys(this.#files).some((file) => file.startsWith(`${path.replace(/\/$/, '')}/`));
    return directory ? { size: 0, directory, mode: 0o755 } : undefined;
  }

  async link(): Promise<string | undefined> {
    return undefined;
  }

  async list(path: string): Promise<readonly string[]> {
    const prefix = `${path.replace(/\/$/, '')}/`;
    return Object.keys(this.#files)
      .filter((file) => file.startsWith(prefix))
      .map((file) => file.slice(prefix.length))
      .sort();
  }

  async read(path: string): Promise<Uint8Array> {
    const text = this.#files[path];
    if (text === undefined) throw new SlipwayError('file.missing', `${path} is not there`);
    return bytesOf(text);
  }

  open(path: string, range?: { readonly start: number; readonly end: number }): Readable {
    const text = this.#files[path];
    if (text === undefined) throw new SlipwayError('file.missing', `${path} is not there`);
    return Readable.from([bytesOf(text).subarray(range?.start, range?.end)]);
  }

  async sha256(path: string): Promise<string> {
    return createHash('sha256')
      .update(await this.read(path))
      .digest('hex');
  }

  isSecret(text: string): boolean {
    return text.includes('secret');
  }

  async write(path: string, bytes: Uint8Array): Promise<void> {
    this.written.set(path, Buffer.from(bytes).toString());
  }

  async render(path: string, extra: Readonly<Record<string, unknown>> = {}): Promise<string> {
    const variables: Record<string, unknown> = { ...this.#variables, ...extra };
    const text = Buffer.from(await this.read(path)).toString();
    return text.replace(/\{\{\s*(\w+)\s*\}\}/g, (_, name: string) => String(variables[name]));
  }
}
