import { type Doer, type Effect, type Outlook, type Subject, Unclear } from '../../module/outlook.ts';
import type { Attributes } from './attributes.ts';
import { resolveMode } from './mode.ts';
import { parentOf } from './path.ts';
import { type PathState, sha256, type Stat } from './path-state.ts';

/** What a dry run expects at a path. */
export interface ExpectedPath {
  /**
   * `is`: it is so then. `made`: a directory that was not there, so nothing is in it but what is foretold.
   * `ensured`: a directory that is made where it is missing. `set`: what is there, with these attributes.
   */
  readonly kind: 'is' | 'made' | 'ensured' | 'set';
  readonly state: PathState;
}

export const NOTHING: PathState = { own: undefined, real: undefined, parent: true, inside: false };

export function pathSubject(path: string): Subject {
  const plain = path.replace(/\/(\.?\/)+/g, '/').replace(/(.)\/+$/, '$1');
  return `path:${plain}`;
}

/** What a module needs to know of a path to judge it. */
export interface Needs {
  /** Its hash, or the bytes themselves. */
  readonly content?: 'hash' | 'bytes';
  /** Where nothing is, it does not matter whether a package would bring something. */
  readonly replaces?: boolean;
  /** A link is understood, too. */
  readonly link?: boolean;
  readonly attributes?: Attributes;
}

/** A path as the tasks before would have left it; `found`: as it is now. */
export function foreseePath(
  path: string,
  found: PathState,
  outlook: Outlook,
  needs: Needs = {},
): PathState | Unclear {
  const subject = pathSubject(path);
  const plain = subject.slice(5);
  const own = outlook.of(subject);
  const expected = own?.state as ExpectedPath | undefined;
  if (own && !expected) return new Unclear(own.by);
  let state = expected ? merged(expected, found) : found;
  let last = own?.at ?? -1;
  /** What is not there is known not to be there. */
  let told = own !== undefined;
  for (let folder = parentOf(plain); folder.length > 1; folder = parentOf(folder)) {
    const above = outlook.of(pathSubject(folder));
    if (!above || above.at < last) continue;
    last = above.at;
    const holder = above.state as ExpectedPath | undefined;
    const under = below(holder, folder === parentOf(plain), state);
    if (!under) return new Unclear(above.by);
    told ||= holder?.kind === 'made' || !holder?.state.own;
    state = under;
  }
  if (own && state !== found && !satisfies(state, needs)) return new Unclear(own.by);
  return (told ? undefined : broughtBy(plain, state, outlook, needs)) ?? state;
}

/** Where the packages of a distribution put nothing. */
const OURS = /^(~|\.|\/(home|root|tmp|srv|mnt|media|usr\/local|var\/tmp)(\/|$))/;

function broughtBy(path: string, state: PathState, outlook: Outlook, needs: Needs): Unclear | undefined {
  const packages = state.own || OURS.test(path) ? undefined : outlook.of('package:');
  if (!packages || (needs.replaces && state.parent)) return undefined;
  return new Unclear(packages.by);
}

function merged({ kind, state }: ExpectedPath, found: PathState): PathState {
  if (!found.own || (kind !== 'ensured' && kind !== 'set')) return state;
  return kind === 'ensured' ? found : { ...found, own: state.own, real: state.real };
}

/** A directory that is there afterwards, made or not. */
export function ensures(path: string, state: PathState): Effect[] {
  const effects: Effect[] = [];
  for (let folder = pathSubject(path).slice(5); folder.length > 1; folder = parentOf(folder))
    effects.push({ subject: pathSubject(folder), state: { kind: 'ensured', state } satisfies ExpectedPath });
  return effects;
}

/** A directory will be at this path. */
export function isFolderThen(path: string, outlook: Outlook): boolean {
  const expected = outlook.of(pathSubject(path))?.state as ExpectedPath | undefined;
  return expected?.state.own?.type === 'directory';
}

