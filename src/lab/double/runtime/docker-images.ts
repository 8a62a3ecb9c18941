import { arch } from 'node:os';
import { Exit } from '../host/exit.ts';
import { exists } from '../host/files.ts';
import type { Parsed } from '../host/flags.ts';
import { at } from '../host/paths.ts';
import { humanDuration, table } from '../host/text.ts';
import { format } from './go-template.ts';
import { addImage, canonical, type Image, images, saveImages } from './images.ts';
import { readImages } from './tar.ts';

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const short = (id: string): string => id.replace(/^sha256:/, '').slice(0, 12);

/** `docker.io/library/nginx:1` -> `nginx:1`, as Docker writes names. */
export const familiar = (name: string): string => name.replace(/^docker\.io\/(?:library\/)?/, '');

function namesOf(id: string): string[] {
  return images('docker')
    .filter((image) => image.id === id)
    .map((image) => familiar(image.name));
}

/** By a name, or by at least the first digits of an id. */
function find(reference: string): Image | undefined {
  const full = canonical(reference);
  const list = images('docker');
  const named = list.find((image) => image.name === full);
  if (named !== undefined || !/^(?:sha256:)?[0-9a-f]{4,64}$/.test(reference)) return named;
  const digits = reference.replace(/^sha256:/, '');
  return list.find((image) => image.id.startsWith(`sha256:${digits}`));
}

function missing(reference: string): string {
  const tagged = /[:@][^/]*$/.test(reference) ? reference : `${reference}:latest`;
  return `Error response from daemon: No such image: ${tagged}`;
}

function row({ name, id, size, created }: Image): Record<string, string> {
  const [, repository = '', tag = '<none>'] = /^(.*):([^:/]*)$/.exec(familiar(name)) ?? [];
  return {
    Repository: repository,
    Tag: tag,
    ID: short(id),
    CreatedAt: created,
    CreatedSince: `${humanDuration(Date.now() - Date.parse(created))} ago`,
    Size: `${(size / 1e6).toFixed(1)}MB`,
  };
}

/** `docker images [NAME]`: all tags, or those of a repository, or one. */
export function listImages(flags: Parsed, names: readonly string[]): void {
  const [wanted] = names;
  const fits = ({ name }: Image): boolean =>
    wanted === undefined ||
    familiar(name) === familiar(wanted) ||
    row({ name, id: '', size: 0, created: '' })['Repository'] === familiar(wanted);
  const list = images('docker').filter(fits);
  const template = flags.text('format');
  const full = flags.bool('no-trunc');
  const rows = list.map((image) => ({ ...row(image), ...(full ? { ID: image.id } : {}) }));
  if (flags.bool('quiet')) for (const id of new Set(rows.map((one) => one['ID']))) say(String(id));
  else if (template !== undefined) for (const one of rows) say(format(template, one));
  else {
    const keys = ['Repository', 'Tag', 'ID', 'CreatedSince', 'Size'];
    const heads = ['REPOSITORY', 'TAG', 'IMAGE ID', 'CREATED', 'SIZE'];
    process.stdout.write(table([heads, ...rows.map((one) => keys.map((key) => one[key as 'ID'] ?? ''))], 3));
  }
}

/** `docker image inspect`: what is found is printed, what is not is said, and then it failed. */
export function inspectImages(flags: Parsed, names: readonly string[]): number {
  const found = names.map((name) => ({ name, image: find(name) }));
  const described = found.flatMap(({ image }) => (image === undefined ? [] : [describe(image)]));
  const template = flags.text('format');
  if (template === undefined) say(JSON.stringify(described, undefined, 4));
  else for (const one of described) say(format(template, one));
  const lacking = found.filter(({ image }) => image === undefined);
  for (const { name } of lacking) process.stderr.write(`${missing(name)}\n`);
  return lacking.length === 0 ? 0 : 1;
}

function describe({ id, size, created, layers }: Image): object {
  return {
    Id: id,
    RepoTags: namesOf(id),
    RepoDigests: [],
    Created: created,
    Architecture: arch() === 'x64' ? 'amd64' : arch(),
    Os: 'linux',
    Size: size,
    RootFS: { Type: 'layers', Layers: layers ?? null },
  };
}

/** `docker load`, from a file or from what is piped in. */
export function loadImages(input: string | undefined): void {
  if (input !== undefined && !exists(input)) throw new Exit(`open ${input}: no such file or directory`);
  for (const { tags, ...image } of loaded(input === undefined ? '-' : at(input))) {
    for (const tag of tags) {
      const before = find(tag);
      if (before !== undefined && before.id !== image.id)
        say(`The image ${tag} already exists, renaming the old one with ID ${before.id} to empty string`);
      say(`Loaded image: ${familiar(addImage(tag, image, 'docker').name)}`);
    }
    if (tags.length === 0) say(`Loaded image ID: ${image.id}`);
  }
}

function loaded(path: string): ReturnType<typeof readImages> {
  try {
    return readImages(path);
  } catch (error) {
    throw new Exit(`Error response from daemon: ${error instanceof Error ? error.message : String(error)}`);
  }
}

export function tagImage([from = '', to = '']: readonly string[]): void {
  const image = find(from);
  if (image === undefined) throw new Exit(missing(from));
  addImage(to, image, 'docker');
}

/** `docker rmi`: a name goes; with the last name the image goes; an id stands for all its names only by force. */
export function removeImages(flags: Parsed, names: readonly string[]): number {
  let code = 0;
  for (const name of names) {
    const image = find(name);
    const all = image === undefined ? [] : namesOf(image.id);
    const byId = image !== undefined && image.name !== canonical(name);
    if (image === undefined || (byId && all.length > 1 && !flags.bool('force'))) {
      const conflict = `Error response from daemon: conflict: unable to delete ${name} (must be forced) - image is referenced in multiple repositories`;
      process.stderr.write(`${image === undefined ? missing(name) : conflict}\n`);
      code = 1;
      continue;
    }
    const gone = byId ? all : [familiar(image.name)];
    const kept = images('docker').filter((one) => !gone.includes(familiar(one.name)));
    saveImages(kept, 'docker');
    for (const one of gone) say(`Untagged: ${one}`);
    if (gone.length === all.length) say(`Deleted: ${image.id}`);
  }
  return code;
}
