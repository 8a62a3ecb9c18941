import { Unknown } from './types.ts';

/** Deeper data are taken as known: what a module returns is flat. */
const DEEPEST = 5;

/** The first unknown part of a list or map, whose use as a whole hangs on it. */
export function unknownWithin(value: unknown, depth = 0): Unknown | undefined {
  if (value instanceof Unknown) return value;
  if (value === null || typeof value !== 'object' || depth > DEEPEST) return undefined;
  for (const part of Object.values(value)) {
    const found = unknownWithin(part, depth + 1);
    if (found) return found;
  }
  return undefined;
}