/** What a path is when this happens to a folder above it; undefined where that cannot be told. */
function below(folder: ExpectedPath | undefined, direct: boolean, state: PathState): PathState | undefined {
  if (!folder) return undefined;
  const { own } = folder.state;
  if (!own) return { ...NOTHING, parent: false };
  if (own.type !== 'directory') return undefined;
  if (folder.kind === 'made') return { ...NOTHING, parent: direct };
  return direct && !state.own ? { ...state, parent: true } : state;
}

function satisfies({ own, bytes, sha256: hash }: PathState, needs: Needs): boolean {
  if (!own) return true;
  if (own.type === 'link') return needs.link === true;
  const { owner, group } = needs.attributes ?? {};
  const known = (wanted: string | undefined, id: number, name: string) =>
    wanted === undefined || (/^\d+$/.test(wanted) ? id >= 0 : name !== '');
  if (!known(owner, own.uid, own.owner) || !known(group, own.gid, own.group)) return false;
  if (needs.content === undefined || own.type !== 'file') return true;
  return bytes !== undefined || (needs.content === 'hash' && hash !== undefined);
}

interface Made {
  readonly type: 'file' | 'directory';
  readonly attributes: Attributes;
  readonly bytes?: Uint8Array | undefined;
  readonly sha256?: string | undefined;
  readonly size?: number | undefined;
}

/** What stands at a path after a change to `current` by `doer`. */
export function stateAfter(current: PathState, made: Made, doer: Doer): PathState {
  const there = current.real?.type === made.type ? current.real : undefined;
  const { mode, owner, group } = made.attributes;
  const isFolder = made.type === 'directory';
  const fresh = isFolder ? 0o755 : 0o644;
  const bits = mode === undefined ? undefined : resolveMode(mode, there?.mode ?? fresh, isFolder);
  const user = identity(owner, there && [there.uid, there.owner], doer.user);
  const team = identity(group, there && [there.gid, there.group], doer.user === 'root' ? 'root' : undefined);
  const stat: Stat = {
    ...UNTOLD,
    ...there,
    type: made.type,
    mode: bits ?? there?.mode ?? fresh,
    uid: user.id,
    owner: user.name,
    gid: team.id,
    group: team.name,
    size: made.bytes?.length ?? made.size ?? there?.size ?? 0,
  };
  const hash = made.bytes ? sha256(made.bytes) : made.sha256;
  return { own: stat, real: stat, parent: true, inside: false, sha256: hash, bytes: made.bytes };
}

const UNTOLD = { links: 1, inode: -1, device: -1, atime: -1, mtime: -1, ctime: -1 };

/** Name '' and id -1 where they cannot be told. */
function identity(
  wanted: string | undefined,
  there: readonly [number, string] | undefined,
  fresh: string | undefined,
): { id: number; name: string } {
  if (wanted === undefined && there) return { id: there[0], name: there[1] };
  const name = wanted ?? fresh ?? '';
  if (/^\d+$/.test(name)) return { id: Number(name), name: name === '0' ? 'root' : '' };
  return { id: name === 'root' ? 0 : -1, name };
}

/** It is like this then. */
export function becomes(path: string, state: PathState): Effect {
  return { subject: pathSubject(path), state: { kind: 'is', state } satisfies ExpectedPath };
}

/** What is there gets other attributes; its content stays. */
export function isSet(path: string, state: PathState): Effect {
  return { subject: pathSubject(path), state: { kind: 'set', state } satisfies ExpectedPath };
}

/**
 * A folder that is made, with those above it that are missing. `above`: whether the one that holds it is there;
 * undefined where that is not known.
 */
export function makesFolder(path: string, state: PathState, above: boolean | undefined): Effect[] {
  const effect = (folder: string, kind: 'made' | 'ensured'): Effect => ({
    subject: pathSubject(folder),
    state: { kind, state } satisfies ExpectedPath,
  });
  const made = [effect(path, 'made')];
  if (above) return made;
  // The one that holds it is not there; of those above that one nothing is known.
  let folder = parentOf(pathSubject(path).slice(5));
  if (folder.length > 1) made.push(effect(folder, above === false ? 'made' : 'ensured'));
  for (folder = parentOf(folder); folder.length > 1; folder = parentOf(folder))
    made.push(effect(folder, 'ensured'));
  return made.reverse();
}
