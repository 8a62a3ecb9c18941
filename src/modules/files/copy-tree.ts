import { change, type Difference, impossible, same } from '../../module/contract.ts';
import type { Host } from '../../module/host.ts';
import { lines, type Program, sh } from '../../module/program.ts';
import { type Attributes, compareAttributes, missingAttributes, setAttributes } from './attributes.ts';
import { foreseeManifest } from './expected-tree.ts';
import { becomes, makesFolder, NOTHING, pathSubject, stateAfter } from './expected.ts';
import type { FileResult } from './file-result.ts';
import { type Manifest, probeManifest, readManifest } from './manifest.ts';
import { joinPath, pathWord } from './path.ts';
import type { PathState } from './path-state.ts';
import { INLINE_LIMIT } from './probe-path.ts';
import { type Put, putProgram, writeTo } from './put-content.ts';
import type { Way } from './way.ts';
import { describe, makeFolder } from './write-file.ts';

/** A file of the tree: where it goes below the root, and where it is on the controller. */
export interface TreeFile {
  readonly name: string;
  readonly from: string;
  readonly size: number;
  readonly sha256: string;
  readonly attributes: Attributes;
}

export interface WantedTree {
  readonly src: string;
  /** The directory on the host that holds the files. */
  readonly root: string;
  readonly files: readonly TreeFile[];
  readonly directoryMode?: string | undefined;
  readonly owner?: string | undefined;
  readonly group?: string | undefined;
  readonly force?: boolean | undefined;
  readonly backup?: boolean | undefined;
  readonly validate?: string | undefined;
  readonly read: (path: string) => Promise<Uint8Array>;
}

interface Change {
  readonly write: readonly TreeFile[];
  readonly touch: readonly TreeFile[];
  readonly manifest: Manifest;
}

/** A directory of the controller with all below it: one probe for the whole tree, and only what differs travels. */
export function copyTree(wanted: WantedTree): Way<Manifest, Change> {
  const names = wanted.files.map((file) => file.name);
  return {
    probe: () => probeManifest(wanted.root, names),
    read: (output) => readManifest(output.stdout),
    compare: (manifest) => {
      if (manifest.root === 'other')
        return impossible(`${wanted.root} is not a directory`, 'Remove it first (file: state=absent).');
      const write = wanted.files.filter((file) => differs(file, manifest, wanted.force));
      const touch = wanted.files.filter(
        (file) => !write.includes(file) && attributeDifferences(wanted.root, file, manifest).length > 0,
      );
      if (write.length + touch.length === 0 && (manifest.root === 'directory' || names.length > 0))
        return same(`${wanted.root} has all ${names.length} files`);
      const diff = [
        ...write.map((file) => contentOf(wanted.root, file, manifest)),
        ...touch.flatMap((file) => attributeDifferences(wanted.root, file, manifest)),
      ];
      if (diff.length === 0) diff.push({ subject: wanted.root, after: 'directory' });
      const why = write.length
        ? `${write.length} of ${names.length} files in ${wanted.root} differ`
        : describe(diff.slice(0, 3));
      return change(why, diff, { write, touch, manifest });
    },
    apply: (to) => (host) => applyTree(host, wanted, to),
    result: () => treeResult(wanted),
    forecast: () => treeResult(wanted),
    touches: () => [pathSubject(wanted.root)],
    foresee: (manifest, outlook) => foreseeManifest(wanted.root, manifest, outlook),
    effects: (to, current, doer) => {
      const folder = stateAfter(
        NOTHING,
        { type: 'directory', attributes: { mode: wanted.directoryMode } },
        doer,
      );
      const made = current.root === 'absent' ? makesFolder(wanted.root, folder, undefined) : [];
      const files = to.write.map(({ name, size, sha256, attributes }) =>
        becomes(
          joinPath(wanted.root, name),
          stateAfter(NOTHING, { type: 'file', attributes, size, sha256 }, doer),
        ),
      );
      const set = to.touch.map(({ name }) => ({ subject: pathSubject(joinPath(wanted.root, name)) }));
      return [...made, ...files, ...set];
    },
  };
}

