import { posix } from 'node:path';
import { SlipwayError } from '../../base/errors.ts';
import { change, type Difference, impossible, same, type Verdict } from '../../module/contract.ts';
import type { Local } from '../../module/host.ts';
import { lines, sh } from '../../module/program.ts';
import { formatOf, type Format, type Member, membersOf } from './archive.ts';
import { compareAttributes } from './attributes.ts';
import { foreseeManifest } from './expected-tree.ts';
import { pathSubject } from './expected.ts';
import type { FileResult } from './file-result.ts';
import { type Manifest, probeManifest, readManifest } from './manifest.ts';
import { joinPath } from './path.ts';
import { enterDest, namesIn, packing, setAll, stripOf, type Unpacking, unpack } from './unpack.ts';
import type { Way } from './way.ts';

/** An archive of the controller, and what of it will be on the host. */
export interface LocalArchive {
  readonly path: string;
  readonly size: number;
  readonly sha256: string;
  readonly format: Format;
  /** By their names below `dest`. */
  readonly members: readonly Member[];
}

const known = new Map<string, Promise<Member[]>>();
const KEPT = 8;

/** What an archive is, and what is in it (where that is needed): once for all hosts that get it. */
export async function lookInto(
  path: string,
  u: Unpacking,
  local: Local,
  inside: boolean,
): Promise<LocalArchive> {
  const { size = 0 } = (await local.stat(path)) ?? {};
  const sha256 = await local.sha256(path);
  const format = await formatAt(path, local);
  const members = inside ? shaped(await membersOnce(path, sha256, format, local), u, path) : [];
  return { path, size, sha256, format, members };
}

function membersOnce(path: string, sha256: string, format: Format, local: Local): Promise<Member[]> {
  const before = known.get(sha256);
  if (before) return before;
  const members = membersOf(path, format, local);
  if (known.size >= KEPT) known.delete(known.keys().next().value!);
  known.set(sha256, members);
  members.catch(() => known.delete(sha256));
  return members;
}

async function formatAt(path: string, local: Local): Promise<Format> {
  const source = local.open(path);
  const head: Buffer[] = [];
  let length = 0;
  for await (const chunk of source) {
    head.push(chunk as Buffer);
    length += (chunk as Buffer).length;
    if (length >= 512) break;
  }
  source.destroy();
  return formatOf(Buffer.concat(head), path);
}

/** The members that come out, under the names that they get. */
function shaped(members: readonly Member[], u: Unpacking, path: string): Member[] {
  const strip = stripOf(u.extraOpts);
  return members.flatMap((member) => {
    const full = posix.normalize(member.name).replace(/\/$/, '');
    if (full === '.' || !isChosen(full, u)) return [];
    const name = full.split('/').slice(strip).join('/');
    if (name === '') return [];
    if (name.startsWith('/') || name.split('/').includes('..'))
      throw new SlipwayError('task.invalid', `${path} holds ${member.name}, which leads out of dest`);
    return [{ ...member, name }];
  });
}

function isChosen(name: string, u: Unpacking): boolean {
  const below = (pattern: string, free: boolean) =>
    new RegExp(`^${free ? '(?:.*/)?' : ''}${globSource(pattern)}(?:/.*)?$`, 's').test(name);
  if (u.include.length > 0 && !u.include.some((pattern) => below(posix.normalize(pattern), false)))
    return false;
  return !u.exclude.some((pattern) => below(posix.normalize(pattern), true));
}

function globSource(pattern: string): string {
  return pattern
    .replace(/\/$/, '')
    .replace(/[.+^${}()|\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
}

type Change = { readonly kind: 'unpack' | 'attributes' };

export function localWay(archive: LocalArchive, u: Unpacking): Way<Manifest, Change> {
  const names = archive.members.map((member) => member.name);
  const files = archive.members.filter((member) => member.type === 'file').map((member) => member.name);
  const result = (): FileResult => ({ src: archive.path, dest: u.dest, state: 'directory' });
  return {
    probe: () => probeManifest(u.dest, names),
    read: (output) => readManifest(output.stdout),
    compare: (manifest) => compareMembers(manifest, archive, u),
    apply: (to) => {
      const listed = files.length > 0 ? sh`printf '%s\n' ${files}` : namesIn(archive.format === 'zip', u);
      const set = setAll(sh`${listed} | grep -v '/$'`, u.attributes);
      if (to.kind === 'attributes') return lines(enterDest(u), set);
      const program = lines(
        enterDest(u),
        sh`
          a=$(mktemp "\${TMPDIR:-/tmp}/slipway.XXXXXX")
          trap 'rm -f "$a"' 0; trap 'exit 1' 1 2 15
          cat > "$a"
          case $(sha256sum < "$a") in
            ${archive.sha256}*) ;;
            *) echo "the archive did not arrive whole (sha256 differs); nothing was unpacked" >&2; exit 1 ;;
          esac
        `,
        packing(archive.format),
        unpack(archive.format === 'zip', u),
        set,
      );
      return async (host) => {
        await host.send({ path: archive.path, size: archive.size }, program);
      };
    },
    result,
    forecast: result,
    touches: () => [pathSubject(u.dest)],
    foresee: (manifest, outlook) => foreseeManifest(u.dest, manifest, outlook),
  };
}

function compareMembers(manifest: Manifest, archive: LocalArchive, u: Unpacking): Verdict<Change> {
  if (manifest.root === 'other') return impossible(`${u.dest} is not a directory`, 'Remove it first.');
  if (manifest.root === 'absent')
    return impossible(`${u.dest} is not there`, `Make it first: file: {path: ${u.dest}, state: directory}`);
  const differing = archive.members.filter((member) => differs(member, manifest));
  if (differing.length > 0) {
    const diff = differing.map(({ name, type }): Difference => {
      const there = manifest.stats.has(name);
      return {
        subject: joinPath(u.dest, name),
        kind: 'value',
        ...(there && { before: 'other' }),
        after: type,
      };
    });
    const why = `${differing.length} of ${archive.members.length} members differ in ${u.dest}`;
    return change(why, diff, { kind: 'unpack' });
  }
  const diff = archive.members.flatMap(({ name, type }) => {
    const there = manifest.stats.get(name);
    return there && type === 'file' ? compareAttributes(joinPath(u.dest, name), there, u.attributes) : [];
  });
  if (diff.length === 0) return same(`${u.dest} has all ${archive.members.length} members of the archive`);
  return change(`${diff.length} attributes in ${u.dest} differ`, diff, { kind: 'attributes' });
}

/** Links and special files only have to be there. A link that leads nowhere cannot be told from none. */
function differs(member: Member, manifest: Manifest): boolean {
  const there = manifest.stats.get(member.name);
  if (member.type === 'link') return false;
  if (!there) return true;
  if (member.type === 'directory') return there.type !== 'directory';
  return member.type === 'file' && manifest.hashes.get(member.name) !== member.sha256;
}
