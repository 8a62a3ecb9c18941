import { createHash } from 'node:crypto';
import { Type } from 'typebox';
import { SlipwayError } from '../../base/errors.ts';
import { defineState } from '../../module/contract.ts';
import type { Local } from '../../module/host.ts';
import { destinationParams } from './copy-params.ts';
import { copyRemote } from './copy-remote.ts';
import { copyTree, type TreeFile } from './copy-tree.ts';
import { fileReturns } from './file-result.ts';
import { checkMode, octal } from './mode.ts';
import { baseName, joinPath } from './path.ts';
import { INLINE_LIMIT } from './probe-path.ts';
import type { NewContent } from './put-content.ts';
import { byWay, type Way, way } from './way.ts';
import { writeFile } from './write-file.ts';

export const copy = defineState({
  name: 'copy',
  summary: 'A file or directory on the host, from the controller, from text or from the host itself.',
  description:
    'As `ansible.builtin.copy`. A directory is compared in one go and only files that differ travel; with a slash at the end of `src`, what is in it goes to `dest`, without one it goes to `dest/NAME`. Files that `src` does not have are left alone; empty directories, and links in a `remote_src` directory, are not copied. Not there: `local_follow` (links on the controller are always followed), `decrypt`, `attributes` and the SELinux parameters (an existing file keeps its context).',
  params: Type.Object({
    src: Type.Optional(
      Type.String({ description: 'A file or directory, looked up in `files`; or absolute.', minLength: 1 }),
    ),
    content: Type.Optional(
      Type.Unknown({
        description: 'The text itself, instead of `src`. A mapping or list is written as JSON.',
      }),
    ),
    ...destinationParams,
    directory_mode: Type.Optional(
      Type.String({ description: 'Permissions of directories that have to be made.' }),
    ),
    remote_src: Type.Optional(Type.Boolean({ default: false, description: '`src` is a path on the host.' })),
    checksum: Type.Optional(
      Type.String({
        description:
          'What `src` must have: SHA-1 or SHA-256, in hex. The transfer itself is always verified.',
        pattern: '^[0-9A-Fa-f]{40}$|^[0-9A-Fa-f]{64}$',
      }),
    ),
  }),
  returns: Type.Object(fileReturns),
  elsewhere: {
    decrypt: 'There is no vault; leave it out.',
  },
  examples: [
    {
      title: 'text into a file',
      yaml: `
        - copy: {content: "overlay\\nbr_netfilter\\n", dest: /etc/modules-load.d/slipway.conf, mode: '0644'}
      `,
    },
    {
      title: 'a folder of the controller',
      yaml: `
        - copy: {src: site/, dest: /srv/slipway-site/, owner: root, mode: 'u=rw,go=r', directory_mode: '0755'}
      `,
    },
    {
      title: 'a copy within the host, the old file kept',
      given: 'echo old > /etc/slipway-nodes.bak',
      yaml: `
        - copy: {src: /etc/hostname, dest: /etc/slipway-nodes.bak, remote_src: true, backup: true}
      `,
    },
  ],

  prepare: async (p, local): Promise<Way> => {
    checkMode(p.mode);
    checkMode(p.directory_mode);
    if ((p.src === undefined) === (p.content === undefined))
      throw new SlipwayError(
        'task.invalid',
        p.src === undefined ? 'neither src nor content is given' : 'src and content are both given',
        {
          hint: 'Give src (a file) or content (its text).',
        },
      );
    const options = {
      ...p,
      attributes: { mode: p.mode, owner: p.owner, group: p.group },
      directoryMode: p.directory_mode,
      inPlace: p.unsafe_writes,
    };
    if (p.src === undefined) return fromContent(options);
    if (p.remote_src) return way(copyRemote({ ...options, src: p.src }));
    return fromController({ ...options, src: p.src }, local);
  },
  ...byWay,
  result: (current, ready) => ready.result(current),
  forecast: (to, current, ready) => ready.forecast?.(to, current) ?? {},
});

type Options = Omit<Parameters<typeof writeFile>[0], 'content' | 'name'> & {
  readonly content?: unknown;
  readonly checksum?: string;
};

function fromContent(options: Options): Way {
  if (options.dest.endsWith('/'))
    throw new SlipwayError('task.invalid', `dest is a directory: ${options.dest}`, {
      hint: 'With content, dest must be the name of the file.',
    });
  if (options.attributes.mode === 'preserve')
    throw new SlipwayError('task.invalid', 'mode is preserve, but content has no mode to preserve');
  const { content } = options;
  const text =
    typeof content === 'object' && content !== null ? JSON.stringify(content) : String(content ?? '');
  const bytes = Buffer.from(text);
  verify(options.checksum, bytes, 'content');
  return way(writeFile({ ...options, content: { bytes } }));
}

async function fromController(options: Options & { src: string }, local: Local): Promise<Way> {
  const path = await local.find(options.src, 'files');
  const stat = await local.stat(path);
  if (!stat) throw new SlipwayError('file.missing', `${path} is not there`);
  if (stat.directory) return way(copyTree(await treeOf(options, path, local)));
  if (options.src.endsWith('/'))
    throw new SlipwayError('task.invalid', `${path} is a file, but src ends with a slash`);
  const bytes =
    stat.size <= INLINE_LIMIT || options.checksum?.length === 40 ? await local.read(path) : undefined;
  const content: NewContent =
    bytes && bytes.length <= INLINE_LIMIT
      ? { bytes }
      : { path, size: stat.size, sha256: await local.sha256(path) };
  if ('sha256' in content && options.checksum?.length === 64)
    compareSums(options.checksum, content.sha256, path);
  else if (bytes) verify(options.checksum, bytes, path);
  const attributes = preserved(options, stat.mode);
  const file = writeFile({ ...options, attributes, name: baseName(options.src), content });
  return way({ ...file, result: (current) => ({ src: path, ...file.result(current) }) });
}

async function treeOf(options: Options & { src: string }, path: string, local: Local) {
  const names = await local.list(path);
  const files: TreeFile[] = [];
  for (const name of names) {
    const from = joinPath(path, name);
    const stat = await local.stat(from);
    // A link to a directory: what is in it is not copied, as with tar.
    if (stat?.directory) continue;
    const sha256 = await local.sha256(from);
    files.push({
      name,
      from,
      size: stat?.size ?? 0,
      sha256,
      attributes: preserved(options, stat?.mode ?? 0o644),
    });
  }
  const { owner, group } = options.attributes;
  const root = options.src.endsWith('/') ? options.dest : joinPath(options.dest, baseName(options.src));
  return { ...options, owner, group, src: path, root, files, read: (from: string) => local.read(from) };
}

function preserved(options: Options, mode: number): Options['attributes'] {
  return options.attributes.mode === 'preserve'
    ? { ...options.attributes, mode: octal(mode & 0o7777) }
    : options.attributes;
}

function verify(checksum: string | undefined, bytes: Uint8Array, what: string): void {
  if (checksum === undefined) return;
  const algorithm = checksum.length === 40 ? 'sha1' : 'sha256';
  compareSums(checksum, createHash(algorithm).update(bytes).digest('hex'), what);
}

function compareSums(wanted: string, actual: string, what: string): void {
  if (wanted.toLowerCase() !== actual)
    throw new SlipwayError(
      'task.invalid',
      `${what} has the checksum ${actual}, not ${wanted.toLowerCase()}`,
      {
        hint: 'The file on the controller is not the one that was meant; get it again, or correct checksum.',
      },
    );
}
