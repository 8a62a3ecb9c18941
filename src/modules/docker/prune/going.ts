import { engineFilters } from '../filters.ts';
import { canonicalName } from '../image-names.ts';
import { isMatched } from './matching.ts';
import type { CacheRecord, Container, Image, Network, Objects, Volume } from './objects.ts';
import { sparedNames } from './names.ts';
import type { PruneParams } from './params.ts';

/** What a prune would take away, as the Engine decides it: containers first, then what they have used. */
export interface Going {
  readonly containers: readonly Container[];
  readonly images: readonly { readonly image: Image; readonly names: readonly string[] }[];
  readonly networks: readonly Network[];
  readonly volumes: readonly Volume[];
  readonly cache: readonly CacheRecord[];
}

export function goingOf(there: Objects, p: PruneParams): Going {
  const { now } = there;
  const containers = p.containers
    ? there.containers.filter((one) => !one.State.Running && isMatched(one, p.containers_filters, now))
    : [];
  const staying = there.containers.filter((one) => !containers.includes(one));
  return {
    containers,
    images: p.images ? imagesOf(there, staying, p) : [],
    networks: there.networks.filter(
      (one) =>
        p.networks === true &&
        Object.keys(one.Containers ?? {}).length === 0 &&
        !one.Ingress &&
        !one.ConfigOnly &&
        isMatched(one, p.networks_filters, now),
    ),
    volumes: p.volumes ? volumesOf(there, staying, p) : [],
    cache: there.cache.filter((one) => p.builder_cache && !one.InUse && (p.builder_cache_all || isOwn(one))),
  };
}

function imagesOf(there: Objects, staying: readonly Container[], p: PruneParams): Going['images'] {
  const { dangling: [dangling] = ['true'] } = engineFilters(p.images_filters);
  const named = ['false', '0'].includes(dangling!);
  const matched = there.images.filter((image) => isMatched(image, p.images_filters, there.now));
  if (there.containerdStore) return matched.flatMap((image) => containerdNames(image, staying, named));
  const used = new Set(staying.map(({ Image }) => Image));
  return matched.flatMap((image) => {
    const tags = [...(image.RepoTags ?? [])];
    if (!used.has(image.Id)) return named || tags.length === 0 ? [{ image, names: tags }] : [];
    const spare = named ? sparedNames(tags, image.RepoDigests ?? []) : [];
    return spare.length > 0 ? [{ image, names: spare }] : [];
  });
}

/**
 * With the containerd store a name is an image: it stays where a container was made of it by this name, whatever other names
 * the image has. What has no name stays where it is used; a digest it was pulled by is a name.
 */
function containerdNames(image: Image, staying: readonly Container[], named: boolean): Going['images'] {
  const { Id, RepoTags, RepoDigests } = image;
  const names = RepoTags?.length ? RepoTags : (RepoDigests ?? []);
  if (names.length === 0) return staying.some(({ Image: used }) => used === Id) ? [] : [{ image, names: [] }];
  const asked = new Set(staying.map(({ Of = '' }) => canonicalName(Of)));
  const spare = named ? names.filter((name) => !asked.has(canonicalName(name))) : [];
  return spare.length > 0 ? [{ image, names: spare }] : [];
}

const ANONYMOUS = 'com.docker.volume.anonymous';

function volumesOf(there: Objects, staying: readonly Container[], p: PruneParams): Volume[] {
  const used = new Set(
    staying.flatMap(({ Mounts }) =>
      (Mounts ?? []).filter(({ Type }) => Type === 'volume').map(({ Name }) => Name),
    ),
  );
  const { all: [all] = ['false'] } = engineFilters(p.volumes_filters);
  const everything = ['true', '1'].includes(all!) || isBefore(there.api, 1, 42);
  return there.volumes.filter(
    (one) =>
      one.Driver === 'local' &&
      !used.has(one.Name) &&
      (everything || one.Labels?.[ANONYMOUS] !== undefined) &&
      isMatched({ Labels: one.Labels }, p.volumes_filters, there.now),
  );
}

function isBefore(api: string, major: number, minor: number): boolean {
  const [has = 0, less = 0] = api.split('.').map(Number);
  return has < major || (has === major && less < minor);
}

/** Neither shared with images, nor of the builder itself. */
const isOwn = ({ Shared, CacheType }: CacheRecord) => !Shared && !/internal|frontend/.test(CacheType);
