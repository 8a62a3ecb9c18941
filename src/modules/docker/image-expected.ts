import type { Subject } from '../../module/outlook.ts';
import { canonicalName } from './image-names.ts';

/** Who keeps images: Docker, or containerd in one of its namespaces. What one has, the other has not. */
export type Store = 'docker' | `containerd ${string}`;

/** `name`: a name, or an id (`sha256:...`). */
export function imageSubject(name: string, store: Store = 'docker'): Subject {
  const whole = name.startsWith('sha256:') ? name : canonicalName(name);
  return store === 'docker' ? `image:${whole}` : `image:${whole} in ${store}`;
}

export const layersSubject = (store: Store): Subject => `layers:${store}`;

/** What a task would leave under a name; null: nothing. */
export type ExpectedImage = {
  /** As Docker would list it; absent where that is known only when it is done (a build, a pull). */
  readonly id?: string;
  /** `sha256:...` of its configuration, and what that says of containers. */
  readonly config?: string;
  readonly settings?: Readonly<Record<string, unknown>> | undefined;
  /** Their diff_ids. */
  readonly layers?: readonly string[];
  /** `NAME@sha256:...`: what registries have it as. */
  readonly digests?: readonly string[];
  /** The digest that the name stands for in containerd. */
  readonly target?: string;
  readonly pinned?: boolean;
} | null;

/** There, and of which nothing else is known before. */
export const THERE: ExpectedImage = {};
export const GONE: ExpectedImage = null;

/** What a store would have got by the tasks before. */
export interface Gained {
  /** Blobs for containerd, stacks of layers for Docker. */
  readonly layers: ReadonlySet<string>;
  /** Whether that is all: what a pull brings, or what goes with an image, nobody knows. */
  readonly sure: boolean;
}

export const UNSURE = (gained: Gained | undefined): Gained => ({
  layers: gained?.layers ?? new Set(),
  sure: false,
});
