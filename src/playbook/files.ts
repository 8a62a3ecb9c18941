import { existsSync } from 'node:fs';
import path from 'node:path';
import { SlipwayError } from '../base/errors.ts';
import type { Span } from '../base/span.ts';
import { expandPath } from '../inventory/connection-values.ts';

export interface FilePlaces {
  /** Folder of the role that the task belongs to. */
  readonly rolePath?: string | undefined;
  readonly playbookFolder: string;
  /** Folder of the file that the task stands in. */
  readonly taskFileFolder?: string | undefined;
}

export type FileFolder = 'files' | 'templates' | 'tasks' | 'vars' | 'handlers' | 'defaults' | '.';

/** Where a relative name may be, in Ansible's order: the role, beside the task's file, the playbook. */
export function filePlaces(name: string, folder: FileFolder, places: FilePlaces): string[] {
  if (name.startsWith('~')) return [expandPath(name)];
  if (path.isAbsolute(name)) return [name];
  const roots = [places.rolePath, places.taskFileFolder, places.playbookFolder];
  const candidates = roots.flatMap((root) =>
    root === undefined ? [] : [path.resolve(root, folder, name), path.resolve(root, name)],
  );
  // A file of tasks names its neighbours first.
  const besides = folder === 'tasks' || folder === 'handlers' ? [places.taskFileFolder] : [];
  const first = besides.flatMap((root) => (root === undefined ? [] : [path.resolve(root, name)]));
  return [...new Set([...first, ...candidates])];
}

/**
 * The file that a task means: absolute, or in `folder` of the role, beside the task's file, or in the playbook's folder.
 * @throws {SlipwayError} file.missing, with the places that were looked at
 */
export function findFile(name: string, folder: FileFolder, places: FilePlaces, span?: Span): string {
  const candidates = filePlaces(name, folder, places);
  const found = candidates.find((file) => existsSync(file));
  if (found !== undefined) return found;
  throw new SlipwayError('file.missing', `\`${name}\` cannot be found`, {
    span,
    hint: `Looked at ${candidates.map(shown).join(', ')}.`,
    data: { candidates },
  });
}

function shown(file: string): string {
  const relative = path.relative(process.cwd(), file);
  return relative.startsWith('..') ? file : relative;
}
