import { SlipwayError } from '../../base/errors.ts';
import { change, type Difference, impossible, same, type Verdict } from '../../module/contract.ts';
import type { Host } from '../../module/host.ts';
import { Unclear } from '../../module/outlook.ts';
import { lines, type Program, sh } from '../../module/program.ts';
import type { Attributes } from './attributes.ts';
import { inSubshell } from './copy-tree.ts';
import { becomes, foreseePath, pathSubject, stateAfter } from './expected.ts';
import { type FileResult, fileResult } from './file-result.ts';
import { hashesOf } from './manifest.ts';
import { octal } from './mode.ts';
import { baseName, joinPath, parentOf, pathWord } from './path.ts';
import { type PathState, readPaths } from './path-state.ts';
import { probePath } from './probe-path.ts';
import { putProgram } from './put-content.ts';
import type { Way } from './way.ts';
import { compareFile, makeFolder } from './write-file.ts';

export interface RemoteCopy {
  readonly src: string;
  readonly dest: string;
  /** May hold 'preserve' as mode. */
  readonly attributes: Attributes;
  readonly force?: boolean | undefined;
  readonly follow?: boolean | undefined;
  readonly backup?: boolean | undefined;
  readonly validate?: string | undefined;
  readonly inPlace?: boolean | undefined;
  readonly directoryMode?: string | undefined;
}

interface Current {
  readonly src: PathState;
  readonly dest: PathState;
  /** Hashes by relative path when `src` is a directory. */
  readonly from: ReadonlyMap<string, string>;
  readonly there: ReadonlyMap<string, string>;
}

type Change =
  | { readonly kind: 'file'; readonly program: Program }
  | {
      readonly kind: 'tree';
      readonly root: string;
      readonly names: readonly string[];
      readonly current: Current;
    };

/** `copy` with `remote_src`: both ends are on the host, so only hashes travel. */
export function copyRemote(wanted: RemoteCopy): Way<Current, Change> {
  const name = baseName(wanted.src);
  const intoFolder = wanted.dest.endsWith('/');
  const direct = intoFolder ? joinPath(wanted.dest, name) : wanted.dest;
  // For a directory the trailing slash of src, not that of dest, decides about the extra level.
  const root = wanted.src.endsWith('/') ? wanted.dest : joinPath(wanted.dest, name);
  const pathOf = (current: Current) => (current.dest.inside ? joinPath(wanted.dest, name) : direct);
  return {
    probe: () =>
      lines(
        probePath(wanted.src),
        probePath(direct, { inside: intoFolder ? undefined : name, backup: wanted.backup === true }),
        probeTrees(wanted.src, root),
      ),
    read: (output) => readCurrent(output.stdout),
    compare: (current): Verdict<Change> => {
      const { real } = current.src;
      if (!real) return impossible(`${wanted.src} is not there`, 'A task before must make it.');
      if (real.type === 'directory') return compareTrees(current, wanted, root);
      return compareOne(current, wanted, pathOf(current));
    },
    apply: (to) => {
      return to.kind === 'file' ? to.program : (host) => applyTree(host, wanted, to);
    },
    touches: () => [pathSubject(wanted.dest)],
    reads: () => [pathSubject(wanted.src)],
    foresee: (current, outlook) => {
      const attributes = { ...wanted.attributes, mode: undefined };
      const src = foreseePath(wanted.src, current.src, outlook, { content: 'hash' });
      const dest = foreseePath(pathOf(current), current.dest, outlook, { content: 'hash', attributes });
      const inside = outlook.within(wanted.src) ?? outlook.within(wanted.dest);
      if (src instanceof Unclear) return src;
      if (dest instanceof Unclear) return dest;
      if (src.real?.type === 'directory' && inside) return new Unclear(inside.by);
      return { ...current, src, dest: { ...dest, inside: current.dest.inside } };
    },
    effects: (to, current, doer) => {
      const { real, sha256, bytes } = current.src;
      if (to.kind === 'tree' || !real) return [{ subject: pathSubject(root) }];
      const attributes = withMode(wanted.attributes, real.mode);
      const made = { type: 'file', attributes, sha256, bytes, size: real.size } as const;
      return [becomes(pathOf(current), stateAfter(current.dest, made, doer))];
    },
    result: (current): FileResult =>
      current.src.real?.type === 'directory'
        ? { src: wanted.src, dest: root, state: 'directory' }
        : { src: wanted.src, ...fileResult(pathOf(current), current.dest) },
  };
}