function treeResult(wanted: WantedTree): FileResult {
  return { src: wanted.src, dest: wanted.root, state: 'directory' };
}

function differs(file: TreeFile, manifest: Manifest, force = true): boolean {
  const there = manifest.stats.get(file.name);
  return !there || (force && manifest.hashes.get(file.name) !== file.sha256);
}

function attributeDifferences(root: string, file: TreeFile, manifest: Manifest): Difference[] {
  const there = manifest.stats.get(file.name);
  return there ? compareAttributes(joinPath(root, file.name), there, file.attributes) : [];
}

function contentOf(root: string, file: TreeFile, manifest: Manifest): Difference {
  const before = manifest.hashes.get(file.name);
  return {
    subject: joinPath(root, file.name),
    kind: 'value',
    ...(manifest.stats.has(file.name) && { before: `sha256:${before?.slice(0, 12) ?? 'unreadable'}` }),
    after: `sha256:${file.sha256.slice(0, 12)} (${file.size} bytes)`,
  };
}

/** Small files go together, as many as fit a message; large ones are streamed one by one. */
async function applyTree(host: Host, wanted: WantedTree, to: Change): Promise<void> {
  let batch: Program[] = [folders(wanted, to.write)];
  let size = 0;
  const flush = async () => {
    if (batch.length > 0) await host.run(lines(sh`set -e`, ...batch));
    batch = [];
    size = 0;
  };
  for (const [at, file] of to.write.entries()) {
    host.progress(`${at + 1} of ${to.write.length} files`, at / to.write.length);
    const put = putOf(wanted, file, to.manifest);
    if (file.size > INLINE_LIMIT) {
      await flush();
      const content = { path: file.from, size: file.size };
      await host.send(content, putProgram(put, sh`cat > "$t"`, file.sha256));
      continue;
    }
    const program = putProgram(put, writeTo(await wanted.read(file.from)), file.sha256);
    if (size + program.text.length > INLINE_LIMIT) await flush();
    batch.push(inSubshell(program));
    size += program.text.length;
  }
  for (const file of to.touch) {
    const path = pathWord(joinPath(wanted.root, file.name));
    const set = setAttributes(path, missingAttributes(to.manifest.stats.get(file.name)!, file.attributes));
    if (set) batch.push(set);
  }
  await flush();
}

/** Keeps the variables and the exit trap of a program to itself. */
export function inSubshell(program: Program): Program {
  return lines(sh`(`, program, sh`)`);
}

function putOf(wanted: WantedTree, file: TreeFile, manifest: Manifest): Omit<Put, 'content'> {
  const there = manifest.stats.get(file.name);
  const current: PathState = {
    own: there,
    real: there,
    parent: true,
    inside: false,
    sha256: manifest.hashes.get(file.name),
  };
  return {
    path: joinPath(wanted.root, file.name),
    current,
    attributes: file.attributes,
    backup: wanted.backup,
    validate: wanted.validate,
  };
}

function folders(wanted: WantedTree, files: readonly TreeFile[]): Program {
  const needed = new Set<string>([wanted.root]);
  for (const file of files) {
    const parts = file.name.split('/').slice(0, -1);
    parts.forEach((_, at) => needed.add(joinPath(wanted.root, parts.slice(0, at + 1).join('/'))));
  }
  const { owner, group } = wanted;
  const programs = [...needed].map((folder) => {
    const chown = setAttributes(pathWord(folder), { owner, group });
    const make = makeFolder(folder, wanted.directoryMode);
    if (!chown) return make;
    return sh`
      if [ ! -d ${pathWord(folder)} ]; then
      ${make}
      ${chown}
      fi
    `;
  });
  return lines(...programs);
}
