import { posix } from 'node:path';
import { SlipwayError } from '../../base/errors.ts';
import { change, type Difference, impossible, same, type Verdict } from '../../module/contract.ts';
import { type Doer, type Effect, type Outlook, Unclear } from '../../module/outlook.ts';
import { lines, type Program, sh } from '../../module/program.ts';
import {
  type Attributes,
  compareAttributes,
  missingAttributes,
  newAttributes,
  setAttributes,
} from './attributes.ts';
import {
  becomes,
  ensures,
  foreseePath,
  isSet,
  makesFolder,
  NOTHING,
  pathSubject,
  stateAfter,
} from './expected.ts';
import { compareBelow, probeBelow, setBelow } from './file-recurse.ts';
import { fileResult } from './file-result.ts';
import { compareTimes, probeTimes, setTimes, type Times } from './file-times.ts';
import { pathWord } from './path.ts';
import { type PathState, readPath } from './path-state.ts';
import { probePath } from './probe-path.ts';
import type { Way } from './way.ts';
import { describe } from './write-file.ts';
import { noFolder } from './no-folder.ts';

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
  readonly kind: 'make' | 'set';
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
    touches: () => [pathSubject(path)],
    settles: (doer) => {
      if (wanted.state !== 'directory' || wanted.recurse) return [{ subject: pathSubject(path) }];
      return ensures(path, stateAfter(NOTHING, { type: 'directory', attributes: wanted.attributes }, doer));
    },
    foresee: (current, outlook) => foreseeThis(current, wanted, outlook),
    effects: (to, current, doer) => effectsOf(to, current.path, wanted, doer),
    forecast: () => ({ dest: path, path, state: wanted.state === 'directory' ? 'directory' : 'file' }),
  };
}

function foreseeThis(current: Current, wanted: WantedPath, outlook: Outlook): Current | Unclear {
  const { path, attributes, recurse, times } = wanted;
  const seen = foreseePath(path, current.path, outlook, { attributes });
  if (seen instanceof Unclear) return seen;
  const inside = recurse ? outlook.within(path) : undefined;
  if (inside) return new Unclear(inside.by);
  if (seen === current.path) return current;
  const by = outlook.concerning([pathSubject(path)])?.by;
  if (by !== undefined && seen.own && (recurse || times.access || times.modification)) return new Unclear(by);
  return { path: seen, stdout: '' };
}

function effectsOf(to: Change, current: PathState, wanted: WantedPath, doer: Doer): readonly Effect[] {
  const { path, attributes } = wanted;
  if (to.below) return [{ subject: pathSubject(path) }];
  const type = wanted.state === 'directory' || current.real?.type === 'directory' ? 'directory' : 'file';
  if (to.kind === 'set') return [isSet(path, stateAfter(current, { type, attributes }, doer))];
  const made = stateAfter(current, { type, attributes, bytes: new Uint8Array() }, doer);
  return type === 'directory' ? makesFolder(path, made, current.parent) : [becomes(path, made)];
}

function comparePath(current: Current, wanted: WantedPath): Verdict<Change> {
  const { path, state } = wanted;
  const { own, real } = current.path;
  const kind = state === 'directory' ? 'directory' : 'file';
  if (!own) {
    if (state !== 'directory' && state !== 'touch')
      return impossible(
        `${path} is not there`,
        'Say state: directory or touch, or make it in a task before.',
      );
    if (state === 'touch' && !current.path.parent) return noFolder(path);
    return change(`${path} is not there`, [{ subject: path, after: kind }], {
      kind: 'make',
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
    touches: () => [pathSubject(path)],
    foresee: (current, outlook) => foreseePath(path, current, outlook, { link: true }),
    effects: () => [becomes(path, NOTHING)],
    forecast: () => ({ dest: path, path, state: 'absent' }),
  };
}
