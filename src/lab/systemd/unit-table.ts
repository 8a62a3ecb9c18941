import type { HostFiles } from '../host-files.ts';
import { newState, type UnitState } from './service.ts';
import { fullName, readUnit, type UnitDefinition } from './units.ts';

/** The units that were ever asked for, with their state. */
export interface UnitTable {
  /** A unit by any of its names. Its definition is that of the last daemon-reload, as in systemd. */
  unit(name: string): Promise<UnitState>;
  known(): UnitState[];
  /** Its files are not what was read. */
  isStale(unit: UnitState): Promise<boolean>;
  /** From now on definitions are read anew. The time of it is left in a file, as systemd does. */
  forget(): Promise<void>;
}

/** Files of units that are newer than this one were not read. */
const READ_MARK = '/run/systemd/systemd-units-load';

export function createUnitTable(files: HostFiles): UnitTable {
  const units = new Map<string, UnitState>();
  const fresh = new Set<string>();
  return {
    unit: async (given) => {
      const asked = fullName(given);
      const seen = units.get(asked);
      if (seen && fresh.has(asked)) return seen;
      const read = await readUnit(files, asked);
      const canonical = canonicalName(read);
      const definition = canonical === asked ? read : { ...read, name: canonical };
      const state = units.get(canonical) ?? newState(definition);
      // What was never found is looked for again; what was read stays until daemon-reload.
      if (!fresh.has(canonical) || state.definition.load !== 'loaded') state.definition = definition;
      units.set(canonical, state);
      if (definition.load === 'loaded') fresh.add(canonical);
      return state;
    },
    known: () => [...units.values()],
    isStale: async ({ definition }) =>
      definition.load === 'loaded' && (await readUnit(files, definition.name)).text !== definition.text,
    forget: async () => {
      fresh.clear();
      await files.write(READ_MARK, `${new Date().toISOString()}\n`);
    },
  };
}

/** An alias is the unit that its link leads to. */
function canonicalName(read: UnitDefinition): string {
  if (read.load !== 'loaded' || read.name.includes('@')) return read.name;
  return read.path.slice(read.path.lastIndexOf('/') + 1);
}
