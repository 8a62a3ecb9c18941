import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import path from 'node:path';

/** One step of one host: that it was begun, then what came of it. */
export interface JournalEntry {
  readonly at: 'started' | 'finished';
  readonly play: number;
  readonly task: string;
  readonly host: string;
  readonly item?: number;
  readonly status?: string;
  readonly time: number;
}

/** Written before a step that may change something is sent, and after its outcome is known. */
export interface Journal {
  write(entry: JournalEntry): void;
  close(): void;
}

/** A journal that outlives a killed run: that a step begins is in the file when `write` returns. */
export function fileJournal(folder: string): Journal {
  mkdirSync(folder, { recursive: true });
  const file = openSync(path.join(folder, 'journal.jsonl'), 'a', 0o600);
  // That a step has finished may reach the file a little late: a run that is killed before asks the host again.
  let pending = '';
  const flush = () => {
    if (pending !== '') writeSync(file, pending);
    pending = '';
  };
  return {
    write: (entry) => {
      if (pending === '' && entry.at === 'finished') setImmediate(flush);
      pending += `${JSON.stringify(entry)}\n`;
      if (entry.at === 'started') flush();
    },
    close: () => {
      flush();
      closeSync(file);
    },
  };
}
