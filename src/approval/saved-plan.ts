import type { Event, Forecast, HostForecast } from '../events/types.ts';

/** What is done about a step of which the plan could not tell what it would do. */
export type UnknownRule = 'stop' | 'ask' | 'allow';

/** A file that the plan was made from. `path` is absolute; the hash is SHA-256 in hex. */
export interface Input {
  readonly path: string;
  readonly sha256: string;
}

/** Variables of the command line: a file (an Input, too), or only their names and a salted hash of what was given. */
export interface GivenVars {
  readonly files: readonly string[];
  readonly names: readonly string[];
  readonly hash: string;
}

/** The command that made the plan: what `apply` has to do again. Passwords are never part of it. */
export interface PlannedCommand {
  readonly folder: string;
  readonly playbooks: readonly string[];
  readonly inventory: readonly string[];
  readonly limit?: string;
  readonly tags?: readonly string[];
  readonly skipTags?: readonly string[];
  readonly startAtTask?: string;
  readonly user?: string;
  readonly become?: boolean;
  readonly becomeUser?: string;
  readonly becomeMethod?: string;
}

/** A forecast that somebody may look at, approve, and have carried out exactly as it is. */
export interface SavedPlan {
  readonly format: 1;
  readonly version: string;
  /** ISO 8601. */
  readonly created: string;
  /** Milliseconds after which it is too old. */
  readonly validFor: number;
  readonly unknown: UnknownRule;
  readonly command: PlannedCommand;
  readonly salt: string;
  readonly vars: GivenVars;
  readonly inputs: readonly Input[];
  /** What the dry run told, redacted, as a view would have seen it. */
  readonly events: readonly Event[];
}

export type Finished = Event<'task.finished'>;

/** What was foretold, task by task and item by item. */
export function foretold(events: readonly Event[]): Finished[] {
  return events.filter((event): event is Finished => event.event === 'task.finished');
}

/** One task, or one item of its loop, on one host. */
export function keyOf(event: Pick<Finished, 'play' | 'task' | 'host' | 'item' | 'handler'>): string {
  const { play, task, host, item, handler } = event;
  return JSON.stringify([play, task, host, item ?? null, handler ?? false]);
}

/** `n1: Install it (vim)`. */
export function titleOf({ host, name, item }: Pick<Finished, 'host' | 'name' | 'item'>): string {
  return `${host}: ${name}${item === undefined ? '' : ` (${item})`}`;
}

/** All hosts together. */
export function totalOf(plan: Pick<SavedPlan, 'events'>): Record<Forecast, number> {
  const total = { same: 0, change: 0, run: 0, 'may-run': 0, unknown: 0 };
  const end = plan.events.find((event) => event.event === 'run.finished');
  const hosts: readonly HostForecast[] = Object.values(end?.forecast ?? {});
  for (const counts of hosts) for (const key of Object.keys(total) as Forecast[]) total[key] += counts[key];
  return total;
}

/**
 * Whether anything would, or could, be done.
 *
 * @param harmless modules that change nothing, whatever becomes of them (`debug`)
 */
export function isPending(
  plan: Pick<SavedPlan, 'events'>,
  harmless: (module: string) => boolean = () => false,
): boolean {
  return foretold(plan.events).some(({ partial, forecast, status, module }) => {
    if (partial || forecast === undefined || forecast === 'same' || harmless(module)) return false;
    // A command that changes nothing (`changed_when: false`) runs each time.
    return forecast !== 'run' || status === 'changed';
  });
}
