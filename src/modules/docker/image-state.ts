import type { Output } from '../../transport/types.ts';
import type { Gained } from './image-expected.ts';
import { likenessOf } from './image-likeness.ts';
import { canonicalName } from './image-names.ts';
import type { Runtime } from './image-probe.ts';
import { readStaged } from './stage.ts';

/** What a host has under one name. */
export interface HostImage {
  /** Docker: the layers' diff_ids. */
  readonly layers?: readonly string[];
  /** Docker: what it tells of the configuration. */
  readonly likeness?: string;
  /** Digests of configurations; several where the name stands for several platforms. */
  readonly configs: readonly string[];
  /** containerd, and Docker's containerd store: the digest that the name stands for. */
  readonly target?: string;
  /** containerd: the kubelet leaves it alone when it clears away what is not used. */
  readonly pinned?: boolean;
}

/** A file system. */
export interface Room {
  readonly mount: string;
  readonly free: number;
}

export interface HostImages {
  /** Undefined where neither is there yet. */
  readonly runtime: Runtime | undefined;
  /** What the runtime said when it could not be asked. */
  readonly problem: string | undefined;
  /** By name, as containerd writes it. */
  readonly images: ReadonlyMap<string, HostImage>;
  /** `x86_64`, where that matters. */
  readonly machine: string | undefined;
  /** containerd, also where Docker keeps its images there: what is in its content store of what was asked for. */
  readonly blobs: ReadonlySet<string>;
  /** Docker: where it keeps its images; only asked where some image is not as it should be. */
  readonly store?: 'classic' | 'containerd' | undefined;
  /** Docker's classic store: which stacks of layers it has, as `stackOf` names them. */
  readonly stacks: ReadonlySet<string> | undefined;
  /** Bytes that are staged, by the digest's hex; of those that are whole, and of those that were cut off. */
  readonly staged: ReadonlyMap<string, number>;
  /** Where the engine keeps its images, and where they are staged. */
  readonly room: { readonly engine: Room; readonly stage: Room } | undefined;
  /** Whether it was asked for layers and room. */
  readonly looked: boolean;
  /** In a dry run, what the tasks before bring. */
  readonly coming?: Coming;
}

export interface Coming {
  /** The engine itself, where there is none. */
  readonly runtime?: Runtime | undefined;
  readonly gained?: Gained | undefined;
  /** Whether more layers, or fewer, may be there than are named. */
  readonly unsure: boolean;
}

/** Docker knows a layer by all that lies below it. */
export const stackOf = (diffIds: readonly string[]): string => diffIds.join();

type Draft = {
  -readonly [K in keyof HostImages]: HostImages[K];
} & {
  readonly images: Map<string, HostImage>;
  readonly blobs: Set<string>;
  readonly staged: Map<string, number>;
  readonly rooms: Room[];
};

const list = (text: string | undefined): readonly string[] =>
  (JSON.parse(text ?? 'null') as string[] | null) ?? [];

/** Names, id, layers; when it was made, and its configuration. */
const DOCKER = /^(\[.*?\]|null) (\S+) (\[\S*\]|null)(?: (?:"(.*?)"|null) (\{.*\}|null))?$/;

function dockerLine(rest: string, { images }: Draft): void {
  const [, tags, id = '', layers, created, config] = DOCKER.exec(rest) ?? [];
  const likeness = config && likenessOf(created, JSON.parse(config) as Record<string, unknown> | null);
  // In the classic store the id is the digest of the configuration, in containerd's that of the manifest or index.
  const image = { configs: [id], target: id, layers: list(layers), ...(likeness && { likeness }) };
  for (const tag of list(tags)) images.set(canonicalName(tag), image);
}

function tagLine(rest: string, { images }: Draft): void {
  const [name = '', target = ''] = rest.split(' ');
  const pinned = /\bio\.cri-containerd\.pinned=pinned\b/.test(rest);
  images.set(name, { configs: images.get(name)?.configs ?? [], target, pinned });
}

function manifestLine(rest: string, { images }: Draft): void {
  const [, name = '', text = ''] = /^(\S+) (.*)$/.exec(rest) ?? [];
  const config = /"config"\s*:\s*\{[^}]*"digest"\s*:\s*"(sha256:[0-9a-f]{64})"/.exec(text)?.[1];
  if (config === undefined) return;
  const known = images.get(name);
  images.set(name, { ...known, configs: [...(known?.configs ?? []), config] });
}

function criLine(rest: string, { images }: Draft): void {
  if (!rest.startsWith('{')) return;
  const { images: found = [] } = JSON.parse(rest) as { images?: { id: string; repoTags?: string[] }[] };
  for (const { id, repoTags = [] } of found)
    for (const tag of repoTags) {
      const known = images.get(canonicalName(tag));
      if ((known?.configs.length ?? 0) === 0) images.set(canonicalName(tag), { ...known, configs: [id] });
    }
}

function storeLine(rest: string, draft: Draft): void {
  draft.store = rest.includes('io.containerd.snapshotter') ? 'containerd' : 'classic';
  if (draft.store === 'classic') draft.stacks ??= new Set();
}

function layersLine(rest: string, { stacks }: Draft): void {
  const layers = list(rest);
  for (let n = 1; n <= layers.length; n++)
    (stacks as Set<string> | undefined)?.add(stackOf(layers.slice(0, n)));
}

/** A line of `df -Pk` or of `wc -c`. */
function roomLine(line: string, { rooms, staged }: Draft): void {
  const [, free, mount] = /^\S.*?\s\d+\s+\d+\s+(-?\d+)\s+\S+\s+(\/.*)$/.exec(line) ?? [];
  if (free !== undefined) return void rooms.push({ mount: mount!, free: Number(free) * 1024 });
  const found = readStaged(line);
  if (found) staged.set(found.hex, found.size);
}

const READERS: Readonly<Record<string, (rest: string, draft: Draft) => void>> = {
  runtime: (rest, draft) => void (draft.runtime = rest as Runtime),
  problem: (rest, draft) => void (draft.problem = rest.trim()),
  machine: (rest, draft) => void (draft.machine = rest),
  docker: dockerLine,
  tag: tagLine,
  manifest: manifestLine,
  cri: criLine,
  blob: (rest, { blobs }) => void blobs.add(rest),
  store: storeLine,
  layers: layersLine,
};

export function readImages(output: Output): HostImages {
  const draft: Draft = {
    runtime: undefined,
    problem: undefined,
    images: new Map(),
    machine: undefined,
    blobs: new Set(),
    stacks: undefined,
    staged: new Map(),
    room: undefined,
    looked: false,
    rooms: [],
  };
  for (const line of output.stdout.split('\n')) {
    const [word = ''] = line.split(' ', 1);
    if (draft.looked) roomLine(line, draft);
    else if (line === 'room') draft.looked = true;
    else READERS[word]?.(line.slice(word.length + 1), draft);
  }
  const { rooms, ...state } = draft;
  const [engine, stage] = rooms;
  return { ...state, room: engine && stage && { engine, stage } };
}
