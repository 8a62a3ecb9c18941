import { createHash } from 'node:crypto';
import { SlipwayError } from '../../base/errors.ts';
import type { Local } from '../../module/host.ts';
import { readContext } from './build-context.ts';
import { loadingOf } from './docker-image-load.ts';
import type { Params } from './docker-image-params.ts';
import type { Ready } from './docker-image-state.ts';
import { accountOf } from './engine/account.ts';
import { socketOf } from './engine/params.ts';
import { familiarName } from './image-names.ts';
import { type ImageTar, readImageTar } from './image-tar.ts';

const wrong = (message: string, hint: string) => new SlipwayError('task.invalid', message, { hint });

/** @throws {SlipwayError} task.invalid, file.missing */
export async function prepare(p: Params, local: Local): Promise<Ready> {
  const absent = p.state === 'absent';
  const source = absent ? 'local' : sourceOf(p);
  const name = p.name === undefined ? undefined : fullName(p.name, p.tag);
  const tar = source === 'load' ? await tarOf(p, name, local) : undefined;
  // A tar with one name leaves no doubt.
  const [only, ...others] = tar?.images.flatMap(({ tags }) => tags) ?? [];
  const meant = name ?? (only !== undefined && others.length === 0 ? familiarName(only) : undefined);
  if (
    meant === undefined &&
    (source !== 'load' || p.repository !== undefined || p.push === true || p.archive_path)
  )
    throw wrong('`name` is missing', 'Name the image that is meant.');
  return {
    socket: socketOf(p),
    name: meant,
    absent,
    source,
    loading: tar && loadingOf(tar),
    build: source === 'build' ? await buildOf(p, local) : undefined,
    platform: p.pull?.platform,
    repository: absent || p.repository === undefined ? undefined : fullName(p.repository, tagOf(meant)),
    archive: absent ? undefined : p.archive_path,
    push: !absent && p.push === true,
    force: absent ? p.force_absent === true : p.force_source === true,
    account: accountOf(p),
    open: (file, range) => local.open(file, range),
  };
}

function sourceOf({ source, build, load_path: load }: Params): Ready['source'] {
  if (source === undefined)
    throw wrong('`source` is missing', 'Say where the image comes from: `build`, `load`, `pull` or `local`.');
  if (source === 'build' && build === undefined)
    throw wrong('`source: build` needs `build`', 'Write `build: {path: FOLDER}`.');
  if (source === 'load' && load === undefined)
    throw wrong('`source: load` needs `load_path`', 'Write `load_path: FILE.tar`, a tar on the controller.');
  return source;
}

/** With its tag, as Docker writes it; an id stays as it is. */
function fullName(name: string, tag = 'latest'): string {
  if (/^sha256:[0-9a-f]{64}$/.test(name)) return name;
  if (
    !/^[\w./:@-]+$/.test(name) ||
    /[A-Z]/.test(
      name
        .replace(/[:@][^/]*$/, '')
        .split('/')
        .slice(1)
        .join('/'),
    )
  )
    throw wrong(`"${name}" is no name of an image`, 'Write HOST:PORT/PATH:TAG, in lower case.');
  return familiarName(/[:@][^/]*$/.test(name) ? name : `${name}:${tag}`);
}

/** Of a name, not of an id or a digest. */
const tagOf = (name: string | undefined) => /^(?!sha256:)[^@]*:([^/:@]+)$/.exec(name ?? '')?.[1];

async function tarOf(p: Params, name: string | undefined, local: Local): Promise<ImageTar> {
  const tar = await readImageTar(local, await local.find(p.load_path!, 'files'));
  const tags = tar.images.flatMap((image) => image.tags.map(familiarName));
  if (tags.length === 0 || tar.images.some((image) => image.tags.length === 0))
    throw wrong(`${tar.path} holds an image without a name`, 'Save it by its name (docker save NAME:TAG).');
  if (name !== undefined && !tags.includes(name))
    throw wrong(`${tar.path} does not hold ${name}`, `It holds ${tags.join(', ')}.`);
  return tar;
}

/** All that decides what comes of a build is in its label, so that the same is not built twice. */
async function buildOf(p: Params, local: Local): Promise<Ready['build']> {
  const params = p.build!;
  const context = await readContext(local, params.path, params.dockerfile ?? 'Dockerfile');
  const { dockerfile, args, labels, target, network, platform, etc_hosts: hosts } = params;
  const text = JSON.stringify([
    context.digest,
    dockerfile ?? 'Dockerfile',
    args,
    labels,
    target,
    network,
    platform,
    hosts,
  ]);
  return { params, context, label: `sha256:${createHash('sha256').update(text).digest('hex')}` };
}