function probeTrees(src: string, root: string): Program {
  return sh`
    s=${pathWord(src)}
    d=${pathWord(root)}
    if [ -d "$s" ]; then
      echo from; (cd "$s" && find . -type f -exec sha256sum {} +) 2>/dev/null
      echo there; (cd "$s" && find . -type f -print0) 2>/dev/null | (cd "$d" 2>/dev/null && xargs -0 sha256sum 2>/dev/null)
    fi
    echo complete
  `;
}

function readCurrent(stdout: string): Current {
  const all = stdout.split('\n');
  if (!all.includes('complete'))
    throw new SlipwayError('task.failed', 'the list of files on the host did not arrive whole');
  const from = all.indexOf('from');
  const there = all.indexOf('there', from);
  const [src, dest] = readPaths(stdout);
  return {
    src: src!,
    dest: dest!,
    from: hashesOf(from === -1 ? [] : all.slice(from, there)),
    there: hashesOf(from === -1 ? [] : all.slice(there)),
  };
}

function compareOne(current: Current, wanted: RemoteCopy, path: string): Verdict<Change> {
  const { sha256, real } = current.src;
  if (real!.type !== 'file') return impossible(`${wanted.src} is a ${real!.type}, not a file`);
  if (sha256 === undefined)
    return impossible(`${wanted.src} may not be read by this user`, 'Set `become: true` for the task.');
  const attributes = withMode(wanted.attributes, real!.mode);
  const content = { path: wanted.src, size: real!.size, sha256 };
  const verdict = compareFile(path, current.dest, { ...wanted, content, attributes });
  if (verdict.verdict !== 'change') return verdict;
  const before = wanted.dest.endsWith('/') ? makeFolder(wanted.dest, wanted.directoryMode) : undefined;
  const put = { ...wanted, path, attributes, current: current.dest, before };
  return {
    ...verdict,
    change: { kind: 'file', program: putProgram(put, sh`cat ${pathWord(wanted.src)} > "$t"`, sha256) },
  };
}

function withMode(attributes: Attributes, mode: number): Attributes {
  return attributes.mode === 'preserve' ? { ...attributes, mode: octal(mode) } : attributes;
}

function compareTrees(current: Current, wanted: RemoteCopy, root: string): Verdict<Change> {
  const names = [...current.from.keys()].filter((name) =>
    wanted.force === false ? !current.there.has(name) : current.there.get(name) !== current.from.get(name),
  );
  if (names.length === 0) return same(`${root} has all ${current.from.size} files of ${wanted.src}`);
  const diff = names.map((name): Difference => {
    const before = current.there.get(name);
    return {
      subject: joinPath(root, name),
      kind: 'value',
      ...(before !== undefined && { before: `sha256:${before.slice(0, 12)}` }),
      after: `sha256:${current.from.get(name)!.slice(0, 12)}`,
    };
  });
  const why = `${names.length} of ${current.from.size} files in ${root} differ`;
  return change(why, diff, { kind: 'tree', root, names, current });
}

const BATCH = 100;

async function applyTree(host: Host, wanted: RemoteCopy, to: Change & { kind: 'tree' }): Promise<void> {
  for (let at = 0; at < to.names.length; at += BATCH) {
    host.progress(`${at} of ${to.names.length} files`, at / to.names.length);
    const programs = to.names.slice(at, at + BATCH).map((name) => copyOne(wanted, to, name));
    await host.run(lines(sh`set -e`, ...programs));
  }
}

function copyOne(wanted: RemoteCopy, to: Change & { kind: 'tree' }, name: string): Program {
  const path = joinPath(to.root, name);
  const from = pathWord(joinPath(wanted.src, name));
  const preserve = wanted.attributes.mode === 'preserve';
  const attributes = preserve ? { ...wanted.attributes, mode: undefined } : wanted.attributes;
  const sha256 = to.current.from.get(name)!;
  const current = { own: undefined, real: undefined, parent: true, inside: false };
  return lines(
    makeFolder(parentOf(path), wanted.directoryMode),
    inSubshell(
      putProgram({ path, current, attributes, backup: wanted.backup }, sh`cat ${from} > "$t"`, sha256),
    ),
    preserve && sh`chmod "$(stat -c %a ${from})" ${pathWord(path)}`,
  );
}
