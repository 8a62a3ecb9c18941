import { change, type Difference, impossible, same, type Verdict } from '../../module/contract.ts';
import { Unclear } from '../../module/outlook.ts';
import { inLines, lines, type Program, sh } from '../../module/program.ts';
import { type Attributes, compareAttributes, missingAttributes, setAttributes } from './attributes.ts';
import { becomes, foreseePath, NOTHING, pathSubject, stateAfter } from './expected.ts';
import { fileResult } from './file-result.ts';
import { joinPath, parentOf, pathWord } from './path.ts';
import { type PathState, readPaths } from './path-state.ts';
import { probePath } from './probe-path.ts';
import type { Way } from './way.ts';
import { describe } from './write-file.ts';
import { noFolder } from './no-folder.ts';

export interface WantedLink {
  readonly path: string;
  readonly src: string;
  readonly kind: 'link' | 'hard';
  readonly force?: boolean | undefined;
  /** Attributes go to what the link points to. */
  readonly follow: boolean;
  readonly attributes: Attributes;
}

interface Current {
  readonly path: PathState;
  readonly src: PathState;
}

type Change = { readonly kind: 'make' | 'attributes'; readonly current: Current };

/** A symbolic or hard link. */
export function linkWay(wanted: WantedLink): Way<Current, Change> {
  const { path, src, kind } = wanted;
  // A relative target counts from where the link stands.
  const source = kind === 'hard' || /^[/~]/.test(src) ? src : joinPath(parentOf(path), src);
  return {
    // Only a link to a home directory is told by what it leads to.
    probe: () =>
      inLines(
        lines(
          probePath(path, { hash: false, follow: kind === 'link' && src.startsWith('~') }),
          probePath(source, { hash: false }),
        ),
      ),
    read: (output) => {
      const [own, other] = readPaths(output.stdout);
      return { path: own!, src: other! };
    },
    compare: (current) => compareLink(current, wanted),
    apply: (to) => applyLink(to, wanted),
    result: (current) => ({
      ...fileResult(path, { ...current.path, real: undefined }),
      path,
      src,
      state: kind,
    }),
    forecast: () => ({ dest: path, path, src, state: kind }),
    touches: () => [pathSubject(path)],
    foresee: (current, outlook) => {
      const own = foreseePath(path, current.path, outlook, { link: true, attributes: wanted.attributes });
      const other = foreseePath(source, current.src, outlook, { attributes: wanted.attributes });
      if (own instanceof Unclear) return own;
      return other instanceof Unclear ? other : { path: own, src: other };
    },
    effects: (to, current, doer) => {
      if (to.kind === 'attributes' || kind === 'hard') return [{ subject: pathSubject(path) }];
      const attributes = wanted.follow ? {} : { ...wanted.attributes, mode: undefined };
      const { own } = stateAfter(NOTHING, { type: 'file', attributes }, doer);
      const link = { ...own!, type: 'link' as const };
      return [becomes(path, { ...NOTHING, own: link, real: current.src.real, target: src })];
    },
  };
}

function isSo({ path, src }: Current, wanted: WantedLink): boolean {
  const home = wanted.src.startsWith('~');
  if (wanted.kind === 'link' && path.own?.type !== 'link') return false;
  if (wanted.kind === 'link' && !home) return path.target === wanted.src;
  // The link's text has the home directory in full, which is not known here: it must be the same thing.
  const [own, other] = [wanted.kind === 'link' ? path.real : path.own, src.real];
  return own !== undefined && other !== undefined && own.inode === other.inode && own.device === other.device;
}

function compareLink(current: Current, wanted: WantedLink): Verdict<Change> {
  const { path } = wanted;
  const { own } = current.path;
  if (isSo(current, wanted)) return compareOwner(current, wanted);
  const word = wanted.kind === 'hard' ? 'hard link to' : 'link to';
  const before = own && (own.type === 'link' ? `link to ${current.path.target ?? '?'}` : own.type);
  const diff: Difference = {
    subject: path,
    kind: 'value',
    ...(before !== undefined && { before }),
    after: `${word} ${wanted.src}`,
  };
  if (!current.src.real && (wanted.kind === 'hard' || !wanted.force)) {
    return impossible(
      `${wanted.src} is not there`,
      `A task before must make it${wanted.kind === 'link' ? ', or set `force: true`' : ''}.`,
    );
  }
  if (!own && !current.path.parent) return noFolder(path);
  if (own?.type === 'directory')
    return impossible(`${path} is a directory`, 'Remove it first (file: state=absent).');
  if (own && own.type !== 'link' && !wanted.force)
    return impossible(`${path} is a ${own.type}`, 'Set `force: true` to replace it by the link.');
  return change(before === undefined ? `${path} is not there` : `${path} is a ${before}`, [diff], {
    kind: 'make',
    current,
  });
}

function compareOwner(current: Current, wanted: WantedLink): Verdict<Change> {
  const at = attributesAt(current, wanted);
  const diff = at ? compareAttributes(wanted.path, at, forLink(wanted)) : [];
  if (diff.length === 0) return same(`${wanted.path} is a link to ${wanted.src}`);
  return change(describe(diff), diff, { kind: 'attributes', current });
}

/** A symbolic link has an owner of its own, but no mode. */
function forLink(wanted: WantedLink): Attributes {
  return wanted.kind === 'link' && !wanted.follow
    ? { ...wanted.attributes, mode: undefined }
    : wanted.attributes;
}

function attributesAt(current: Current, wanted: WantedLink) {
  if (wanted.kind === 'hard') return current.src.real;
  return wanted.follow ? current.src.real : current.path.own;
}

function applyLink(to: Change, wanted: WantedLink): Program {
  const word = pathWord(wanted.path);
  const link = wanted.kind === 'link' && !wanted.follow;
  const at = attributesAt(to.current, wanted);
  const made = to.kind === 'make';
  const set = made && link ? forLink(wanted) : at && missingAttributes(at, forLink(wanted));
  const target = wanted.src.startsWith('~') ? pathWord(wanted.src) : wanted.src;
  return lines(
    sh`set -e`,
    made &&
      (wanted.kind === 'hard' ? sh`ln -fn ${pathWord(wanted.src)} ${word}` : sh`ln -sfn ${target} ${word}`),
    set && setAttributes(word, { owner: set.owner, group: set.group, ...modeOf(set) }, { link }),
  );
}

function modeOf(set: { mode?: unknown }): { mode?: number } {
  return typeof set.mode === 'number' ? { mode: set.mode } : {};
}
