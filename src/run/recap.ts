import type { Event, HostForecast, HostRecap } from '../events/types.ts';

type Forecasts = { -readonly [K in keyof HostForecast]: HostForecast[K] };
type Counts = { -readonly [K in keyof HostRecap]: HostRecap[K] };

/** Ansible's recap, folded from the events of a run. */
export class Recap {
  readonly #hosts = new Map<string, Counts>();
  readonly #forecasts = new Map<string, Forecasts>();

  add(event: Event): void {
    if (event.event === 'task.finished' && !event.partial) this.#count(event);
  }

  #foretold(host: string): Forecasts {
    const known = this.#forecasts.get(host);
    if (known) return known;
    const counts = { same: 0, change: 0, run: 0, 'may-run': 0, unknown: 0, assuming: 0 };
    this.#forecasts.set(host, counts);
    return counts;
  }

  /** By host, in the order of `names`; only where something was foretold. */
  forecast(names: Iterable<string>): Readonly<Record<string, HostForecast>> {
    return inOrder(this.#forecasts, names);
  }

  #count(event: Event<'task.finished'>): void {
    const { forecast } = event;
    if (forecast && event.status !== 'failed') {
      const counts = this.#foretold(event.host);
      counts[forecast] += 1;
      if (event.assuming !== undefined) counts.assuming += 1;
    }
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
    return inOrder(this.#hosts, names);
  }

  /** 0 ok, 2 a host failed, 4 a host was unreachable. */
  get exitCode(): number {
    const all = [...this.#hosts.values()];
    if (all.some(({ failed }) => failed > 0)) return 2;
    return all.some(({ unreachable }) => unreachable > 0) ? 4 : 0;
  }
}

function inOrder<T>(all: ReadonlyMap<string, T>, names: Iterable<string>): Record<string, T> {
  const found: Record<string, T> = {};
  for (const name of names) {
    const mine = all.get(name);
    if (mine) found[name] = mine;
  }
  return found;
}
