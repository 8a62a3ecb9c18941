import { canonicalName } from '../docker/image-names.ts';

export interface ImageWish {
  /** Without `v`. */
  readonly version: string;
  readonly repository: string;
  readonly role: 'worker' | 'control_plane';
  /** The sandbox image that the runtime is configured with. */
  readonly pause: string | undefined;
  /** Parts of Kubernetes that the cluster does without, or has from elsewhere: `coredns`. */
  readonly leaveOut: readonly string[];
  /** What else there must be, by its full name. */
  readonly others: readonly string[];
}

/** Which of them run on a worker; all run on a control plane. */
const ON_WORKERS: ReadonlySet<string> = new Set(['kube-proxy', 'coredns', 'pause']);
const OWN = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kube-proxy'];

/** `registry.k8s.io/coredns/coredns:v1.12.1` -> `coredns`. */
const partOf = (image: string) => /([^/:]+)(:[^/]*)?$/.exec(image)?.[1] ?? image;

/** Any tag will do: which one it is only kubeadm knows. */
const ANY = ':*';

/** What kubeadm names, as far as it can be told without one. */
function usual({ version, repository }: ImageWish): string[] {
  const dns = repository === 'registry.k8s.io' ? 'coredns/coredns' : 'coredns';
  return [
    ...OWN.map((name) => `${repository}/${name}:v${version}`),
    ...[dns, 'pause', 'etcd'].map((name) => `${repository}/${name}${ANY}`),
  ];
}

/**
 * The images that a node needs.
 *
 * @param named what the host's own kubeadm names for this version; empty where it cannot be asked
 */
export function neededImages(wish: ImageWish, named: readonly string[]): string[] {
  const all = named.length > 0 ? named : usual(wish);
  const kept = all.filter((image) => {
    const part = partOf(image);
    if (wish.leaveOut.includes(part) || (part === 'pause' && wish.pause !== undefined)) return false;
    return wish.role === 'control_plane' || ON_WORKERS.has(part);
  });
  return [...kept, ...(wish.pause === undefined ? [] : [wish.pause]), ...wish.others];
}

/** Those that are not among the images that there are (or will be). */
export function missingImages(needed: readonly string[], there: readonly string[]): string[] {
  const names = new Set(there.map(canonicalName));
  return needed.filter((image) => {
    if (!image.endsWith(ANY)) return !names.has(canonicalName(image));
    const start = canonicalName(image).slice(0, -1);
    return ![...names].some((name) => name.startsWith(start));
  });
}
