import { type Pack, packImages, type Wanted } from './image-pack.ts';
import type { Runtime } from './image-probe.ts';
import { type HostImages, type Room, stackOf } from './image-state.ts';
import type { ImageTar, Layer, TarImage } from './image-content.ts';

/** What one tar contributes. */
export interface TarLoad {
  readonly tar: ImageTar;
  readonly images: readonly Wanted[];
  /** Layers that the host lacks, the biggest part of which may be staged already. */
  readonly layers: readonly Layer[];
  /** Layers that are left out, since the engine has them. */
  readonly there: readonly Layer[];
  readonly pack: Pack;
}

export interface LoadPlan {
  readonly runtime: Runtime;
  readonly loads: readonly TarLoad[];
  /** Names whose pinning is to change. */
  readonly pins: readonly string[];
  /** Bytes that travel. */
  readonly bytes: number;
  /** Bytes of layers that are left out, or are staged already. */
  readonly saved: number;
  /** Whether that many it is: in a dry run it may be fewer that travel, and more that are there. */
  readonly sure: boolean;
  /** Bytes that came from other hosts, counted while it is done. */
  readonly fetched: { bytes: number };
}

export function isThere(
  image: TarImage,
  tag: string,
  { images, blobs, store }: HostImages,
  fixed: boolean,
): boolean {
  const found = images.get(tag);
  if (found === undefined) return false;
  const layered = found.layers?.length !== 0 && found.layers?.join() === image.layers.join();
  // An index stands for all platforms: whether the one that was asked for is there, only its content tells.
  if (found.target === image.target.digest) return !fixed || layered || blobs.has(image.config);
  if (found.configs.includes(image.config)) return true;
  // Docker's containerd store knows a pulled image by another digest, and does not tell that of its configuration.
  return store !== 'classic' && layered && found.likeness === image.likeness;
}

/** Whether an engine knows a layer by its blob; Docker's classic store does by all that lies below it. */
export const isByBlob = (runtime: Runtime, store: HostImages['store']): boolean =>
  runtime === 'containerd' || store === 'containerd';

const keyOf = (byBlob: boolean, { blobs, layers }: TarImage, at: number): string =>
  byBlob ? blobs[at]!.digest : stackOf(layers.slice(0, at + 1));

/** By what an engine knows the layers of an image. */
export const keysOf = (byBlob: boolean, image: TarImage): string[] =>
  image.blobs.map((_, at) => keyOf(byBlob, image, at));

/** What the engine has of images' layers, and what it will have when the loads before are done. */
class Known {
  readonly #byBlob: boolean;
  readonly #keys: Set<string> | undefined;
  /** How a Docker that is still to come will keep its layers, nobody knows. */
  readonly #guessed: boolean;
  readonly #unsure: boolean;

  constructor(runtime: Runtime, { blobs, stacks, store, coming }: HostImages) {
    this.#byBlob = isByBlob(runtime, store);
    this.#guessed = runtime === 'docker' && coming?.runtime === 'docker';
    this.#unsure = coming?.unsure ?? false;
    const there = this.#byBlob ? blobs : stacks;
    if (there !== undefined || this.#guessed)
      this.#keys = new Set([...(there ?? []), ...(coming?.gained?.layers ?? [])]);
  }

  /** @returns undefined where it is not known */
  has(image: TarImage, at: number): boolean | undefined {
    if (this.#unsure) return undefined;
    const there = this.#keys?.has(keyOf(this.#byBlob, image, at)) ?? false;
    return there && this.#guessed ? undefined : there;
  }

  learn(image: TarImage): void {
    for (const key of keysOf(this.#byBlob, image)) this.#keys?.add(key);
  }
}

export interface Lacking {
  readonly tar: ImageTar;
  readonly images: readonly Wanted[];
}

export function planLoads(
  runtime: Runtime,
  lacking: readonly Lacking[],
  current: HostImages,
  pins: readonly string[],
): LoadPlan {
  const known = new Known(runtime, current);
  let bytes = 0;
  let saved = 0;
  let sure = true;
  const loads = lacking.map(({ tar, images }): TarLoad => {
    const send = new Map<string, Layer>();
    const there = new Map<string, Layer>();
    for (const { image } of images)
      image.blobs.forEach((layer, at) => {
        const has = known.has(image, at);
        if (has === undefined) sure = false;
        (has ? there : send).set(layer.digest, layer);
      });
    for (const { image } of images) known.learn(image);
    for (const digest of send.keys()) there.delete(digest);
    const layers = [...send.values()];
    const pack = packImages(images, layers);
    const staged = sum(layers, (layer) => stagedOf(layer, current));
    const big = sum(layers, (layer) => (layer.bytes ? 0 : layer.size));
    bytes += pack.frame.length + big - staged;
    saved += sum([...there.values()], ({ size }) => size) + staged;
    return { tar, images, layers, there: [...there.values()], pack };
  });
  return { runtime, loads, pins, bytes, saved, sure, fetched: { bytes: 0 } };
}

const sum = <T>(list: readonly T[], of: (one: T) => number) =>
  list.reduce((total, one) => total + of(one), 0);

function stagedOf({ digest, size, bytes }: Layer, { staged }: HostImages): number {
  return bytes ? 0 : Math.min(size, staged.get(digest.slice(7)) ?? 0);
}

/** A file system without the room that a load takes. */
export interface Cramped extends Room {
  readonly needed: number;
}

/**
 * Staged is one tar after the other, in a tree all that others may ask for; the engine keeps what it gets for as long as it unpacks it, and what comes out of
 * it for good. What is left out is unpacked already.
 */
export function crampedBy(
  { loads, sure }: LoadPlan,
  current: HostImages,
  distribute: 'direct' | 'tree',
): Cramped | undefined {
  const { room } = current;
  if (room === undefined || !sure) return undefined;
  const stagings = loads.map(
    ({ layers, pack }) => pack.frame.length + sum(layers, (l) => l.size - stagedOf(l, current)),
  );
  const staging = distribute === 'tree' ? sum(stagings, (n) => n) : Math.max(0, ...stagings);
  const engine = sum(loads, ({ layers }) => sum(layers, ({ size, unpacked }) => size + unpacked));
  const { engine: store, stage } = room;
  if (store.mount === stage.mount) return judge(store, engine + staging);
  return judge(store, engine) ?? judge(stage, staging);
}

const judge = (room: Room, needed: number) => (needed > room.free ? { ...room, needed } : undefined);
