import { bytesText } from '../../base/bytes.ts';
import { always, change, type Difference, impossible, same, type Verdict } from '../../module/contract.ts';
import type { LoadPlan } from './docker-image-load.ts';
import { compareImages } from './image-compare.ts';
import { type Current, type Image, namesOf, type Ready, remoteName } from './docker-image-state.ts';
import { NO_ENGINE, unanswered } from './engine/presence.ts';
import { canonicalName, familiarName } from './image-names.ts';

export type Step = 'load' | 'build' | 'pull' | 'tag' | 'save' | 'push' | 'remove';

/** What is to be done, in this order. */
export interface Todo {
  readonly steps: readonly Step[];
  readonly load?: LoadPlan | undefined;
  /** What travels from the controller, and what of a tar need not. */
  readonly bytes: number;
  readonly saved: number;
}

interface Part {
  readonly step: Step;
  readonly why: string;
  readonly diff: readonly Difference[];
}

/** The label by which a built image tells what it was built of. */
export const BUILD_LABEL = 'slipway.build';

export function compare(current: Current, ready: Ready): Verdict<Todo> {
  const { problem } = current;
  // Nothing can be where nothing could hold it.
  if (ready.absent && problem === NO_ENGINE) return same(NO_ENGINE);
  if (problem !== undefined) return unanswered(problem, ready.socket);
  if (ready.absent) return compareAbsent(current, ready);
  const own = current.images.get(ready.name ?? '');
  if (ready.source === 'local' && own === undefined)
    return impossible(
      `there is no image ${ready.name}`,
      'Say where it comes from: `source: pull`, `build` or `load`.',
    );
  const loading = ready.loading && compareImages(current.host!, ready.loading);
  if (loading?.verdict === 'impossible') return loading;
  const origin = originOf(current, ready, loading);
  const parts = [
    origin,
    tagPart(current, ready, origin !== undefined),
    savePart(current, ready, origin !== undefined),
    pushPart(current, ready, origin !== undefined),
  ].filter((part) => part !== undefined);
  if (parts.length === 0) return same(settled(ready));
  const plan = loading?.verdict === 'change' ? loading.change : undefined;
  const { build, force, source } = ready;
  const todo: Todo = {
    steps: parts.map(({ step }) => step),
    load: plan,
    bytes: plan?.bytes ?? (origin?.step === 'build' ? build!.context.size : 0),
    saved: plan?.saved ?? 0,
  };
  const why = parts.map((part) => part.why).join('; ');
  const diff = parts.flatMap((part) => part.diff);
  return source === 'build' && force ? always(why, diff, todo) : change(why, diff, todo);
}

function compareAbsent({ images }: Current, { name }: Ready): Verdict<Todo> {
  const image = images.get(name!);
  if (image === undefined) return same(`there is no ${name}`);
  return change(`${name} is there`, [{ subject: name!, before: short(image.Id) }], {
    steps: ['remove'],
    bytes: 0,
    saved: 0,
  });
}

function settled(ready: Ready): string {
  const { loading, archive, push } = ready;
  const names = namesOf(ready);
  const there =
    loading && names.length > 1 ? `all ${names.length} images are there` : `${names.join(' and ')} is there`;
  const more = [archive !== undefined && `in ${archive}`, push && 'in the registry'].filter(Boolean);
  return more.length === 0 ? there : `${there}, ${more.join(' and ')}`;
}

/** Whether, and how, the image itself comes or changes. */
function originOf(current: Current, ready: Ready, loading: Verdict<LoadPlan> | undefined): Part | undefined {
  if (loading?.verdict === 'change') return loadPart(loading);
  if (ready.build) return buildPart(current, ready);
  return ready.source === 'pull' ? pullPart(current, ready) : undefined;
}

function loadPart({ why, diff }: { readonly why: string; readonly diff: readonly Difference[] }): Part {
  return {
    step: 'load',
    why,
    diff: diff.map((one) => ({ ...one, subject: familiarName(one.subject) })),
  };
}

