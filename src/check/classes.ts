interface Branch<Leaf> {
  readonly name: string;
  readonly ways: Map<unknown, Node<Leaf>>;
}

type Node<Leaf> = { readonly leaf: Leaf } | Branch<Leaf>;

/** `alike`: texts that nothing looks into need not be told apart. */
export type KeyOf = (host: string, name: string, alike: boolean) => unknown;

/**
 * What was found for one host holds for every host that has the same values for the variables that were read on the
 * way. A tree over these variables, in the order of reading, so that 5,000 hosts are looked at a few times only.
 */
export class Classes<Leaf> {
  readonly #keyOf: KeyOf;
  /** Variables whose content matters. */
  readonly #content = new Set<string>();
  #root: Node<Leaf> | undefined;

  constructor(keyOf: KeyOf) {
    this.#keyOf = keyOf;
  }

  find(host: string): Leaf | undefined {
    let node = this.#root;
    while (node && 'name' in node) node = node.ways.get(this.#key(host, node.name));
    return node?.leaf;
  }

  /** `read`: the variables that differ from host to host and were read for this one, in order. */
  add(host: string, read: Iterable<string>, leaf: Leaf): void {
    const names = [...read];
    const last: Node<Leaf> = { leaf };
    if (names.length === 0) {
      this.#root = last;
      return;
    }
    let branch = (this.#root ??= { name: names[0]!, ways: new Map() }) as Branch<Leaf>;
    for (const name of names.slice(1)) {
      const key = this.#key(host, branch.name);
      const there = branch.ways.get(key);
      const next: Branch<Leaf> = there && 'name' in there ? there : { name, ways: new Map() };
      branch.ways.set(key, next);
      branch = next;
    }
    branch.ways.set(this.#key(host, branch.name), last);
  }

  /**
   * Says whose content matters. False where hosts were taken for alike that are not: then what was found is forgotten.
   */
  tell(names: Iterable<string>): boolean {
    const before = this.#content.size;
    for (const name of names) this.#content.add(name);
    if (this.#content.size === before || !this.#root) return true;
    this.#root = undefined;
    return false;
  }

  #key(host: string, name: string): unknown {
    return this.#keyOf(host, name, !this.#content.has(name));
  }

  /** Whether all hosts are alike. */
  get single(): Leaf | undefined {
    return this.#root && 'leaf' in this.#root ? this.#root.leaf : undefined;
  }
}
