import { SlipwayError } from '../../base/errors.ts';
import type { Become } from '../types.ts';

/** Tells users apart, as the keys of a map. */
export function keyOf(become: Become | undefined): string {
  return become ? JSON.stringify([become.method, become.user, become.flags, become.password]) : '';
}

/** Remembers for which users of a host sudo wants a terminal. */
export interface Terminals {
  give(become: Become | undefined): Become | undefined;
  /** Takes in a failure; true when it was about a missing terminal, and the next try will have one. */
  wanted(become: Become | undefined, error: unknown): boolean;
}

export function createTerminals(): Terminals {
  const known = new Set<string>();
  return {
    give: (become) => (become && known.has(keyOf(become)) ? { ...become, terminal: true } : become),
    wanted(become, error) {
      const about = error instanceof SlipwayError && error.data['terminal'] === true;
      if (!about || become?.method !== 'sudo' || known.has(keyOf(become))) return false;
      known.add(keyOf(become));
      return true;
    },
  };
}