function buildPart({ images }: Current, ready: Ready): Part | undefined {
  const { params, context, label } = ready.build!;
  const image = images.get(ready.name!);
  const built = image?.Config?.Labels?.[BUILD_LABEL];
  const fine = image !== undefined && (params.rebuild === 'never' || built === label);
  if (fine && !ready.force) return undefined;
  const why =
    image === undefined
      ? `there is no ${ready.name}`
      : built === label
        ? '`force_source`'
        : built === undefined
          ? `${ready.name} was built of something unknown`
          : `${ready.name} was built of something else`;
  const after = `built of ${context.files.length} files in ${context.path} (${bytesText(context.size)})`;
  return {
    step: 'build',
    why: `${why}: to be ${after}`,
    diff: [{ subject: ready.name!, before: short(image?.Id), after, open: true }],
  };
}

function pullPart({ images, registry }: Current, ready: Ready): Part | undefined {
  const image = images.get(ready.name!);
  if (image !== undefined && !ready.force) return undefined;
  if (image !== undefined && registry?.digest !== undefined && knows(image, ready.name!, registry.digest))
    return undefined;
  const after = registry?.digest === undefined ? 'as the registry has it' : short(registry.digest);
  return {
    step: 'pull',
    why:
      image === undefined
        ? `there is no ${ready.name}`
        : `the registry has another ${ready.name}${trouble(registry)}`,
    diff: [{ subject: ready.name!, before: short(image?.Id), after, open: registry?.digest === undefined }],
  };
}

function tagPart({ images }: Current, ready: Ready, renewed: boolean): Part | undefined {
  const { repository, name } = ready;
  if (repository === undefined || repository === name) return undefined;
  const image = images.get(name!);
  const tagged = images.get(repository);
  if (tagged !== undefined && !renewed && tagged.Id === image?.Id) return undefined;
  return {
    step: 'tag',
    why: tagged === undefined ? `${name} is not called ${repository}` : `${repository} is another image`,
    diff: [{ subject: repository, before: short(tagged?.Id), after: `the same as ${name}` }],
  };
}

function savePart({ images, archive }: Current, ready: Ready, renewed: boolean): Part | undefined {
  const { archive: file, name } = ready;
  if (file === undefined) return undefined;
  const id = images.get(name!)?.Id.replace('sha256:', '');
  const holds =
    archive !== undefined && id !== undefined && archive.includes(id) && archive.includes(`"${name}"`);
  if (holds && !renewed) return undefined;
  return {
    step: 'save',
    why: archive === undefined ? `there is no ${file}` : `${file} holds something else`,
    diff: [
      {
        subject: file,
        before: archive === undefined ? undefined : 'something else',
        after: `${name}, saved`,
      },
    ],
  };
}

function pushPart({ images, registry }: Current, ready: Ready, renewed: boolean): Part | undefined {
  const target = ready.push ? remoteName(ready) : undefined;
  if (target === undefined) return undefined;
  const image = images.get(target) ?? images.get(ready.name!);
  const digest = registry?.digest;
  if (!renewed && digest !== undefined && image !== undefined && knows(image, target, digest))
    return undefined;
  return {
    step: 'push',
    why: `the registry has ${digest === undefined ? 'no' : 'another'} ${target}${trouble(registry)}`,
    diff: [
      {
        subject: `${target} in the registry`,
        before: short(digest),
        after: short(image?.Id) ?? 'as it is built',
      },
    ],
  };
}

/** Whether an image is the one that a registry has under this digest. */
export function knows({ RepoDigests }: Pick<Image, 'RepoDigests'>, name: string, digest: string): boolean {
  const repository = canonicalName(name).replace(/[:@][^/]*$/, '');
  return (RepoDigests ?? []).some((known) => {
    const [of = '', is] = known.split('@');
    return is === digest && canonicalName(of).replace(/:[^/]*$/, '') === repository;
  });
}

/** What stood in the way of asking; that there is none is an answer. */
function trouble(registry: Current['registry']): string {
  if (registry === undefined || registry.status === 200 || registry.status === 404) return '';
  return ` (it could not be asked: ${registry.message ?? registry.status})`;
}

const short = (digest: string | undefined) => digest?.slice(0, 19);
