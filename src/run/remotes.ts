import { SlipwayError } from '../base/errors.ts';
import type { HostAddress, Remote, Transport } from '../transport/types.ts';
import type { EventSink } from '../events/types.ts';
import { asError, toFailure } from './failure.ts';
import { createLimit } from './limit.ts';

/**
 * The connections of a run: opened when first needed, at most `forks` at a time, kept until the end. Each host has an
 * epoch that counts what may have changed it, so that what was probed before is known to be stale.
 */
export class Remotes {
  readonly #transport: Transport;
  readonly #events: EventSink;
  readonly #signal: AbortSignal;
  readonly #limit: <T>(work: () => Promise<T>) => Promise<T>;
  readonly #open = new Map<string, Promise<Remote>>();
  readonly #connected = new Map<string, Remote>();
  readonly #epochs = new Map<string, number>();
  #changes = 0;
  /** Hosts that work for others, too. */
  readonly #shared = new Set<string>();
  /** Round trips over connections that are closed. */
  readonly #trips = new Map<string, number>();

  constructor(transport: Transport, events: EventSink, forks: number, signal: AbortSignal) {
    this.#transport = transport;
    this.#events = events;
    this.#signal = signal;
    this.#limit = createLimit(forks);
  }

  /** @throws {SlipwayError} connect.* ; a host that could not be reached is not tried again in this run. */
  get(host: string, address: () => HostAddress): Promise<Remote> {
    const known = this.#open.get(host);
    if (known) return known;
    const opening = this.#limit(() => this.#connect(host, address));
    this.#open.set(host, opening);
    opening.catch(() => {});
    return opening;
  }

  async #connect(host: string, address: () => HostAddress): Promise<Remote> {
    if (this.#signal.aborted) throw new SlipwayError('task.cancelled', 'the run was interrupted');
    const start = performance.now();
    this.#events.emit('host.connecting', { host });
    try {
      const remote = await this.#transport.connect(address(), this.#signal);
      this.#connected.set(host, remote);
      this.#events.emit('host.connected', { host, duration: Math.round(performance.now() - start) });
      return remote;
    } catch (thrown) {
      const error = asError(thrown);
      if (!this.#signal.aborted) this.#events.emit('host.unreachable', { host, failure: toFailure(error) });
      throw error;
    }
  }

  /** Whether a connection is still the one in use. */
  has({ host, remote }: { readonly host: string; readonly remote: Remote }): boolean {
    return this.#connected.get(host) === remote;
  }

  epoch(host: string): number {
    return this.#epochs.get(host) ?? 0;
  }

  /** How often something was sent that may change a host. */
  get changes(): number {
    return this.#changes;
  }

  /** Something was sent that may change the host. */
  touch(host: string): void {
    this.#changes += 1;
    this.#epochs.set(host, this.epoch(host) + 1);
  }

  /** A connection was lost: the next use opens another. */
  forget(host: string): void {
    const remote = this.#connected.get(host);
    if (remote) this.#trips.set(host, (this.#trips.get(host) ?? 0) + remote.roundTrips);
    remote?.close();
    this.#connected.delete(host);
    this.#open.delete(host);
  }

  /** Other hosts have work for this one: its connection stays when its own is done. */
  share(host: string): void {
    this.#shared.add(host);
  }

  /** Nothing more is planned for a host: with thousands of them, each open connection counts. */
  release(host: string): void {
    if (!this.#shared.has(host)) this.forget(host);
  }

  roundTrips(): Record<string, number> {
    const trips = new Map(this.#trips);
    for (const [host, remote] of this.#connected) trips.set(host, (trips.get(host) ?? 0) + remote.roundTrips);
    return Object.fromEntries(trips);
  }

  /** Stops what runs on every host; milliseconds to wait at most. */
  async cancel(grace: number): Promise<void> {
    await Promise.allSettled([...this.#connected.values()].map((remote) => remote.cancel(grace)));
  }

  close(): void {
    for (const remote of this.#connected.values()) remote.close();
    this.#transport.close();
  }
}
