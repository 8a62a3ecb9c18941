import { closeSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs';
import path from 'node:path';
import { Debts, type Owed } from './debts.ts';
import { JOURNAL, type JournalEntry, type RunLine } from './journal.ts';

/** More than a first or a last line has. */
const END = 64 * 1024;
/** Runs that are looked at for one of the same. */
const MOST_RUNS = 200;

/**
 * The handlers that the last run of the same playbooks on the same inventory did not come to. Dry runs do not count.
 * @param folders of the runs before, the latest first
 */
export function leftBehind(
  folders: readonly string[],
  { playbooks, inventories }: Pick<RunLine, 'playbooks' | 'inventories'>,
): readonly Owed[] {
  for (const folder of folders.slice(0, MOST_RUNS)) {
    const file = path.join(folder, JOURNAL);
    const [line] = part(file, 'head')?.split('\n', 1) ?? [];
    const [first] = entries(line);
    if (first?.at !== 'run' || first.check) continue;
    const alike =
      String(first.playbooks) === String(playbooks) && String(first.inventories) === String(inventories);
    if (alike) return debtsIn(file);
  }
  return [];
}

function debtsIn(file: string): readonly Owed[] {
  const last = entries(part(file, 'tail')).at(-1);
  if (last?.at === 'end') return last.left;
  const debts = new Debts();
  for (const entry of entries(readFileSync(file, 'utf8'))) debts.take(entry);
  return debts.left();
}

/** A killed run may leave half a line. */
function entries(text: string | undefined): JournalEntry[] {
  return (text ?? '').split('\n').flatMap((line) => {
    try {
      return [JSON.parse(line) as JournalEntry];
    } catch {
      return [];
    }
  });
}

/** The beginning or the end of a file; undefined where there is none. */
function part(file: string, which: 'head' | 'tail'): string | undefined {
  let opened: number;
  try {
    opened = openSync(file, 'r');
  } catch {
    return undefined;
  }
  try {
    const from = which === 'head' ? 0 : Math.max(0, fstatSync(opened).size - END);
    const bytes = Buffer.alloc(END);
    return bytes.toString('utf8', 0, readSync(opened, bytes, 0, END, from));
  } finally {
    closeSync(opened);
  }
}
