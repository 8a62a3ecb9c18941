import { posix } from 'node:path';
import { SlipwayError } from '../../base/errors.ts';
import { change, type Difference, impossible, same, type Verdict } from '../../module/contract.ts';
import { lines, type Program, sh } from '../../module/program.ts';
import {
  type Attributes,
  compareAttributes,
  missingAttributes,
  newAttributes,
  setAttributes,
} from './attributes.ts';
import { compareBelow, probeBelow, setBelow } from './file-recurse.ts';
import { fileResult } from './file-result.ts';
import { compareTimes, probeTimes, setTimes, type Times } from './file-times.ts';
import { pathWord } from './path.ts';
import { type PathState, readPath } from './path-state.ts';
import { probePath } from './probe-path.ts';
import type { Way } from './way.ts';
import { describe } from './write-file.ts';

export interface WantedPath {
  readonly path: string;
  /** `any`: what is there already, only with these attributes. */
  readonly state: 'file' | 'directory' | 'touch' | 'any';
  readonly attributes: Attributes;
  readonly recurse: boolean;
  readonly follow: boolean;
  readonly times: Times;
}

interface Current {
  readonly path: PathState;
  readonly stdout: string;
}

type Change = {
  readonly kind: 'make' | 'set' | 'missing';
  readonly current: Current;
  readonly below: boolean;
};

/** A file or directory that is there with its attributes, and what is below it where `recurse` says so. */
export function pathWay(wanted: WantedPath): Way<Current, Change> {
  const { path } = wanted;
  return {
    probe: () =>
      lines(
        probePath(path, { hash: false }),
        probeTimes(wanted.times),
        wanted.recurse && probeBelow(wanted.attributes),
      ),
    read: (output) => ({ path: readPath(output.stdout), stdout: output.stdout }),
    compare: (current) => comparePath(current, wanted),
    apply: (to) => applyPath(to, wanted),
    result: (current) => ({ ...fileResult(path, current.path), path }),
    forecast: () => ({ dest: path, path, state: wanted.state === 'directory' ? 'directory' : 'file' }),
  };
}

function comparePath(current: Current, wanted: WantedPath): Verdict<Change> {
  const { path, state } = wanted;
  const { own, real } = current.path;
  const kind = state === 'directory' ? 'directory' : 'file';
  if (!own) {
    const made = state === 'directory' || state === 'touch';
    const why = made ? `${path} is not there` : `${path} is not there; an earlier task must make it`;
    return change(why, [{ subject: path, after: kind }], {
      kind: made ? 'make' : 'missing',
      current,
      below: false,
    });
  }
  const it = wanted.follow ? real : own;
  if (!it) return impossible(`${path} is a link to nothing`, 'Make what it points to, or remove the link.');
  if (state === 'directory' && it.type !== 'directory')
    return impossible(`${path} is a ${it.type}, not a directory`, 'Remove it first (file: state=absent).');
  if (state === 'file' && it.type === 'directory')
    return impossible(`${path} is a directory, not a file`, 'Say state: directory, or leave state out.');
  const attributes = it.type === 'link' ? { ...wanted.attributes, mode: undefined } : wanted.attributes;
  const diff: Difference[] = [
    ...compareAttributes(path, it, attributes),
    ...compareTimes(path, it, wanted.times, current.stdout),
  ];
  const below =
    wanted.recurse && it.type === 'directory' ? compareBelow(wanted.attributes, current.stdout) : [];
  if (diff.length + below.length === 0) return same(settled(path, it.type));
  const why =
    diff.length > 0 ? describe(diff) : `${below.length === 20 ? 'many' : below.length} below ${path} differ`;
  return change(why, [...diff, ...below], { kind: 'set', current, below: below.length > 0 });
}

function settled(path: string, type: string): string {
  return `${path} is a ${type} with these attributes`;
}

function applyPath(to: Change, wanted: WantedPath): Program {
  const { path } = wanted;
  const word = pathWord(path);
  if (to.kind === 'missing') return sh`printf '%s\n' ${`${path} is not there`} >&2; exit 1`;
  if (to.kind === 'make') {
    if (wanted.state === 'directory') return makeDirectories(path, wanted);
    const set = setAttributes(word, newAttributes(wanted.attributes, false));
    return lines(sh`set -e`, sh`: >> ${word}`, set, setTimes(word, wanted.times));
  }
  const it = (wanted.follow ? to.current.path.real : to.current.path.own)!;
  const link = it.type === 'link';
  const directory = it.type === 'directory';
  const attributes = link ? { ...wanted.attributes, mode: undefined } : wanted.attributes;
  return lines(
    sh`set -e`,
    setAttributes(word, missingAttributes(it, attributes), { link, directory }),
    to.below && setBelow(word, wanted.attributes),
    setTimes(word, wanted.times),
  );
}

/** Every directory on the way that is not there is made, with the same attributes, as Ansible does. */
function makeDirectories(path: string, wanted: WantedPath): Program {
  const steps = prefixes(path).map((folder) => {
    const word = pathWord(folder);
    const set = setAttributes(word, newAttributes(wanted.attributes, true), { directory: true });
    if (!set) return sh`[ -d ${word} ] || mkdir ${word}`;
    return sh`
      if [ ! -d ${word} ]; then
      mkdir ${word}
      ${set}
      fi
    `;
  });
  return lines(sh`set -e`, ...steps, setTimes(pathWord(path), wanted.times));
}

/** `/a/b/c` is /a, /a/b and /a/b/c; a home directory is taken to be there. */
export function prefixes(path: string): string[] {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  const start = path.startsWith('/') ? '/' : '';
  const all = parts.map((_, at) => start + parts.slice(0, at + 1).join('/'));
  return all.filter((folder) => !/^~[^/]*$/.test(folder));
}

/** Nothing at a path. */
export function absentWay(path: string): Way<PathState, PathState> {
  if (
    ['/', '.', '..', '~'].includes(posix.normalize(path).replace(/(.)\/$/, '$1')) ||
    /^~[^/]*\/?$/.test(path)
  )
    throw new SlipwayError('task.invalid', `${path} will not be removed`, {
      hint: 'Name what is in it that has to go.',
    });
  return {
    probe: () => probePath(path, { hash: false }),
    read: (output) => readPath(output.stdout),
    compare: (current) => {
      const { own } = current;
      if (!own) return same(`${path} is not there`);
      const before = own.type === 'link' ? `link to ${current.target ?? '?'}` : own.type;
      return change(`${path} is there (${before})`, [{ subject: path, before, kind: 'value' }], current);
    },
    // Without the slash at its end, which would make a link to a directory that directory.
    apply: (current) => {
      const word = pathWord(path.replace(/(.)\/+$/, '$1'));
      return current.own?.type === 'directory' ? sh`rm -rf ${word}` : sh`rm -f ${word}`;
    },
    result: () => ({ dest: path, path, state: 'absent' }),
    forecast: () => ({ dest: path, path, state: 'absent' }),
  };
}
