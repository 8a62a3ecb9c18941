import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import path from 'node:path';
import { Debts, type Owed } from './debts.ts';

/** The first line: what was run. The next run of the same on the same inventory takes over what this one left undone. */
export interface RunLine {
  readonly at: 'run';
  readonly run: string;
  readonly playbooks: readonly string[];
  readonly inventories: readonly string[];
  /** Names of the plays. */
  readonly plays: readonly string[];
  readonly check: boolean;
}

/** One step of one host: that it was begun, then what came of it. */
export interface StepLine {
  readonly at: 'started' | 'finished';
  readonly play: number;
  readonly task: string;
  readonly host: string;
  readonly item?: number;
  readonly status?: string;
  /** The handlers that it notifies when it changes something. */
  readonly notify?: readonly string[];
  readonly time: number;
}

/** A handler is to run on a host, or has. */
export interface HandlerLine {
  readonly at: 'notified' | 'handled';
  readonly play: number;
  readonly host: string;
  readonly handler: string;
}

/** Taken over from a run before. */
export interface OwedLine {
  readonly at: 'owed';
  readonly owed: Owed;
}

/** The last line of a run that was not killed: what it leaves to the next one. */
export interface EndLine {
  readonly at: 'end';
  readonly left: readonly Owed[];
}

export type JournalEntry = RunLine | StepLine | HandlerLine | OwedLine | EndLine;

/** Written before a step that may change something is sent, and after its outcome is known. */
export interface Journal {
  write(entry: JournalEntry): void;
  close(): void;
}

export const JOURNAL = 'journal.jsonl';

/** A journal that outlives a killed run: that a step begins is in the file when `write` returns. */
export function fileJournal(folder: string): Journal {
  mkdirSync(folder, { recursive: true });
  const file = openSync(path.join(folder, JOURNAL), 'a', 0o600);
  // That a step has finished may reach the file a little late: a run that is killed before asks the host again.
  let pending = '';
  const debts = new Debts();
  const flush = () => {
    if (pending !== '') writeSync(file, pending);
    pending = '';
  };
  const write = (entry: JournalEntry) => {
    if (pending === '' && entry.at !== 'started') setImmediate(flush);
    pending += `${JSON.stringify(entry)}\n`;
    debts.take(entry);
    if (entry.at === 'started') flush();
  };
  return {
    write,
    close: () => {
      write({ at: 'end', left: debts.left() });
      flush();
      closeSync(file);
    },
  };
}
