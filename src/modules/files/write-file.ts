import { change, type Difference, impossible, same, type Verdict } from '../../module/contract.ts';
import { Unclear } from '../../module/outlook.ts';
import { type Program, raw, sh } from '../../module/program.ts';
import { type Attributes, compareAttributes, missingAttributes, setAttributes } from './attributes.ts';
import { contentDifference } from './content-diff.ts';
import {
  becomes,
  foreseePath,
  isFolderThen,
  makesFolder,
  NOTHING,
  pathSubject,
  stateAfter,
} from './expected.ts';
import { type FileResult, fileResult } from './file-result.ts';
import { octal, resolveMode } from './mode.ts';
import { baseName, joinPath, pathWord } from './path.ts';
import { type PathState, readPath } from './path-state.ts';
import { probePath } from './probe-path.ts';
import { type NewContent, putContent, sizeOf, sha256Of } from './put-content.ts';
import type { Way } from './way.ts';
import { noFolder } from './no-folder.ts';

/** A file as it should be on a host: the core of `copy` and `template`. */
export interface WantedFile {
  readonly dest: string;
  /** The name that the file gets when `dest` is a directory; undefined: `dest` must not be one. */
  readonly name?: string | undefined;
  readonly content: NewContent;
  readonly attributes: Attributes;
  /** False: a file that is there is left alone. */
  readonly force?: boolean | undefined;
  readonly follow?: boolean | undefined;
  readonly backup?: boolean | undefined;
  readonly validate?: string | undefined;
  readonly inPlace?: boolean | undefined;
  /** Mode of a directory that is made because `dest` ends with a slash. */
  readonly directoryMode?: string | undefined;
}

interface Change {
  readonly content: boolean;
  readonly current: PathState;
}

export function writeFile(wanted: WantedFile): Way<PathState, Change, FileResult> {
  const intoFolder = wanted.dest.endsWith('/') && wanted.name !== undefined;
  const direct = intoFolder ? joinPath(wanted.dest, wanted.name!) : wanted.dest;
  const pathOf = (current: PathState) =>
    current.inside ? joinPath(wanted.dest, baseName(wanted.name!)) : direct;
  return {
    probe: () =>
      probePath(direct, {
        content: { unless: sha256Of(wanted.content), size: sizeOf(wanted.content) },
        inside: intoFolder ? undefined : wanted.name,
        backup: wanted.backup === true,
      }),
    read: (output) => readPath(output.stdout),
    compare: (current) => compareFile(pathOf(current), current, wanted),
    apply: (to) => {
      const path = pathOf(to.current);
      if (!to.content)
        return setAttributes(pathWord(path), missingAttributes(to.current.real!, wanted.attributes)) ?? sh`:`;
      const before = intoFolder ? makeFolder(wanted.dest, wanted.directoryMode) : undefined;
      return putContent({ ...wanted, path, current: to.current, before });
    },
    result: (current) => fileResult(pathOf(current), current),
    touches: () => [pathSubject(direct)],
    foresee: (current, outlook) => {
      const needs = { content: 'hash', attributes: wanted.attributes, replaces: true } as const;
      const name = wanted.name === undefined ? undefined : baseName(wanted.name);
      if (!current.inside && !intoFolder && name !== undefined && isFolderThen(wanted.dest, outlook)) {
        const seen = foreseePath(joinPath(wanted.dest, name), NOTHING, outlook, needs);
        return seen instanceof Unclear ? seen : { ...seen, inside: true };
      }
      const seen = foreseePath(pathOf(current), current, outlook, needs);
      return seen instanceof Unclear ? seen : { ...seen, inside: current.inside };
    },
    effects: (to, current, doer) => {
      const { attributes, content } = wanted;
      const kept = { bytes: current.bytes, sha256: current.sha256 };
      const given = 'bytes' in content ? content : { sha256: content.sha256, size: content.size };
      const made = { type: 'file', attributes, ...(to.content ? given : kept) } as const;
      const folder = stateAfter(
        NOTHING,
        { type: 'directory', attributes: { mode: wanted.directoryMode } },
        doer,
      );
      const above = intoFolder && !current.parent ? makesFolder(wanted.dest, folder, undefined) : [];
      return [...above, becomes(pathOf(current), stateAfter(current, made, doer))];
    },
    forecast: (_to, current) => ({
      dest: pathOf(current),
      state: 'file',
      checksum: sha256Of(wanted.content),
      size: sizeOf(wanted.content),
    }),
  };
}

/** Compares what stands at a path with the file that should. */
export function compareFile(path: string, current: PathState, wanted: WantedFile): Verdict<Change> {
  const { own, real } = current;
  if (!own && !current.parent && !wanted.dest.endsWith('/')) return noFolder(path);
  const write = (why: string, ...more: Difference[]): Verdict<Change> =>
    change(why, [contentDifference(path, current, wanted.content), ...more], { content: true, current });
  if (!own) return write(`${path} is not there`, ...newAttributeDifferences(path, wanted.attributes));
  if (wanted.force === false) return same(`${path} is there, and force is false`);
  if (own.type === 'link' && wanted.follow !== true)
    return write(`${path} is a link to ${current.target ?? '?'} and becomes a file`);
  if (!real) return write(`${path} is a link to nothing`);
  if (real.type === 'directory')
    return impossible(
      `${path} is a directory`,
      'Add the name that the file should have in it, or remove it first.',
    );
  if (real.type !== 'file')
    return impossible(`${path} is a ${real.type}`, 'Remove it first (file: state=absent).');
  if (!current.sha256)
    return impossible(`${path} may not be read by this user`, 'Set `become: true` for the task.');
  const attributes = compareAttributes(path, real, wanted.attributes);
  if (current.sha256 !== sha256Of(wanted.content)) return write(`${path} has other content`, ...attributes);
  if (attributes.length === 0) return same(`${path} has this content`);
  return change(describe(attributes), attributes, { content: false, current });
}

/** "/etc/x mode is 0600, owner is bob". */
export function describe(attributes: readonly Difference[]): string {
  return attributes.map(({ subject, before }) => `${subject} is ${before}`).join(', ');
}

function newAttributeDifferences(path: string, wanted: Attributes): Difference[] {
  const rows = {
    owner: wanted.owner,
    group: wanted.group,
    mode: wanted.mode === undefined ? undefined : octal(resolveMode(wanted.mode, 0o644, false)),
  };
  return Object.entries(rows).flatMap(([name, after]) =>
    after === undefined ? [] : [{ subject: `${path} ${name}`, after, kind: 'value' as const }],
  );
}

/** Makes a directory with its parents; one that is there keeps its mode. */
export function makeFolder(folder: string, mode: string | undefined): Program {
  if (mode === undefined) return sh`mkdir -p ${pathWord(folder)}`;
  const digits = octal(resolveMode(mode, 0o755, true));
  return sh`
    d=${pathWord(folder)}
    if [ ! -d "$d" ]; then mkdir -p "$d"; chmod ${raw(`0${digits}`)} "$d"; fi
  `;
}
