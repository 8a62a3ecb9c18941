import { createHash } from 'node:crypto';
import { exists } from '../host/files.ts';
import { BUILD_TAG, identity, NOTICE } from '../host/identity.ts';
import { at } from '../host/paths.ts';
import { messageOf } from '../host/exit.ts';
import { table } from '../host/text.ts';
import { addImage, canonical, images, offline, saveImages, type Image } from './images.ts';
import { readImages } from './tar.ts';

const SOCKET = '/run/containerd/containerd.sock';

function size(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  return bytes < 1024 ** 2 ? `${(bytes / 1024).toFixed(1)} KiB` : `${(bytes / 1024 ** 2).toFixed(1)} MiB`;
}

function listImages(quiet: boolean, filters: readonly string[]): number {
  const wanted = filters.map((f) => /^name==?"?([^"]*)"?$/.exec(f)?.[1]).filter((n) => n !== undefined);
  const list = images().filter((image) => wanted.length === 0 || wanted.includes(image.name));
  if (quiet) {
    for (const image of list) process.stdout.write(`${image.name}\n`);
    return 0;
  }
  const digest = (image: Image): string => `sha256:${createHash('sha256').update(image.id).digest('hex')}`;
  const type = 'application/vnd.oci.image.manifest.v1+json';
  const rows = list.map((i) => [
    i.name,
    type,
    digest(i),
    size(i.size),
    'linux/amd64',
    'io.cri-containerd.image=managed',
  ]);
  process.stdout.write(table([['REF', 'TYPE', 'DIGEST', 'SIZE', 'PLATFORMS', 'LABELS'], ...rows], 1));
  return 0;
}

function importTar(path: string): number {
  const source = path === '-' ? path : at(path);
  for (const { tags, ...image } of readImages(source)) {
    for (const tag of tags) {
      const { name } = addImage(tag, image);
      process.stdout.write(`unpacking ${name} (${image.id})...done\n`);
    }
  }
  return 0;
}

function tag(names: readonly string[], force: boolean): number {
  const [from = '', ...to] = names;
  const source = images().find((image) => image.name === from);
  if (source === undefined) throw new Error(`image "${from}": not found`);
  for (const name of to) {
    const taken = images().some((image) => image.name === name);
    if (taken && !force) throw new Error(`image "${name}": already exists`);
    saveImages([...images().filter((image) => image.name !== name), { ...source, name }]);
    process.stdout.write(`${name}\n`);
  }
  return 0;
}

function removeImages(names: readonly string[]): number {
  let code = 0;
  for (const name of names) {
    const known = images().some((image) => image.name === name);
    if (!known) {
      process.stderr.write(`ctr: image "${name}": not found\n`);
      code = 1;
      continue;
    }
    saveImages(images().filter((image) => image.name !== name));
    process.stdout.write(`${name}\n`);
  }
  return code;
}

function pull(name: string): number {
  if (offline())
    throw new Error(
      `failed to resolve reference "${name}": failed to do request: dial tcp: lookup ${canonical(name).split('/')[0]}: no such host`,
    );
  addImage(name);
  process.stdout.write(`${name}: resolved\ndone\n`);
  return 0;
}

interface Words {
  readonly namespace: string;
  readonly plain: readonly string[];
  readonly flags: ReadonlySet<string>;
}

/** `-n NAME` and `--namespace NAME` take a value, as do a few flags of `images`; the rest do not. */
function split(argv: readonly string[]): Words {
  const taking = new Set([
    '-n',
    '--namespace',
    '-a',
    '--address',
    '--snapshotter',
    '--platform',
    '--digests',
    '--label',
    '--base-name',
  ]);
  const plain: string[] = [];
  const flags = new Set<string>();
  let namespace = process.env['CONTAINERD_NAMESPACE'] ?? 'default';
  for (let i = 0; i < argv.length; i++) {
    const word = argv[i] ?? '';
    const [name = '', inline] = word.split('=', 2);
    if (!word.startsWith('-') || word === '-') plain.push(word);
    else if (taking.has(name)) {
      const value = inline ?? argv[++i] ?? '';
      if (name === '-n' || name === '--namespace') namespace = value;
    } else flags.add(name);
  }
  return { namespace, plain, flags };
}

function command({ namespace, plain, flags }: Words): number {
  const [noun = '', verb = '', ...rest] = plain;
  if (noun === 'version') {
    process.stdout.write(
      `Client:\n  Version:  v${identity().version}${BUILD_TAG}\n\nServer:\n  Version:  v${identity().version}${BUILD_TAG}\n`,
    );
    return 0;
  }
  if (noun === 'namespaces' || noun === 'ns') {
    process.stdout.write('NAME   LABELS \nk8s.io        \n');
    return 0;
  }
  if (!['images', 'image', 'i'].includes(noun)) throw new Error(`No help topic for '${noun}' (${NOTICE})`);
  // Only the namespace of Kubernetes has images here: what goes elsewhere is not seen by the kubelet either.
  if (namespace !== 'k8s.io')
    return verb === 'ls' || verb === 'list' ? 0 : fail(`namespace "${namespace}" is not simulated`);
  switch (verb) {
    case 'ls':
    case 'list':
      return listImages(flags.has('-q') || flags.has('--quiet'), rest);
    case 'import':
      return importTar(rest[0] ?? '');
    case 'tag':
      return tag(rest, flags.has('--force'));
    case 'rm':
    case 'remove':
    case 'delete':
      return removeImages(rest);
    case 'pull':
      return pull(rest[0] ?? '');
    case 'check':
      return listImages(flags.has('-q'), rest);
    default:
      return fail(`No help topic for 'images ${verb}'`);
  }
}

function fail(message: string): never {
  throw new Error(message);
}

/** ctr: the images of containerd. */
export async function main(argv: readonly string[]): Promise<number> {
  if (argv.includes('--version')) {
    process.stdout.write(`ctr github.com/containerd/containerd/v2 v${identity().version}${BUILD_TAG}\n`);
    return 0;
  }
  try {
    if (!exists(SOCKET)) {
      fail(
        `failed to dial "${SOCKET}": connection error: desc = "transport: error while dialing: dial unix ${SOCKET}: connect: no such file or directory"`,
      );
    }
    return command(split(argv));
  } catch (error) {
    process.stderr.write(`ctr: ${messageOf(error)}\n`);
    return 1;
  }
}
