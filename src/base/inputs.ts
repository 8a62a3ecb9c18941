import path from 'node:path';

const read = new Set<string>();

/** Says that a file of the controller was read; whoever opens one does. */
export function noteInput(file: string): void {
  read.add(path.resolve(file));
}

/** Every file of the controller that this process has read for its work, sorted: absolute paths. */
export function inputsRead(): string[] {
  return [...read].sort();
}
