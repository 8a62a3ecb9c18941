import path from 'node:path';
import { bytesText } from '../../base/bytes.ts';
import { counted } from '../../base/counted.ts';
import { change, type Difference, impossible, same, type Verdict } from '../../module/contract.ts';
import type { LoadSettings } from './image-load.ts';
import { crampedBy, isThere, type Lacking, type LoadPlan, planLoads, type TarLoad } from './image-plan.ts';
import { choose, hasPlatforms, ofSeveral, platformOf, type Unfit } from './image-platform.ts';
import type { Question, Runtime } from './image-probe.ts';
import type { HostImages } from './image-state.ts';
import type { ImageTar, TarImage } from './image-content.ts';

/** What is wanted of a host. */
export interface Ready extends LoadSettings {
  readonly tars: readonly ImageTar[];
  readonly runtime: Runtime | 'auto';
}

export const tagsOf = (tars: readonly ImageTar[]): string[] => [
  ...new Set(tars.flatMap((tar) => tar.images.flatMap((image) => image.tags))),
];

export function questionOf({ tars, runtime, namespace, platform }: Ready): Question {
  const images = tars.flatMap((tar) => tar.images);
  const several = ofSeveral(tars);
  const digests = images.flatMap((image) =>
    several.has(image) ? [image.config] : [image.config, image.target.digest],
  );
  return {
    runtime,
    namespace,
    names: tagsOf(tars),
    // An index says nothing of the one platform that was asked for.
    right: platform === undefined ? [...new Set(digests)] : [],
    blobs: [
      ...new Set(images.flatMap(({ config, blobs }) => [config, ...blobs.map(({ digest }) => digest)])),
    ],
    platforms: platform === undefined && hasPlatforms(tars),
  };
}

interface Chosen {
  readonly images: readonly TarImage[];
  readonly unfit: Unfit | undefined;
}

/** The images for the host's platform. */
export function chosenOf(current: HostImages, ready: Ready): Chosen {
  const wanted = ready.platform ?? (current.machine && platformOf(current.machine));
  const all = ready.tars.map(({ images }) => choose(images, wanted, ready.platform !== undefined));
  return {
    images: all.flatMap(({ images }) => images),
    unfit: all.find(({ unfit }) => unfit !== undefined)?.unfit,
  };
}

export function compareImages(current: HostImages, ready: Ready): Verdict<LoadPlan> {
  const into = current.runtime ?? current.coming?.runtime;
  if (into === undefined) return noEngine(ready);
  if (current.problem !== undefined) return silent(into, current.problem);
  if (ready.pinned !== undefined && into === 'docker')
    return impossible('Docker pins no images', 'Leave `pinned` out: Docker clears none away by itself.');
  const { images, unfit } = chosenOf(current, ready);
  if (unfit !== undefined) return noPlatform(unfit, current, ready);
  const lacking = lackingOf(images, current, ready);
  const pins = ready.pinned === undefined ? [] : pinsOf(current, ready);
  if (lacking.length === 0 && pins.length === 0)
    return same(`all ${tagsOf(ready.tars).length} tags are there`);
  const plan = planLoads(into, lacking, current, pins);
  const cramped = crampedBy(plan, current, ready.distribute);
  if (cramped !== undefined)
    return impossible(
      `${cramped.mount} has ${bytesText(cramped.free)} free, and loading takes ${bytesText(cramped.needed)}`,
      'Make room there (`crictl rmi --prune`, `docker image prune`).',
    );
  const yet = current.runtime === undefined ? `${into} is not there yet; ` : '';
  return change(
    `${yet}${summaryOf(plan)}`,
    [...loadDiff(plan, current), ...pins.map((name) => pinDiff(name, ready))],
    plan,
  );
}

function noEngine({ runtime }: Ready): Verdict<LoadPlan> {
  const what = {
    auto: 'neither Docker nor containerd',
    docker: 'no Docker Engine',
    containerd: 'no containerd',
  };
  return impossible(
    `there is ${what[runtime]}`,
    `Install it first (\`apt: {name: ${runtime === 'docker' ? 'docker.io' : 'containerd'}}\`).`,
  );
}

function silent(runtime: Runtime, problem: string): Verdict<LoadPlan> {
  if (/permission denied/i.test(problem))
    return impossible(`${runtime} refuses this user: ${problem}`, 'Set become: true.');
  return impossible(
    `${runtime} does not answer: ${problem.trim()}`,
    `Start it (\`systemd: {name: ${runtime}, state: started}\`), or see \`journalctl -u ${runtime}\` there.`,
  );
}

function noPlatform({ tag, platforms }: Unfit, current: HostImages, ready: Ready): Verdict<LoadPlan> {
  const wanted = ready.platform ?? platformOf(current.machine ?? '');
  return impossible(
    `${tag} is not there for ${wanted}: the tar has ${platforms.join(', ')}`,
    'Save it for that platform, too, or name one that it has (`platform`).',
  );
}

function lackingOf(images: readonly TarImage[], current: HostImages, ready: Ready): Lacking[] {
  const several = ofSeveral(ready.tars);
  return ready.tars.flatMap((tar) => {
    const wanted = tar.images
      .filter((image) => images.includes(image))
      .map((image) => ({
        image,
        tags: image.tags.filter(
          (tag) => !isThere(image, tag, current, ready.platform !== undefined || several.has(image)),
        ),
      }))
      .filter(({ tags }) => tags.length > 0);
    return wanted.length > 0 ? [{ tar, images: wanted }] : [];
  });
}

const pinsOf = ({ images }: HostImages, { tars, pinned }: Ready) =>
  tagsOf(tars).filter((tag) => (images.get(tag)?.pinned ?? false) !== pinned);

const pinDiff = (name: string, { pinned }: Ready): Difference => ({
  subject: `${name} pinned`,
  before: pinned ? 'no' : 'yes',
  after: pinned ? 'yes' : 'no',
});

function summaryOf({ loads, pins, bytes, saved, sure }: LoadPlan): string {
  const parts: string[] = [];
  const images = loads.reduce((sum, load) => sum + load.images.length, 0);
  if (images > 0) parts.push(`${counted(images, 'image')} to load`);
  if (images > 0) parts.push(`${sure ? '' : 'at most '}${bytesText(bytes)} to send`);
  if (saved > 0) parts.push(`${sure ? '' : 'at least '}${bytesText(saved)} are there already`);
  if (images === 0) parts.push(`${counted(pins.length, 'image')} to pin or to let go`);
  return parts.join(', ');
}

function loadDiff({ loads }: LoadPlan, current: HostImages): Difference[] {
  const short = (digest: string | undefined) => digest?.slice(0, 19);
  return loads.flatMap((load) =>
    load.images.flatMap(({ image, tags }) =>
      tags.map((tag) => {
        const before = current.images.get(tag);
        return {
          subject: tag,
          before: short(before?.configs[0] ?? before?.target),
          after: `${short(image.config)} from ${path.basename(load.tar.path)} (${sizeOf(image, load)})`,
        };
      }),
    ),
  );
}

/** How much of an image is sent, and how much is left out. */
function sizeOf({ blobs }: TarImage, { layers }: TarLoad): string {
  const sent = new Set(layers.map(({ digest }) => digest));
  const of = (list: typeof blobs) => bytesText(list.reduce((sum, { size }) => sum + size, 0));
  const there = blobs.filter(({ digest }) => !sent.has(digest));
  const missing = of(blobs.filter(({ digest }) => sent.has(digest)));
  return there.length > 0 ? `${missing}, and ${of(there)} are there` : missing;
}
