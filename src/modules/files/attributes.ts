import type { Difference } from '../../module/contract.ts';
import { lines, type Program, type Raw, sh } from '../../module/program.ts';
import { octal, resolveMode } from './mode.ts';
import type { Stat } from './path-state.ts';

/** Who owns a path and who may do what with it, as the user wrote it. Absent fields stay as they are. */
export interface Attributes {
  /** Octal digits or chmod's symbolic form. */
  readonly mode?: string | undefined;
  /** A name, or digits for an id. */
  readonly owner?: string | undefined;
  readonly group?: string | undefined;
}

/** Attributes to set, each already decided; what is undefined is left alone. */
export interface Setting {
  readonly mode?: number | undefined;
  readonly owner?: string | undefined;
  readonly group?: string | undefined;
}

/** Whether an id and its name are what was asked for; digits mean the id, as chown reads them. */
function isOwner(wanted: string, id: number, name: string): boolean {
  return /^\d+$/.test(wanted) ? Number(wanted) === id : wanted === name;
}

/** What has to be set on a thing that exists. Empty when all is so already. */
export function missingAttributes(current: Stat, wanted: Attributes): Setting {
  const mode =
    wanted.mode === undefined
      ? undefined
      : resolveMode(wanted.mode, current.mode, current.type === 'directory');
  const owner = wanted.owner;
  const group = wanted.group;
  return {
    ...(mode !== undefined && mode !== current.mode && { mode }),
    ...(owner !== undefined && !isOwner(owner, current.uid, current.owner) && { owner }),
    ...(group !== undefined && !isOwner(group, current.gid, current.group) && { group }),
  };
}

/** The attributes that differ, each as "before -> after" with the path in the subject. */
export function compareAttributes(path: string, current: Stat, wanted: Attributes): Difference[] {
  const set = missingAttributes(current, wanted);
  const diff: Difference[] = [];
  if (set.owner !== undefined)
    diff.push(value(`${path} owner`, nameOr(current.owner, current.uid), set.owner));
  if (set.group !== undefined)
    diff.push(value(`${path} group`, nameOr(current.group, current.gid), set.group));
  if (set.mode !== undefined) diff.push(value(`${path} mode`, octal(current.mode), octal(set.mode)));
  return diff;
}

/** What a new thing gets: only what was asked for. */
export function newAttributes(wanted: Attributes, directory: boolean): Setting {
  const fresh = directory ? 0o755 : 0o644;
  return {
    ...(wanted.mode !== undefined && { mode: resolveMode(wanted.mode, fresh, directory) }),
    ...(wanted.owner !== undefined && { owner: wanted.owner }),
    ...(wanted.group !== undefined && { group: wanted.group }),
  };
}

/** sh that sets them on `word`; undefined when there is nothing to set. Owner first: chown clears set-id bits. */
export function setAttributes(
  word: Raw,
  set: Setting,
  options: { readonly link?: boolean; readonly directory?: boolean } = {},
): Program | undefined {
  const owner = `${set.owner ?? ''}${set.group === undefined ? '' : `:${set.group}`}`;
  const chown = owner !== '' && (options.link ? sh`chown -h ${owner} ${word}` : sh`chown ${owner} ${word}`);
  // GNU chmod keeps a directory's set-id bits unless a fifth digit is given.
  const digits = set.mode === undefined ? '' : `${options.directory ? '0' : ''}${octal(set.mode)}`;
  const chmod = digits !== '' && !options.link && sh`chmod ${digits} ${word}`;
  return chown || chmod ? lines(chown, chmod) : undefined;
}

function value(subject: string, before: string, after: string): Difference {
  return { subject, before, after, kind: 'value' };
}

function nameOr(name: string, id: number): string {
  return name === 'UNKNOWN' || name === '' ? String(id) : name;
}
