import { readdirSync, readFileSync, statSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { SlipwayError } from '../../base/errors.ts';

/** OpenSSH's own limit. */
const DEPTH = 16;

/**
 * The text of an ssh_config with its `Include` lines replaced by what they name. A section that goes on after an
 * include is opened again, since the included file may have opened others.
 *
 * @param base where relative names start: ~/.ssh
 * @throws {SlipwayError} file.missing when a file is there and cannot be read
 */
export function expandIncludes(file: string, base: string, home: string, depth = 0): string {
  const text = readText(file);
  if (text === undefined) return '';
  let section = '';
  const out: string[] = [];
  for (const line of text.split('\n')) {
    if (/^\s*(?:Host|Match)[\s=]/i.test(line)) section = line;
    const include = /^\s*Include[\s=]+(.*)$/i.exec(line);
    if (!include) {
      out.push(line);
      continue;
    }
    if (depth >= DEPTH) {
      throw new SlipwayError('file.missing', `${file}: more than ${DEPTH} files include each other`, {
        hint: 'Look for an Include that leads back to its own file.',
      });
    }
    for (const word of include[1]!.match(/"[^"]*"|\S+/g) ?? []) {
      const name = word.replace(/^"|"$/g, '').replace(/^~(?=\/)/, home);
      for (const path of glob(isAbsolute(name) ? name : join(base, name))) {
        out.push(expandIncludes(path, base, home, depth + 1));
      }
    }
    if (section !== '') out.push(section);
  }
  return out.join('\n');
}

function readText(file: string): string | undefined {
  try {
    return statSync(file).isFile() ? readFileSync(file, 'utf8') : undefined;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new SlipwayError('file.missing', `cannot read ${file}: ${message}`, {
      hint: 'Check the permissions of your SSH configuration.',
      cause: error,
    });
  }
}

/** Paths that a pattern with `*` and `?` names, in order. */
function glob(pattern: string): string[] {
  let found = [''];
  for (const part of pattern.split('/').slice(1)) {
    if (!/[*?]/.test(part)) {
      found = found.map((path) => `${path}/${part}`);
      continue;
    }
    const source = part
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.');
    const expression = new RegExp(`^${source}$`);
    found = found.flatMap((path) =>
      list(path || '/')
        .filter((name) => expression.test(name) && (!name.startsWith('.') || part.startsWith('.')))
        .map((name) => `${path}/${name}`),
    );
  }
  return found;
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    // A pattern that leads nowhere names nothing.
    return [];
  }
}
