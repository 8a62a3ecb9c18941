import type { JournalEntry } from './journal.ts';

/** A handler that was notified on a host by a run that ended before it ran. */
export interface Owed {
  readonly play: number;
  readonly playName: string;
  readonly host: string;
  /** Its name, or the name or topic by which it was notified. */
  readonly handler: string;
  /** The run's id. */
  readonly run: string;
}

/**
 * Which handlers a run still owes its hosts, from the lines of its journal. A change that was in flight when they end may
 * have been made, so that what it notifies is owed, too.
 */
export class Debts {
  readonly #owed = new Map<string, Owed>();
  readonly #flying = new Map<string, readonly Owed[]>();
  #run = '';
  #plays: readonly string[] = [];

  take(entry: JournalEntry): void {
    if (entry.at === 'run') {
      this.#run = entry.run;
      this.#plays = entry.plays;
    } else if (entry.at === 'owed') this.#owe(entry.owed);
    else if (entry.at === 'notified') this.#owe(this.#of(entry.play, entry.host, entry.handler));
    else if (entry.at === 'handled') this.#owed.delete(keyOf(entry));
    else if (entry.at === 'started')
      this.#flying.set(
        stepOf(entry),
        (entry.notify ?? []).map((name) => this.#of(entry.play, entry.host, name)),
      );
    else if (entry.at === 'finished') this.#flying.delete(stepOf(entry));
  }

  left(): Owed[] {
    const left = new Map(this.#owed);
    for (const owed of [...this.#flying.values()].flat())
      if (!left.has(keyOf(owed))) left.set(keyOf(owed), owed);
    return [...left.values()];
  }

  #owe(owed: Owed): void {
    this.#owed.set(keyOf(owed), owed);
  }

  #of(play: number, host: string, handler: string): Owed {
    return { play, playName: this.#plays[play] ?? '', host, handler, run: this.#run };
  }
}

const keyOf = ({ play, host, handler }: { play: number; host: string; handler: string }) =>
  `${play}\n${host}\n${handler}`;

const stepOf = ({ play, task, host }: { play: number; task: string; host: string }) =>
  `${play}\n${task}\n${host}`;
