import type { Effect, Outlook, Subject } from '../../module/outlook.ts';
import { Unclear } from '../../module/outlook.ts';
import { BUILD_LABEL, type Todo } from './docker-image-compare.ts';
import { type Current, type Image, namesOf, type Ready, remoteName } from './docker-image-state.ts';
import { ENGINE, isComing } from './engine/presence.ts';
import {
  type ExpectedImage,
  type Gained,
  GONE,
  imageSubject,
  layersSubject,
  THERE,
  UNSURE,
} from './image-expected.ts';
import { canonicalName } from './image-names.ts';
import { foreseeImages, imageEffects, touchesImages } from './image-outlook.ts';

const LAYERS = layersSubject('docker');

/** What the registry has under the name: another thing than what the host has. */
const remoteSubject = (name: string): Subject => `image:${canonicalName(name)} in its registry`;

const isId = (name: string | undefined) => name?.startsWith('sha256:') === true;

export function touches(ready: Ready): Subject[] {
  const { archive, push } = ready;
  const subjects = [...touchedImages(ready)];
  if (archive !== undefined) subjects.push(`path:${archive}`);
  if (push) subjects.push(remoteSubject(remoteName(ready)!));
  return subjects;
}

function touchedImages({ absent, source, name, repository, loading }: Ready): Subject[] {
  // With an id all its names go.
  if (absent) return [isId(name) ? 'image:' : imageSubject(name!), LAYERS];
  const tagged = repository === undefined ? [] : [imageSubject(repository)];
  if (loading) return [...touchesImages(loading), ...tagged];
  return source === 'local' ? tagged : [imageSubject(name!), LAYERS, ...tagged];
}

export const reads = (ready: Ready): Subject[] => [
  ...namesOf(ready).map((name) => imageSubject(name)),
  ...ENGINE,
];

export function effects({ steps }: Todo, current: Current, ready: Ready): Effect[] {
  const { name, loading, repository, archive } = ready;
  const left = new Map<Subject, unknown>();
  if (steps.includes('load'))
    for (const { subject, state } of imageEffects(current.host!, loading!)) left.set(subject, state);
  for (const step of steps) {
    if (step === 'build') left.set(imageSubject(name!), builtOf(ready));
    if (step === 'pull') left.set(imageSubject(name!), THERE);
    if (step === 'build' || step === 'pull') left.set(LAYERS, UNSURE(current.gained));
    if (step === 'tag') {
      const known = left.get(imageSubject(name!)) as ExpectedImage | undefined;
      left.set(imageSubject(repository!), known ?? expectedOf(current.images.get(name!)));
    }
    if (step === 'remove') for (const [subject, state] of goneOf(current, name!)) left.set(subject, state);
    if (step === 'save') left.set(`path:${archive!}`, undefined);
    if (step === 'push') left.set(remoteSubject(remoteName(ready)!), undefined);
  }
  return [...left].map(([subject, state]) => (state === undefined ? { subject } : { subject, state }));
}

const builtOf = ({ build }: Ready): ExpectedImage => ({
  settings: { Labels: { ...build!.params.labels, [BUILD_LABEL]: build!.label } },
});

function expectedOf(image: Image | undefined): ExpectedImage {
  if (image === undefined || image.Id === '') return THERE;
  const [layers, digests] = [image.RootFS?.Layers, image.RepoDigests];
  return {
    id: image.Id,
    settings: image.Config ?? undefined,
    ...(layers && { layers }),
    ...(digests && { digests }),
  };
}

/** A name, or with the last one (or an id) the image itself, and layers that no other one has. */
function goneOf({ images, gained }: Current, name: string): [Subject, unknown][] {
  const { Id, RepoTags } = images.get(name)!;
  const names = isId(name) ? [Id, ...(RepoTags ?? [])] : [name];
  const gone = names.map((one): [Subject, unknown] => [imageSubject(one), GONE]);
  const last = isId(name) || (RepoTags ?? []).length <= 1;
  return last ? [...gone, [LAYERS, UNSURE(gained)]] : gone;
}

export function foresee(current: Current, ready: Ready, outlook: Outlook): Current | Unclear {
  if (isComing(current.problem, outlook)) return foresee({ ...current, problem: undefined }, ready, outlook);
  const images = new Map(current.images);
  const host = ready.loading && foreseeImages(current.host!, ready.loading, outlook);
  if (host instanceof Unclear) return host;
  let open: string | undefined;
  for (const name of namesOf(ready)) {
    const then = outlook.concerning([imageSubject(name)]);
    if (then === undefined) continue;
    const state = then.state as ExpectedImage | undefined;
    if (state === undefined) return new Unclear(then.by);
    if (state === null) images.delete(name);
    else if (state.id === undefined || images.get(name)?.Id !== state.id)
      images.set(name, imageOf(state, name));
    if (state?.id === undefined && state !== null) open = then.by;
  }
  const remote = remoteName(ready);
  const others: Subject[] = [];
  if (ready.archive !== undefined) others.push(`path:${ready.archive}`);
  if (remote !== undefined) others.push(remoteSubject(remote));
  const other = outlook.concerning(others);
  if (other) return new Unclear(other.by);
  const gained = outlook.of(LAYERS)?.state as Gained | undefined;
  const seen: Current = { ...current, images, host, gained };
  return open !== undefined && !isPlain(seen, ready) ? new Unclear(open) : seen;
}

/** Whether the verdict, and all that is to be done, hangs on no id. */
function isPlain({ images, archive, registry }: Current, ready: Ready): boolean {
  const { source, absent, force, repository, name, push, build } = ready;
  if (absent) return true;
  if (source === 'load' || force) return false;
  if (build && build.params.rebuild !== 'never' && !images.get(name!)?.Config) return false;
  const tagged = repository === undefined || repository === name || !images.has(repository);
  const saved = ready.archive === undefined || archive === undefined;
  return tagged && saved && (!push || registry?.digest === undefined);
}

type Known = NonNullable<ExpectedImage>;

const imageOf = ({ id = '', layers, settings, digests }: Known, name: string): Image => ({
  Id: id,
  RepoTags: [name],
  ...(digests && { RepoDigests: digests }),
  ...(layers && { RootFS: { Layers: layers } }),
  ...(settings && { Config: settings }),
});
