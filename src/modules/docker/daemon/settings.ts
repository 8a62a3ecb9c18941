import { isDeepStrictEqual } from 'node:util';

/** What JSON can hold. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
export type Settings = Readonly<Record<string, Json>>;

/** What lists in both come to: values that are missing are put behind, or ours stands alone. */
export type ListMerge = 'append' | 'replace';

const isMap = (value: Json | undefined): value is Settings =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** `ours` put into `theirs`: maps deep, keys where they stand, all that is not ours kept. */
export function merge(theirs: Settings, ours: Settings, lists: ListMerge): Settings {
  const merged: Record<string, Json> = { ...theirs };
  for (const [key, value] of Object.entries(ours)) merged[key] = mergeValue(merged[key], value, lists);
  return merged;
}

function mergeValue(theirs: Json | undefined, ours: Json, lists: ListMerge): Json {
  if (isMap(theirs) && isMap(ours)) return merge(theirs, ours, lists);
  if (lists === 'replace' || !Array.isArray(theirs) || !Array.isArray(ours)) return ours;
  const missing = (ours as readonly Json[]).filter(
    (value) => !theirs.some((one) => isDeepStrictEqual(one, value)),
  );
  return [...(theirs as readonly Json[]), ...missing];
}

/** `ours` taken out of `theirs`: values of lists, keys that have our value; what is empty then goes, too. */
export function remove(theirs: Settings, ours: Settings): Settings {
  const left: Record<string, Json> = { ...theirs };
  for (const [key, value] of Object.entries(ours)) {
    const then = removeValue(theirs[key], value);
    if (then === undefined) delete left[key];
    else left[key] = then;
  }
  return left;
}

function removeValue(theirs: Json | undefined, ours: Json): Json | undefined {
  if (theirs === undefined || isDeepStrictEqual(theirs, ours)) return undefined;
  if (isMap(theirs) && isMap(ours)) {
    const left = remove(theirs, ours);
    return Object.keys(left).length === 0 ? undefined : left;
  }
  if (!Array.isArray(theirs) || !Array.isArray(ours)) return theirs;
  const left = (theirs as readonly Json[]).filter(
    (value) => !ours.some((one) => isDeepStrictEqual(one, value)),
  );
  return left.length === 0 ? undefined : left;
}

/** Keys at the top whose values differ. */
export function changedKeys(before: Settings, after: Settings): string[] {
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...keys].filter((key) => !isDeepStrictEqual(before[key], after[key]));
}

// What the daemon takes over on SIGHUP; everything else it reads when it starts.
const RELOADED = new Set([
  'allow-nondistributable-artifacts',
  'authorization-plugins',
  'debug',
  'default-runtime',
  'insecure-registries',
  'labels',
  'live-restore',
  'max-concurrent-downloads',
  'max-concurrent-uploads',
  'max-download-attempts',
  'registry-mirrors',
  'runtimes',
  'shutdown-timeout',
]);

/** The same of `features`: which store images are in, for one, is settled at the start. */
const RELOADED_FEATURES = new Set(['buildkit']);

/** Whether a reload is enough for all that differs. */
export function isReloaded(before: Settings, after: Settings): boolean {
  return changedKeys(before, after).every((key) => {
    if (key !== 'features') return RELOADED.has(key);
    const features = changedKeys(mapOf(before[key]), mapOf(after[key]));
    return features.every((feature) => RELOADED_FEATURES.has(feature));
  });
}

const mapOf = (value: Json | undefined): Settings => (isMap(value) ? value : {});

/** The text of a file, as a map. Throws what JSON.parse throws, or a TypeError. */
export function parseSettings(text: string): Settings {
  if (text.trim() === '') return {};
  const value = JSON.parse(text) as Json;
  if (!isMap(value)) throw new TypeError('it holds no map');
  return value;
}

/** As the file was written: with its own indentation. */
export function formatSettings(settings: Settings, before: string): string {
  const indent = /^\{[^\S\n]*\n([ \t]+)/.exec(before.trimStart())?.[1] ?? 2;
  return `${JSON.stringify(settings, null, indent)}\n`;
}
