import type { Scope } from './types.ts';

/** A scope over plain data. Only what the record itself holds is a variable. */
export function recordScope(record: Readonly<Record<string, unknown>>): Scope {
  return {
    get: (name) => (Object.hasOwn(record, name) ? record[name] : undefined),
    has: (name) => Object.hasOwn(record, name) && record[name] !== undefined,
    names: () => Object.keys(record),
  };
}

/** `record` in front of `scope`: its names win. */
export function overlay(scope: Scope, record: Readonly<Record<string, unknown>>): Scope {
  const front = recordScope(record);
  return {
    get: (name) => (front.has(name) ? front.get(name) : scope.get(name)),
    has: (name) => front.has(name) || scope.has(name),
    names: () => new Set([...front.names(), ...scope.names()]),
  };
}
