/** What tasks left to be done when a play is over for all of its hosts. */
export class Afterwards {
  readonly #work = new Map<number, (() => Promise<void>)[]>();
  readonly #failed: (error: unknown) => void;
  #running: Promise<unknown> = Promise.resolve();

  /** @param failed is told what could not be done; nothing waits for it */
  constructor(failed: (error: unknown) => void) {
    this.#failed = failed;
  }

  add(play: number, work: () => Promise<void>): void {
    this.#work.set(play, [...(this.#work.get(play) ?? []), work]);
  }

  /** Begins with what a play has left. */
  begin(play: number): void {
    const works = this.#work.get(play) ?? [];
    this.#work.delete(play);
    const all = Promise.all(works.map((work) => work().catch(this.#failed)));
    this.#running = Promise.all([this.#running, all]);
  }

  /** Does what is left, of plays that did not come to their end, too, and waits for all of it. */
  async finish(): Promise<void> {
    for (const play of this.#work.keys()) this.begin(play);
    await this.#running;
  }
}
