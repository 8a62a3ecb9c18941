import type { ImageTar, TarImage } from './image-content.ts';

const MACHINES: Readonly<Record<string, string>> = {
  x86_64: 'amd64',
  i386: '386',
  i686: '386',
  aarch64: 'arm64',
  armv6l: 'arm/v6',
  armv7l: 'arm/v7',
  armv8l: 'arm/v7',
};

/** What `uname -m` says as images write it. */
export const platformOf = (machine: string): string => `linux/${MACHINES[machine] ?? machine}`;

/** Images whose names stand for others, too: of which one is there, an index alone does not say. */
export const ofSeveral = (tars: readonly ImageTar[]): ReadonlySet<TarImage> =>
  new Set(
    tars.flatMap(({ images }) =>
      images.filter((one) =>
        images.some((other) => other !== one && other.target.digest === one.target.digest),
      ),
    ),
  );

/** Whether one of the tars leaves a choice. */
export const hasPlatforms = (tars: readonly ImageTar[]): boolean => ofSeveral(tars).size > 0;

/** Of arm64 there is v8 alone, named or not. */
const plain = (platform: string) => platform.replace(/^linux\/arm64\/v8$/, 'linux/arm64');

const fits = (platform: string, wanted: string) =>
  plain(platform) === plain(wanted) || platform.startsWith(`${wanted}/`);

/** A name whose image has no part for the host. */
export interface Unfit {
  readonly tag: string;
  readonly platforms: readonly string[];
}

/**
 * Of images for several platforms the one that is wanted. One that leaves no choice is taken as it is, unless a platform
 * was asked for (`strict`).
 */
export function choose(
  images: readonly TarImage[],
  wanted: string | undefined,
  strict: boolean,
): { readonly images: readonly TarImage[]; readonly unfit: Unfit | undefined } {
  const groups = new Map<string, TarImage[]>();
  for (const image of images)
    groups.set(image.target.digest, [...(groups.get(image.target.digest) ?? []), image]);
  const chosen: TarImage[] = [];
  for (const group of groups.values()) {
    const fitting = group.find(({ platform }) => wanted !== undefined && fits(platform, wanted));
    const image = fitting ?? (group.length === 1 && !strict ? group[0] : undefined);
    if (image === undefined)
      return { images, unfit: { tag: group[0]!.tags[0]!, platforms: group.map(({ platform }) => platform) } };
    chosen.push(image);
  }
  return { images: chosen, unfit: undefined };
}
