import { type KeyPair, newKeyPair } from '../../../base/key-pair.ts';
import type { Layer } from '../image-content.ts';

/** Where a host lets others fetch layers from. */
export interface Door {
  readonly address: string;
  readonly port: number;
  readonly user: string;
  /** Public keys of its SSH server, `ssh-ed25519 AAAA...`, as they were read over our own connection. */
  readonly hostKeys: readonly string[];
}

/** A host that has whole layers. */
export interface Holder {
  readonly name: string;
  /** Lets the others in, the first time that it is asked, and lets them read this layer. */
  readonly open: (layer: Layer) => Promise<Door>;
}

/** Who gives a layer to whom. */
export interface Pick {
  readonly layer: Layer;
  /** Undefined: the controller. */
  readonly from: Holder | undefined;
}

/** How many fetch from one host, or from the controller, at the same time. */
const EACH = 2;
/** A host that so many could not fetch from is left alone. */
const FAILURES = 2;

/**
 * Who has which layer, among the hosts that are at the same task. Each takes what it lacks from one that has it; the
 * controller sends only what nobody has and nobody is getting, so that a layer leaves it about once.
 */
export class Swarm {
  readonly key: Promise<KeyPair>;
  readonly #holders = new Map<string, Set<Holder>>();
  readonly #failures = new Map<string, number>();
  readonly #serving = new Map<string, number>();
  readonly #coming = new Map<string, number>();
  readonly #waiting = new Set<() => void>();
  #sending = 0;

  constructor(key: Promise<KeyPair> = newKeyPair('slipway')) {
    this.key = key;
    key.catch(() => {});
  }

  /**
   * What a host should fetch now; undefined while it is better to wait.
   *
   * @param avoid hosts that it could not fetch from; with several of them it no longer counts on others
   */
  next(wanted: readonly Layer[], avoid: ReadonlySet<string>): Pick | undefined {
    const alone = avoid.size >= FAILURES;
    const pick =
      (alone ? undefined : this.#fromHolder(wanted, avoid)) ?? this.#fromController(wanted, avoid, alone);
    if (pick === undefined) return undefined;
    const { layer, from } = pick;
    add(this.#coming, layer.digest, 1);
    if (from) add(this.#serving, from.name, 1);
    else this.#sending += 1;
    return pick;
  }

  /** A fetch is over, one way or the other. */
  done({ layer, from }: Pick, ok: boolean): void {
    add(this.#coming, layer.digest, -1);
    if (from === undefined) this.#sending -= 1;
    else {
      add(this.#serving, from.name, -1);
      if (!ok) add(this.#failures, from.name, 1);
    }
    this.#changed();
  }

  offer(holder: Holder, layer: Layer): void {
    const holders = this.#holders.get(layer.digest) ?? new Set();
    this.#holders.set(layer.digest, holders.add(holder));
    this.#changed();
  }

  /** Resolves as soon as `next` may have another answer. */
  change(): Promise<void> {
    return new Promise((resolve) => this.#waiting.add(resolve));
  }

  #changed(): void {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }

  #able(layer: Layer, avoid: ReadonlySet<string>): Holder[] {
    return [...(this.#holders.get(layer.digest) ?? [])].filter(
      ({ name }) => !avoid.has(name) && (this.#failures.get(name) ?? 0) < FAILURES,
    );
  }

  #fromHolder(wanted: readonly Layer[], avoid: ReadonlySet<string>): Pick | undefined {
    let best: { readonly pick: Pick; readonly busy: number } | undefined;
    for (const layer of wanted)
      for (const from of this.#able(layer, avoid)) {
        const busy = this.#serving.get(from.name) ?? 0;
        if (busy < EACH && busy < (best?.busy ?? EACH)) best = { pick: { layer, from }, busy };
      }
    return best?.pick;
  }

  #fromController(wanted: readonly Layer[], avoid: ReadonlySet<string>, alone: boolean): Pick | undefined {
    if (this.#sending >= EACH) return undefined;
    const layer = wanted.find(
      (one) => alone || (this.#able(one, avoid).length === 0 && (this.#coming.get(one.digest) ?? 0) === 0),
    );
    return layer && { layer, from: undefined };
  }
}

function add(counts: Map<string, number>, key: string, by: number): void {
  counts.set(key, (counts.get(key) ?? 0) + by);
}
