import { existsSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import type { Span } from '../base/span.ts';
import { didYouMean } from '../base/suggest.ts';
import { expandPath } from '../inventory/connection-values.ts';
import { shownPath } from '../inventory/variables-file.ts';
import type { Place } from './loader.ts';

/** Folders that may hold roles, in order. */
function rolePlaces({ loader, play, role }: Place): string[] {
  const more = loader.context.rolesPath ?? [];
  const beside = role ? [path.dirname(role.path)] : [];
  return [...new Set([path.join(play.folder, 'roles'), ...more.map(expandPath), ...beside, play.folder])];
}

/** The folder of a role, by name or by path; undefined (and a problem) where there is none. */
export function findRole(name: string, span: Span, place: Place): string | undefined {
  const places = rolePlaces(place);
  const candidates =
    name.startsWith('~') || path.isAbsolute(name)
      ? [expandPath(name)]
      : places.map((folder) => path.resolve(folder, name));
  const found = candidates.find((folder) => existsSync(folder) && statSync(folder).isDirectory());
  if (found !== undefined) return found;
  const known = places.slice(0, -1).flatMap((folder) => (existsSync(folder) ? readdirSync(folder) : []));
  const folders = places.map((folder) => shownFolder(folder, place.loader.cwd));
  const looked = `Looked for a folder of this name in ${folders.join(' and in ')}.`;
  place.problems.error('playbook.unknown-role', `there is no role \`${name}\``, {
    span,
    hint: known.length > 0 ? `${didYouMean(name, known)} ${looked}` : looked,
    data: { candidates },
  });
  return undefined;
}

// As it could be typed: a `..` at the end of a sentence says nothing to anybody.
function shownFolder(folder: string, cwd: string): string {
  return folder === cwd ? 'the current folder' : shownPath(folder, cwd);
}
