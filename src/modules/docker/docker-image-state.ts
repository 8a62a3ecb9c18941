import type { Local } from '../../module/host.ts';
import { lines, type Program, sh } from '../../module/program.ts';
import type { Output } from '../../transport/types.ts';
import type { BuildContext } from './build-context.ts';
import { type HostImages, type Loading, probeLoad, probeMachine } from './docker-image-load.ts';
import type { BuildParams } from './docker-image-params.ts';
import { type Account, authOf } from './engine/account.ts';
import { dockerCommand } from './engine/command.ts';
import { isProblem, NO_ENGINE } from './engine/presence.ts';
import type { Gained } from './image-expected.ts';
import { familiarName } from './image-names.ts';
import { readImages } from './image-state.ts';
import { askRegistry, readRegistry, type RegistryImage } from './registry-probe.ts';

/** What is asked for, with what was read on the controller. Names are written as Docker does, with their tag. */
export interface Ready {
  readonly socket: string;
  /** Undefined where all images of a tar are meant. */
  readonly name: string | undefined;
  readonly absent: boolean;
  readonly source: 'build' | 'load' | 'pull' | 'local';
  /** The images of a tar. */
  readonly loading: Loading | undefined;
  readonly build:
    | { readonly params: BuildParams; readonly context: BuildContext; readonly label: string }
    | undefined;
  readonly platform: string | undefined;
  readonly repository: string | undefined;
  readonly archive: string | undefined;
  readonly push: boolean;
  readonly force: boolean;
  readonly account: Account | undefined;
  readonly open: Local['open'];
}

/** An image as `docker image inspect` shows it. */
export interface Image {
  readonly Id: string;
  readonly RepoTags?: readonly string[] | null;
  readonly RepoDigests?: readonly string[] | null;
  readonly Config?: { readonly Labels?: Readonly<Record<string, string>> | null } | null;
  readonly RootFS?: { readonly Layers?: readonly string[] | null };
  readonly [more: string]: unknown;
}

export interface Current {
  /** By the name that was asked for. */
  readonly images: ReadonlyMap<string, Image>;
  /** Why the Engine did not answer. */
  readonly problem: string | undefined;
  readonly registry: RegistryImage | undefined;
  /** What is there of the images of the tar. */
  readonly host: HostImages | undefined;
  /** In a dry run, the layers that the tasks before bring. */
  readonly gained?: Gained | undefined;
  /** What the tar at `archive_path` says of itself; undefined where there is none. */
  readonly archive: string | undefined;
}

/** All names that are looked at. */
export function namesOf({ name, loading, repository }: Ready): string[] {
  const images = loading?.tars.flatMap((tar) => tar.images) ?? [];
  const loaded = images.flatMap(({ tags }) => tags.map(familiarName));
  return [...new Set([...loaded, name, repository])].filter((one) => one !== undefined);
}

/** The name whose registry is asked: where it is pushed to, or pulled from anew. */
export function remoteName({ push, repository, name, source, force, absent }: Ready): string | undefined {
  if (absent) return undefined;
  if (push) return repository ?? name;
  return source === 'pull' && force ? name : undefined;
}

export function probeImage(ready: Ready): Program {
  const { socket, archive, loading, account } = ready;
  const remote = remoteName(ready);
  return lines(
    loading && probeMachine(loading),
    sh`if command -v docker >/dev/null; then`,
    sh`${dockerCommand(socket)} image inspect --format 'image {{json .}}' ${namesOf(ready)} 2>&1`,
    loading && probeLoad(loading, socket),
    remote !== undefined && askRegistry(socket, remote, authOf(account)),
    sh`else echo ${NO_ENGINE}; fi`,
    archive !== undefined &&
      sh`[ ! -f ${archive} ] || { printf 'archive '; tar -xOf ${archive} manifest.json index.json 2>/dev/null | tr -d '\n'; echo; }`,
    sh`:`,
  );
}

export function readImage(output: Output, ready: Ready): Current {
  const found: Image[] = [];
  let problem: string | undefined;
  let registry: RegistryImage | undefined;
  let archive: string | undefined;
  for (const line of output.stdout.split('\n')) {
    if (line.startsWith('image {')) found.push(JSON.parse(line.slice(6)) as Image);
    else if (line.startsWith('registry ')) registry = readRegistry(line.slice(9));
    else if (line.startsWith('archive ')) archive = line.slice(8);
    else if (isProblem(line)) problem ??= line.trim();
  }
  const images = new Map<string, Image>();
  for (const name of namesOf(ready)) {
    const image = found.find((one) => isCalled(one, name));
    if (image) images.set(name, image);
  }
  return { images, problem, registry, archive, host: ready.loading && readImages(output) };
}

function isCalled({ Id, RepoTags, RepoDigests }: Image, name: string): boolean {
  return Id === name || [...(RepoTags ?? []), ...(RepoDigests ?? [])].includes(name);
}
