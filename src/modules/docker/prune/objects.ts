import { SlipwayError } from '../../../base/errors.ts';
import { lines, type Program, sh } from '../../../module/program.ts';
import type { Output } from '../../../transport/types.ts';
import { dockerCommand } from '../engine/command.ts';
import { socketOf } from '../engine/params.ts';
import { NO_ENGINE } from '../engine/presence.ts';
import type { Dated } from './matching.ts';
import type { PruneParams } from './params.ts';

export interface Container extends Dated {
  readonly Id: string;
  readonly Name: string;
  /** The id of its image. */
  readonly Image: string;
  /** What it was made of, as whoever made it wrote it. */
  readonly Of?: string;
  readonly State: { readonly Running: boolean; readonly Status: string };
  readonly Mounts?: readonly { readonly Type: string; readonly Name?: string }[] | null;
}

export interface Image extends Dated {
  readonly Id: string;
  readonly RepoTags?: readonly string[] | null;
  readonly RepoDigests?: readonly string[] | null;
  readonly Size: number;
}

export interface Network extends Dated {
  readonly Id: string;
  readonly Name: string;
  /** Those that run. */
  readonly Containers?: Readonly<Record<string, unknown>> | null;
  readonly Ingress?: boolean;
  readonly ConfigOnly?: boolean;
}

export interface Volume extends Dated {
  readonly Name: string;
  readonly Driver: string;
}

export interface CacheRecord {
  readonly ID: string;
  readonly CacheType: string;
  readonly InUse: boolean;
  readonly Shared: boolean;
}

export interface Objects {
  readonly problem: string | undefined;
  /** The host's clock, in milliseconds. */
  readonly now: number;
  /** Of the Engine's interface: `1.41`. */
  readonly api: string;
  /** It keeps its images in containerd, and prunes them by other rules. */
  readonly containerdStore: boolean;
  readonly containers: readonly Container[];
  readonly images: readonly Image[];
  readonly networks: readonly Network[];
  readonly volumes: readonly Volume[];
  readonly cache: readonly CacheRecord[];
}

const fields = (...pairs: readonly (readonly [string, string])[]) =>
  `{${pairs.map(([name, path]) => `"${name}":{{json ${path}}}`).join(',')}}`;

const same = (...names: readonly string[]) => names.map((name) => [name, `.${name}`] as const);

// Not all of its state: what its healthcheck has printed is among it.
const CONTAINER = `{"Id":{{json .Id}},"Name":{{json .Name}},"Image":{{json .Image}},"Created":{{json .Created}},"State":{"Running":{{json .State.Running}},"Status":{{json .State.Status}}},"Mounts":{{json .Mounts}},"Labels":{{json .Config.Labels}},"Of":{{json .Config.Image}}}`;
// An image that was imported has no configuration, and with the containerd store one may have no age.
const IMAGE = `{"Id":{{json .Id}},"RepoTags":{{json .RepoTags}},"RepoDigests":{{json .RepoDigests}},"Created":{{json (index . "Created")}},"Size":{{json .Size}}{{if .Config}},"Labels":{{json (index .Config "Labels")}}{{end}}}`;
const NETWORK = fields(...same('Id', 'Name', 'Created', 'Labels', 'Containers', 'Ingress', 'ConfigOnly'));
const VOLUME = fields(...same('Name', 'Driver', 'Labels'), ['Created', '.CreatedAt']);

/** Everything that might go, and all containers: what they use stays. */
export function probeObjects(p: PruneParams): Program {
  const docker = dockerCommand(socketOf(p));
  const inspected = (kind: string, list: readonly string[], format: string) => sh`
    echo ${`@@@ ${kind}`}
    ids=$(${docker} ${kind} ls ${['-q', ...list]})
    [ -z "$ids" ] || ${docker} ${kind} inspect --format ${format} $ids
  `;
  const some = p.containers || p.images || p.volumes;
  return lines(
    sh`
      if command -v docker >/dev/null; then
      echo '@@@ version'; date +%s; ${docker} version --format '{{.Server.APIVersion}}' 2>&1
    `,
    some && inspected('container', ['-a'], CONTAINER),
    p.images && sh`echo '@@@ store'; ${docker} info --format '{{json .DriverStatus}}' 2>/dev/null`,
    p.images && inspected('image', [], IMAGE),
    p.networks && inspected('network', ['--filter', 'type=custom'], NETWORK),
    p.volumes && inspected('volume', [], VOLUME),
    p.builder_cache &&
      sh`
        echo '@@@ cache'
        ${docker} system df -v --format '{{json .BuildCache}}'
      `,
    sh`else echo '@@@ none'; fi; :`,
  );
}

/** @throws {SlipwayError} task.failed where not all of it has come */
export function readObjects({ stdout, truncated }: Output): Objects {
  if (truncated)
    throw new SlipwayError('task.failed', 'the Engine has too much to tell', {
      hint: 'Prune less in one task: `containers`, `images`, `networks`, `volumes` and `builder_cache` each in its own.',
    });
  const sections = new Map<string, string[]>();
  for (const part of stdout.split(/^@@@ /m).slice(1)) {
    const [name = '', ...rest] = part.split('\n');
    sections.set(
      name,
      rest.filter((line) => line !== ''),
    );
  }
  const [seconds = '0', ...said] = sections.get('version') ?? [];
  const api = /^\d+\.\d+$/.exec(said.at(-1) ?? '')?.[0];
  const list = <T>(name: string): T[] => [
    ...new Map((sections.get(name) ?? []).map((line) => [line, JSON.parse(line) as T])).values(),
  ];
  const cache = sections.get('cache')?.[0];
  return {
    problem: api === undefined ? said.join(' ').trim() || NO_ENGINE : undefined,
    now: Number(seconds) * 1000,
    api: api ?? '',
    containerdStore:
      sections.get('store')?.some((line) => line.includes('io.containerd.snapshotter')) === true,
    containers: list('container'),
    images: list('image'),
    networks: list('network'),
    volumes: list('volume'),
    cache: cache === undefined ? [] : ((JSON.parse(cache) as CacheRecord[] | null) ?? []),
  };
}
