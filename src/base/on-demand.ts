/** A map whose values are made when they are first asked for. */
export class OnDemand<V> implements ReadonlyMap<string, V> {
  readonly #make: Readonly<Record<string, () => V>>;
  readonly #made = new Map<string, V>();

  constructor(make: Readonly<Record<string, () => V>>) {
    this.#make = make;
  }

  get size(): number {
    return Object.keys(this.#make).length;
  }

  has(key: string): boolean {
    return Object.hasOwn(this.#make, key);
  }

  get(key: string): V | undefined {
    const known = this.#made.get(key);
    if (known !== undefined || !this.has(key)) return known;
    const value = this.#make[key]!();
    this.#made.set(key, value);
    return value;
  }

  keys(): MapIterator<string> {
    return Object.keys(this.#make).values();
  }

  *values(): MapIterator<V> {
    for (const key of this.keys()) yield this.get(key)!;
  }

  *entries(): MapIterator<[string, V]> {
    for (const key of this.keys()) yield [key, this.get(key)!];
  }

  [Symbol.iterator](): MapIterator<[string, V]> {
    return this.entries();
  }

  forEach(each: (value: V, key: string, map: ReadonlyMap<string, V>) => void): void {
    for (const [key, value] of this) each(value, key, this);
  }
}
