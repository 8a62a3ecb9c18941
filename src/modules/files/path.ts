import { quote, type Raw, raw } from '../../module/program.ts';

/**
 * A path as one shell word. A leading `~` or `~user` is left to the host's shell, as Ansible expands it; a relative
 * path gets `./` so that it can never be taken for an option and always has a directory part.
 */
export function pathWord(path: string): Raw {
  const home = /^(~[A-Za-z0-9_.-]*)(?:\/(.*))?$/s.exec(path);
  if (home) return raw(home[2] ? `${home[1]}/${quote(home[2])}` : home[1]!);
  if (path.startsWith('/')) return raw(quote(path));
  return raw(quote(path === '' ? '.' : `./${path.replace(/^(?:\.\/)+/, '')}`));
}

/** The last part of a path, without trailing slashes. */
export function baseName(path: string): string {
  return path.replace(/\/+$/, '').replace(/^.*\//s, '');
}

/** Two parts with exactly one slash between. */
export function joinPath(folder: string, name: string): string {
  return `${folder.replace(/\/+$/, '')}/${name}`;
}

/** The directory part of a path; `.` where there is none. */
export function parentOf(path: string): string {
  const trimmed = path.replace(/(.)\/+$/s, '$1');
  const at = trimmed.lastIndexOf('/');
  if (at === -1) return '.';
  return at === 0 ? '/' : trimmed.slice(0, at);
}

/** Where a user's files are on most hosts; where a host says otherwise is known only there. */
export function usualHome(user: string): string {
  return user === 'root' ? '/root' : `/home/${user}`;
}
