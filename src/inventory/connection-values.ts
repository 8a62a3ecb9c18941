import { homedir } from 'node:os';
import path from 'node:path';
import { SlipwayError } from '../base/errors.ts';
import { type Scope, Unknown } from '../expression/types.ts';

/** Reads connection variables of one host, with errors that name the host and the variable. */
export interface ConnectionValues {
  readonly host: string;
  /** The first of these variables that is set, as text. @throws {SlipwayError} schema.wrong-type */
  text(...names: readonly string[]): string | undefined;
  /** @throws {SlipwayError} schema.wrong-type */
  number(...names: readonly string[]): number | undefined;
  /** True, false, yes, no, 1, 0. @throws {SlipwayError} schema.wrong-type */
  boolean(...names: readonly string[]): boolean | undefined;
}

export function connectionValues(scope: Scope, host: string): ConnectionValues {
  const first = (names: readonly string[]): { name: string; value: unknown } | undefined => {
    for (const name of names) {
      const value = scope.get(name);
      if (value instanceof Unknown)
        throw new SlipwayError(
          'task.invalid',
          `\`${name}\` of ${host} is not known yet: it depends on ${value.why}`,
        );
      if (value !== undefined && value !== null && value !== '') return { name, value };
    }
    return undefined;
  };
  const wrong = (name: string, value: unknown, wanted: string) =>
    new SlipwayError(
      'schema.wrong-type',
      `\`${name}\` of ${host} must be ${wanted}, not ${JSON.stringify(value)}`,
    );
  return {
    host,
    text: (...names) => {
      const found = first(names);
      if (!found) return undefined;
      if (typeof found.value === 'object') throw wrong(found.name, found.value, 'text');
      return String(found.value);
    },
    number: (...names) => {
      const found = first(names);
      if (!found) return undefined;
      const value = Number(found.value);
      if (typeof found.value === 'boolean' || !Number.isFinite(value))
        throw wrong(found.name, found.value, 'a number');
      return value;
    },
    boolean: (...names) => {
      const found = first(names);
      if (!found) return undefined;
      const value = asBoolean(found.value);
      if (value === undefined) throw wrong(found.name, found.value, 'true or false');
      return value;
    },
  };
}

/** What Ansible takes for true and false; undefined for anything else. */
export function asBoolean(value: unknown): boolean | undefined {
  if (typeof value === 'boolean') return value;
  const word = String(value).toLowerCase();
  if (['true', 'yes', 'on', 'y', 't', '1'].includes(word)) return true;
  if (['false', 'no', 'off', 'n', 'f', '0'].includes(word)) return false;
  return undefined;
}

/** `~` is the home folder; other relative paths count from the current folder. */
export function expandPath(file: string): string {
  if (file === '~') return homedir();
  return file.startsWith('~/') ? path.join(homedir(), file.slice(2)) : path.resolve(file);
}
