import type { Value } from '../expression/types.ts';

type Variables = ReadonlyMap<string, Value>;

/** One map over another, without copying the lower one: thousands of hosts share their groups' variables. */
class Layered implements ReadonlyMap<string, Value> {
  readonly #base: Variables;
  readonly #own: Variables;

  constructor(base: Variables, own: Variables) {
    this.#base = base;
    this.#own = own;
  }

  get size(): number {
    let size = this.#base.size;
    for (const key of this.#own.keys()) if (!this.#base.has(key)) size++;
    return size;
  }

  get(key: string): Value | undefined {
    return this.#own.get(key) ?? this.#base.get(key);
  }

  has(key: string): boolean {
    return this.#own.has(key) || this.#base.has(key);
  }

  *keys(): MapIterator<string> {
    for (const key of this.#base.keys()) yield key;
    for (const key of this.#own.keys()) if (!this.#base.has(key)) yield key;
  }

  *values(): MapIterator<Value> {
    for (const key of this.keys()) yield this.get(key)!;
  }

  *entries(): MapIterator<[string, Value]> {
    for (const key of this.keys()) yield [key, this.get(key)!];
  }

  [Symbol.iterator](): MapIterator<[string, Value]> {
    return this.entries();
  }

  forEach(each: (value: Value, key: string, map: ReadonlyMap<string, Value>) => void): void {
    for (const [key, value] of this) each(value, key, this);
  }
}

/** `base` with `maps` on top, later ones winning. */
export function layered(base: Variables, maps: readonly Variables[]): Variables {
  const filled = maps.filter((map) => map.size > 0);
  if (filled.length === 0) return base;
  const own = filled.length === 1 ? filled[0]! : new Map(filled.flatMap((map) => [...map]));
  return base.size === 0 ? own : new Layered(base, own);
}
