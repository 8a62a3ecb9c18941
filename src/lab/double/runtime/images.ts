import { createHash } from 'node:crypto';
import { exists, read, write } from '../host/files.ts';
import { LAB_DIR, ROOT } from '../host/paths.ts';
import { run } from '../host/run.ts';
import { stamp } from '../host/text.ts';
import { containerdState, dockerState, socketPath } from './sockets.ts';

/** An image of the containerd double, in the namespace k8s.io, or of the dockerd double. */
export interface Image {
  readonly name: string;
  readonly id: string;
  readonly size: number;
  /** The layers' diff_ids, where the image came in a tar. */
  readonly layers?: readonly string[];
  readonly labels?: Readonly<Record<string, string>>;
  readonly created: string;
}

/** Whose images: a host may have both, and neither sees those of the other. */
export type Store = 'containerd' | 'docker';

const file = (store: Store): string => `/var/lib/${store}/slipway-lab-images.json`;

/** `pause:3.10` -> `docker.io/library/pause:3.10`, as containerd writes names. */
export function canonical(name: string): string {
  const tagged = /[:@][^/]*$/.test(name) ? name : `${name}:latest`;
  const first = tagged.split('/')[0] ?? '';
  if (!tagged.includes('/')) return `docker.io/library/${tagged}`;
  return /[.:]|^localhost$/.test(first) ? tagged : `docker.io/${tagged}`;
}

export function images(store: Store = 'containerd'): Image[] {
  const text = read(file(store));
  return text === undefined ? [] : (JSON.parse(text) as Image[]);
}

export function saveImages(list: readonly Image[], store: Store = 'containerd'): void {
  write(file(store), JSON.stringify(list.toSorted((a, b) => (a.name < b.name ? -1 : 1))));
}

/** Puts a name in place; an image that nobody described is made up from its name. */
export function addImage(name: string, known: Partial<Image> = {}, store: Store = 'containerd'): Image {
  const full = canonical(name);
  const id = `sha256:${createHash('sha256').update(full).digest('hex')}`;
  const image = { id, size: 0, created: stamp(), ...known, name: full };
  saveImages([...images(store).filter((i) => i.name !== full), image], store);
  return image;
}

/** Which double's images lie behind a socket; undefined where a real runtime or none is there. */
export function storeOf(socket: string): Store | undefined {
  const path = socketPath(socket);
  if (path.endsWith('containerd.sock') && containerdState() !== undefined) return 'containerd';
  return path.endsWith('cri-dockerd.sock') && dockerState() !== undefined ? 'docker' : undefined;
}

/** True where pulls must fail: the file /etc/slipway-lab/offline cuts the lab from every registry. */
export function offline(): boolean {
  return exists(`${LAB_DIR}/offline`);
}

/** The names of the images that the runtime behind a socket has: the double's, a real containerd's or Docker's. */
export function imageNames(socket: string): string[] {
  const path = socketPath(socket);
  const store = storeOf(socket);
  if (store !== undefined) return images(store).map((image) => image.name);
  // The real programs wait long for a runtime that is not there.
  if (ROOT !== '' || !exists(path)) return [];
  if (path.endsWith('cri-dockerd.sock')) {
    const done = run('docker', ['image', 'ls', '--format', '{{.Repository}}:{{.Tag}}']);
    return lines(done.stdout).map(canonical);
  }
  return lines(run('ctr', ['-n', 'k8s.io', 'images', 'ls', '-q']).stdout);
}

const lines = (text: string): string[] => text.split('\n').filter((line) => line !== '');

/** Makes sure of an image: there already, or pulled. What the runtime says where it cannot. */
export function ensureImage(socket: string, name: string): string | undefined {
  // Where a pull always succeeds nobody has to be asked: a pull from a registry that is not there is pretended.
  if (!offline()) {
    const full = canonical(name);
    const store = storeOf(socket);
    if (store !== undefined && !images(store).some((image) => image.name === full)) addImage(name, {}, store);
    return undefined;
  }
  const full = canonical(name);
  if (imageNames(socket).includes(full)) return undefined;
  const host = full.split('/')[0] ?? '';
  return `failed to pull image "${name}": failed to pull and unpack image "${full}": failed to resolve reference "${full}": failed to do request: Head "https://${host}/v2/": dial tcp: lookup ${host}: no such host`;
}
