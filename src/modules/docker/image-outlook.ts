import { type Effect, type Outlook, type Subject, Unclear } from '../../module/outlook.ts';
import { ENGINE } from './engine/presence.ts';
import { chosenOf, type Ready, tagsOf } from './image-compare.ts';
import type { TarImage } from './image-content.ts';
import {
  type ExpectedImage,
  type Gained,
  imageSubject,
  layersSubject,
  type Store,
} from './image-expected.ts';
import { isByBlob, keysOf } from './image-plan.ts';
import type { Runtime } from './image-probe.ts';
import type { HostImage, HostImages } from './image-state.ts';

/** What brings containerd, or starts it. Docker's packages bring it, too. */
const CONTAINERD: readonly Subject[] = [
  ...ENGINE.filter((subject) => subject.startsWith('package:')),
  'package:containerd',
  'package:containerd.io',
  'unit:containerd.service',
];

const COMES: Readonly<Record<Runtime, readonly Subject[]>> = { docker: ENGINE, containerd: CONTAINERD };

const storeOf = (runtime: Runtime, { namespace }: Ready): Store =>
  runtime === 'docker' ? 'docker' : `containerd ${namespace}`;

const runtimesOf = ({ runtime }: Ready): readonly Runtime[] =>
  runtime === 'auto' ? ['docker', 'containerd'] : [runtime];

export const readsImages = (ready: Ready): readonly Subject[] => [
  ...new Set(runtimesOf(ready).flatMap((runtime) => COMES[runtime])),
];

export function touchesImages(ready: Ready): Subject[] {
  const stores = runtimesOf(ready).map((runtime) => storeOf(runtime, ready));
  return stores.flatMap((store) => [
    ...tagsOf(ready.tars).map((tag) => imageSubject(tag, store)),
    ...ready.tars
      .flatMap((tar) => tar.images.flatMap((image) => idsOf(image, store)))
      .map((id) => imageSubject(id)),
    layersSubject(store),
  ]);
}

/** Docker knows images by their digests, too. */
const idsOf = ({ config, target }: TarImage, store: Store): string[] =>
  store === 'docker' ? [...new Set([config, target.digest])] : [];

/** What a load leaves behind: names, and the layers that come with them. */
export function imageEffects(current: HostImages, ready: Ready): Effect[] {
  const runtime = current.runtime ?? current.coming?.runtime;
  if (runtime === undefined) return [];
  const store = storeOf(runtime, ready);
  const { images } = chosenOf(current, ready);
  // With the containerd store Docker calls an image by its manifest.
  const byTarget = runtime === 'docker' && current.store === 'containerd';
  const named = images.flatMap((image) =>
    [...image.tags, ...idsOf(image, store)].map((one): Effect => {
      // A name keeps its label when it gets another image.
      const pinned = ready.pinned ?? current.images.get(one)?.pinned ?? false;
      return { subject: imageSubject(one, store), state: { ...expectedOf(image, byTarget), pinned } };
    }),
  );
  const { gained, unsure = false } = current.coming ?? {};
  const content = images.flatMap((image) => [
    ...keysOf(isByBlob(runtime, current.store), image),
    image.config,
  ]);
  const layers: Gained = { layers: new Set([...(gained?.layers ?? []), ...content]), sure: !unsure };
  return [...named, { subject: layersSubject(store), state: layers }];
}

function expectedOf(image: TarImage, byTarget: boolean): NonNullable<ExpectedImage> {
  const { config, settings, layers, target } = image;
  return { id: byTarget ? target.digest : config, config, settings, layers, target: target.digest };
}

/** The images and layers as the tasks before would have left them. */
export function foreseeImages(found: HostImages, ready: Ready, outlook: Outlook): HostImages | Unclear {
  const current = withEngine(found, ready, outlook);
  const runtime = current.runtime ?? current.coming?.runtime;
  if (runtime === undefined) return current;
  const store = storeOf(runtime, ready);
  const images = new Map(current.images);
  let touched = false;
  for (const tag of chosenOf(current, ready).images.flatMap(({ tags }) => tags)) {
    const then = outlook.concerning([imageSubject(tag, store)]);
    if (then === undefined) continue;
    const state = then.state as ExpectedImage | undefined;
    if (state !== null && !isKnown(state, ready)) return new Unclear(then.by);
    touched = true;
    if (state === null) images.delete(tag);
    else images.set(tag, hostImageOf(state));
  }
  const then = outlook.of(layersSubject(store));
  const gained = then?.state as Gained | undefined;
  // Where all was as it should be, nobody asked for layers.
  const blind = touched && !current.looked && current.runtime !== undefined;
  const unsure = blind || (then !== undefined && !gained?.sure);
  const blobs = new Set([...current.blobs, ...(gained?.layers ?? [])]);
  return { ...current, images, blobs, coming: { ...current.coming, gained, unsure } };
}

function isKnown(state: ExpectedImage | undefined, { pinned }: Ready): state is NonNullable<ExpectedImage> {
  if (state?.id === undefined) return false;
  return pinned === undefined || state.pinned !== undefined;
}

const hostImageOf = ({ id, config, layers, target, pinned }: NonNullable<ExpectedImage>): HostImage => ({
  configs: [config, id].filter((one) => one !== undefined),
  ...(layers && { layers }),
  ...(target !== undefined && { target }),
  ...(pinned !== undefined && { pinned }),
});

/** An engine that an earlier task brings has nothing yet; with `auto`, Docker is taken as soon as it is there. */
function withEngine(current: HostImages, ready: Ready, outlook: Outlook): HostImages {
  for (const runtime of runtimesOf(ready)) {
    if (current.runtime === runtime) return current;
    const packages = COMES[runtime].filter((subject) => subject.startsWith('package:'));
    if (outlook.concerning(packages)) return { ...current, ...NOTHING, coming: { runtime, unsure: false } };
  }
  return current;
}

const NOTHING: Pick<HostImages, 'runtime' | 'problem' | 'images' | 'blobs' | 'stacks' | 'room'> = {
  runtime: undefined,
  problem: undefined,
  images: new Map(),
  blobs: new Set(),
  stacks: undefined,
  room: undefined,
};
