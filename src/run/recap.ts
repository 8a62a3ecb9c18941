import type { Event, HostRecap } from '../events/types.ts';

type Counts = { -readonly [K in keyof HostRecap]: HostRecap[K] };

/** Ansible's recap, folded from the events of a run. */
export class Recap {
  readonly #hosts = new Map<string, Counts>();

  add(event: Event): void {
    if (event.event === 'task.finished' && !event.partial) this.#count(event);
  }

  #count(event: Event<'task.finished'>): void {
    const counts = this.#of(event.host);
    if (event.status === 'unreachable') counts.unreachable = event.ignored ? counts.unreachable : 1;
    else if (event.status === 'skipped') counts.skipped += 1;
    else if (event.status === 'changed') counts.changed += 1;
    if (event.status === 'ok' || event.status === 'changed') counts.ok += 1;
    if (event.status !== 'failed') return;
    if (event.ignored) {
      counts.ignored += 1;
      counts.ok += 1;
    } else if (event.rescued) counts.rescued += 1;
    else counts.failed += 1;
  }

  #of(host: string): Counts {
    const known = this.#hosts.get(host);
    if (known) return known;
    const counts = { ok: 0, changed: 0, unreachable: 0, failed: 0, skipped: 0, rescued: 0, ignored: 0 };
    this.#hosts.set(host, counts);
    return counts;
  }

  /** In the order of `names`. */
  hosts(names: Iterable<string>): Readonly<Record<string, HostRecap>> {
    const counts: Record<string, HostRecap> = {};
    for (const name of names) {
      const mine = this.#hosts.get(name);
      if (mine) counts[name] = mine;
    }
    return counts;
  }

  /** 0 ok, 2 a host failed, 4 a host was unreachable. */
  get exitCode(): number {
    const all = [...this.#hosts.values()];
    if (all.some(({ failed }) => failed > 0)) return 2;
    return all.some(({ unreachable }) => unreachable > 0) ? 4 : 0;
  }
}
