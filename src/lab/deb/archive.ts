import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import type { DebEntry, DebPackage } from './types.ts';

/** One member of a tar archive before it is packed. */
interface Member {
  readonly name: string;
  readonly type: 'file' | 'directory' | 'symlink';
  readonly mode: number;
  readonly content?: Buffer;
  readonly linkname?: string;
}

/** Nothing in a package depends on when it was made: the same package is the same bytes. */
const EPOCH = new Date(0);

/** The bytes of a `.deb` file: an ar archive of debian-binary, control.tar.gz and data.tar.gz. */
export async function buildDeb(deb: DebPackage): Promise<Buffer> {
  const control = gzipSync(await tar(controlMembers(deb)));
  const data = gzipSync(await tar(dataMembers(deb.files)));
  return ar([
    ['debian-binary', Buffer.from('2.0\n')],
    ['control.tar.gz', control],
    ['data.tar.gz', data],
  ]);
}

/** The file name that Debian's archive gives a package. */
export function debFileName(deb: { name: string; version: string; architecture: string }): string {
  return `${deb.name}_${deb.version.replace(/^\d+:/, '')}_${deb.architecture}.deb`;
}

/** The control file's paragraph, as it also stands in Packages. */
export function controlText(deb: DebPackage): string {
  const relations = (title: string, list: readonly string[] | undefined) =>
    list && list.length > 0 ? [`${title}: ${list.join(', ')}`] : [];
  const fields = [
    `Package: ${deb.name}`,
    `Version: ${deb.version}`,
    `Architecture: ${deb.architecture}`,
    'Maintainer: Slipway lab <lab@slipway.invalid>',
    `Installed-Size: ${installedSize(deb.files)}`,
    ...relations('Depends', deb.depends),
    ...relations('Recommends', deb.recommends),
    ...relations('Provides', deb.provides),
    ...relations('Conflicts', deb.conflicts),
    ...relations('Replaces', deb.replaces),
    `Section: ${deb.section ?? 'misc'}`,
    'Priority: optional',
    `Description: ${deb.summary}`,
    ...(deb.description ?? []).map((line) => (line.trim() === '' ? ' .' : ` ${line}`)),
  ];
  return `${fields.join('\n')}\n`;
}

function bytesOf(entry: DebEntry): Buffer | undefined {
  return 'content' in entry ? Buffer.from(entry.content) : undefined;
}

function installedSize(files: readonly DebEntry[]): number {
  return files.reduce((sum, entry) => sum + Math.ceil((bytesOf(entry)?.length ?? 1024) / 1024), 0);
}

function controlMembers(deb: DebPackage): Member[] {
  const members: Member[] = [file('./control', 0o644, controlText(deb))];
  const sums = deb.files.flatMap((entry) => {
    const bytes = bytesOf(entry);
    return bytes ? [`${createHash('md5').update(bytes).digest('hex')}  ${entry.path.slice(1)}\n`] : [];
  });
  if (sums.length > 0) members.push(file('./md5sums', 0o644, sums.join('')));
  const conffiles = deb.files.filter((entry) => 'conffile' in entry && entry.conffile);
  if (conffiles.length > 0)
    members.push(file('./conffiles', 0o644, conffiles.map((entry) => `${entry.path}\n`).join('')));
  for (const [name, text] of Object.entries(deb.scripts ?? {}))
    if (text !== undefined) members.push(file(`./${name}`, 0o755, text));
  return [folder('./', 0o755), ...members];
}

function dataMembers(files: readonly DebEntry[]): Member[] {
  const folders = new Map<string, Member>();
  const rest: Member[] = [];
  for (const entry of files) {
    const parts = entry.path.split('/').filter(Boolean);
    for (let depth = 0; depth < parts.length; depth++) {
      const name = depth === 0 ? './' : `./${parts.slice(0, depth).join('/')}/`;
      if (!folders.has(name)) folders.set(name, folder(name, 0o755));
    }
    if ('directory' in entry)
      folders.set(`./${parts.join('/')}/`, folder(`./${parts.join('/')}/`, entry.mode));
    else if ('link' in entry)
      rest.push({ name: `.${entry.path}`, type: 'symlink', mode: 0o777, linkname: entry.link });
    else rest.push(file(`.${entry.path}`, entry.mode, entry.content));
  }
  const sorted = [...folders.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  return [...sorted, ...rest];
}

function file(name: string, mode: number, content: string | Uint8Array): Member {
  return { name, type: 'file', mode, content: Buffer.from(content) };
}

function folder(name: string, mode: number): Member {
  return { name, type: 'directory', mode };
}

async function tar(members: readonly Member[]): Promise<Buffer> {
  const { pack } = await import('tar-stream');
  const archive = pack();
  for (const member of members) {
    const header = {
      name: member.name,
      type: member.type,
      mode: member.mode,
      mtime: EPOCH,
      uid: 0,
      gid: 0,
      uname: 'root',
      gname: 'root',
      ...(member.linkname === undefined ? {} : { linkname: member.linkname }),
    };
    if (member.content) archive.entry(header, member.content);
    else archive.entry(header);
  }
  archive.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of archive) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** A Unix ar archive, as dpkg wants it: names without a trailing slash, even offsets. */
export function ar(members: readonly (readonly [name: string, bytes: Buffer])[]): Buffer {
  const parts: Buffer[] = [Buffer.from('!<arch>\n')];
  for (const [name, bytes] of members) {
    const head = `${name.padEnd(16)}${'0'.padEnd(12)}${'0'.padEnd(6)}${'0'.padEnd(6)}${'100644'.padEnd(8)}`;
    parts.push(Buffer.from(`${head}${String(bytes.length).padEnd(10)}\`\n`), bytes);
    if (bytes.length % 2 === 1) parts.push(Buffer.from('\n'));
  }
  return Buffer.concat(parts);
}
