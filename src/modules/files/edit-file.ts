import { Type } from 'typebox';
import { SlipwayError } from '../../base/errors.ts';
import { change, impossible, same, type Verdict } from '../../module/contract.ts';
import { sh } from '../../module/program.ts';
import { type Attributes, compareAttributes, missingAttributes, setAttributes } from './attributes.ts';
import { becomes, foreseePath, pathSubject, stateAfter } from './expected.ts';
import { fileResult } from './file-result.ts';
import { checkMode } from './mode.ts';
import { attributeParams, writeParams } from './params.ts';
import { pathWord } from './path.ts';
import { type PathState, readPath, textOf } from './path-state.ts';
import { probePath } from './probe-path.ts';
import { putContent } from './put-content.ts';
import type { Way } from './way.ts';
import { describe } from './write-file.ts';
import { noFolder } from './no-folder.ts';

/** As base64 this still fits what a session keeps of a step's output. */
const LARGEST = 512 * 1024;

/** Parameters of `lineinfile`, `blockinfile` and `replace` alike. */
export const editParams = {
  path: Type.Optional(Type.String({ description: 'The file.', minLength: 1 })),
  dest: Type.Optional(Type.String({ description: 'Another name for `path`.', minLength: 1 })),
  ...attributeParams,
  ...writeParams,
};

export const createParam = {
  create: Type.Optional(
    Type.Boolean({ default: false, description: 'Make the file where it is not there.' }),
  ),
};

interface EditParams extends Attributes {
  readonly path?: string | undefined;
  readonly dest?: string | undefined;
  readonly backup?: boolean | undefined;
  readonly validate?: string | undefined;
  readonly unsafe_writes?: boolean | undefined;
  readonly create?: boolean | undefined;
}

/** What an edit makes of a text: the new text, and what was done, as Ansible says it ("line added"). */
export interface Edited {
  readonly text: string;
  readonly msg: string;
}

export interface EditOptions {
  /** Pure. Gets '' for a file that is not there. The same text back: nothing to do. */
  readonly edit: (text: string) => Edited;
  /** Completes "already so: PATH ...". */
  readonly settled: string;
  /** A file that is not there is what was wanted (`state: absent`). */
  readonly absentIsFine?: boolean;
  /** The module has no `create`. */
  readonly neverMade?: boolean;
}

interface Change {
  readonly current: PathState;
  readonly bytes?: Uint8Array;
}

export function pathOf(p: EditParams): string {
  const path = p.path ?? p.dest;
  if (path === undefined) throw new SlipwayError('task.invalid', 'path is missing');
  return path;
}

/**
 * A file whose text is edited: the core of `lineinfile`, `blockinfile` and `replace`. Links are followed, so that the
 * real file changes. The new text is only put in place while the file is still what the edit was made from.
 */
export function editFile(p: EditParams, options: EditOptions): Way<PathState, Change> {
  const path = pathOf(p);
  checkMode(p.mode);
  const wanted = { mode: p.mode, owner: p.owner, group: p.group };
  return {
    probe: () => probePath(path, { content: 'always', limit: LARGEST, backup: p.backup === true }),
    read: (output) => readPath(output.stdout),
    compare: (current) => compareText(path, current, p, options),
    apply: (to) => {
      if (!to.bytes)
        return setAttributes(pathWord(path), missingAttributes(to.current.real!, wanted)) ?? sh`:`;
      const { backup, validate, unsafe_writes: inPlace } = p;
      return putContent({
        path,
        content: { bytes: to.bytes },
        current: to.current,
        attributes: wanted,
        follow: true,
        unchanged: true,
        backup,
        validate,
        inPlace,
      });
    },
    result: (current) => fileResult(path, current),
    touches: () => [pathSubject(path)],
    foresee: (current, outlook) =>
      foreseePath(path, current, outlook, { content: 'bytes', attributes: wanted }),
    effects: (to, current, doer) => {
      const bytes = to.bytes ?? current.bytes;
      return [becomes(path, stateAfter(current, { type: 'file', attributes: wanted, bytes }, doer))];
    },
    forecast: () => ({ dest: path, state: 'file' }),
  };
}

function compareText(path: string, current: PathState, p: EditParams, options: EditOptions): Verdict<Change> {
  const { real } = current;
  if (!real) return compareMissing(path, current, p, options);
  if (real.type !== 'file')
    return impossible(`${path} is a ${real.type}, not a file`, 'Name the file in it that is meant.');
  if (real.size > LARGEST && !current.bytes)
    return impossible(
      `${path} has ${real.size} bytes; files up to ${LARGEST / 1024} KiB can be edited`,
      'Use `command` with sed, or `copy` the whole file.',
    );
  if (!current.bytes)
    return impossible(`${path} may not be read by this user`, 'Set `become: true` for the task.');
  const before = textOf(current.bytes);
  if (before === undefined)
    return impossible(`${path} is not UTF-8 text`, 'Edit it with a `command` that knows its format.');
  const edited = options.edit(before);
  const attributes = compareAttributes(path, real, p);
  if (edited.text === before) {
    if (attributes.length === 0) return same(`${path} ${options.settled}`);
    return change(describe(attributes), attributes, { current });
  }
  const content = { subject: path, kind: 'content' as const, before, after: edited.text };
  return change(`${path}: ${edited.msg}`, [content, ...attributes], {
    current,
    bytes: Buffer.from(edited.text),
  });
}

function compareMissing(
  path: string,
  current: PathState,
  p: EditParams,
  options: EditOptions,
): Verdict<Change> {
  if (options.absentIsFine) return same(`${path} is not there`);
  if (current.own)
    return impossible(`${path} is a link to nothing`, 'Make what it points to, or remove the link.');
  if (p.create !== true)
    return impossible(
      `${path} is not there`,
      `A task before must make it${options.neverMade ? '' : ', or set `create: true`'}.`,
    );
  if (!current.parent) return noFolder(path);
  const { text, msg } = options.edit('');
  const content = { subject: path, kind: 'content' as const, after: text };
  return change(`${path} is not there: ${msg}`, [content], { current, bytes: Buffer.from(text) });
}
