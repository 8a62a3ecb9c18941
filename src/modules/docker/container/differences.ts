import type { Difference } from '../../../module/contract.ts';
import type { Container, Image } from './inspected.ts';
import type { ContainerParams } from './params.ts';
import { dig, type Kind, type Setting, type View } from './setting.ts';
import { SETTINGS } from './settings.ts';

export type How = 'strict' | 'ignore' | 'allow_more_present';

/** A parameter that is declared, and what it is held against. */
export interface Declared {
  readonly setting: Setting;
  /** As the Engine takes it. */
  readonly given: unknown;
  readonly wanted: View;
  /** What the container has; undefined where there is none. */
  readonly found: View | undefined;
  /** What it would have by its image alone. */
  readonly inherited: View | undefined;
  readonly differs: boolean;
}

export function howOf(name: string, kind: Kind, p: ContainerParams): How {
  const whole = kind === 'value' || kind === 'list';
  return p.comparisons?.[name] ?? p.comparisons?.['*'] ?? (whole ? 'strict' : 'allow_more_present');
}

/** Everything that is declared; what is not is nobody's business. */
export function declaredOf(p: ContainerParams, container: Container | undefined, image: Image | undefined) {
  return SETTINGS.flatMap((setting): Declared[] => {
    const given = setting.wanted(p);
    if (given === undefined) return [];
    const wanted = setting.view(given);
    const inherited = setting.inherited && image ? setting.view(dig(image, setting.path)) : undefined;
    if (!container) return [{ setting, given, wanted, found: undefined, inherited, differs: true }];
    const found = setting.view(dig(container, setting.path));
    const how = howOf(setting.name, setting.kind, p);
    const differs = how !== 'ignore' && !agrees(wanted, found, inherited, how === 'strict');
    return [{ setting, given, wanted, found, inherited, differs }];
  });
}

function agrees(wanted: View, found: View, inherited: View | undefined, strict: boolean): boolean {
  if (typeof wanted === 'string') return wanted === found;
  if (isList(wanted)) {
    const there = found as readonly string[];
    // A list has its order; what comes from an image is among sets and maps only.
    const all = merged(wanted, inherited) as readonly string[];
    if (!strict) return wanted.every((one) => there.includes(one));
    return all.length === there.length && all.every((one, at) => one === there[at]);
  }
  const there = found as Readonly<Record<string, string>>;
  if (Object.entries(wanted).some(([key, value]) => there[key] !== value)) return false;
  const all = merged(wanted, inherited);
  return !strict || Object.keys(there).every((key) => Object.hasOwn(all as object, key));
}

const isList = (view: View): view is readonly string[] => Array.isArray(view);

/** What a container made anew would have. */
export function merged(wanted: View, inherited: View | undefined): View {
  if (inherited === undefined || typeof wanted === 'string' || typeof inherited === 'string') return wanted;
  if (isList(wanted)) return [...new Set([...wanted, ...(inherited as readonly string[])])].sort();
  return { ...(inherited as Readonly<Record<string, string>>), ...wanted };
}

/** Values that nobody should read: whether they differ is told, and not from what. */
export type Hidden = (key: string) => boolean;

const MASK = '********';

/** What would become of one setting. */
export function shown(
  { setting, found, wanted, inherited }: Declared,
  whole: boolean,
  hidden: Hidden,
): Difference[] {
  const { name, kind } = setting;
  if (kind !== 'map') {
    const before = lineOf(found, kind);
    const after = lineOf(merged(wanted, inherited), kind);
    return before === after ? [] : [{ subject: name, before, after }];
  }
  const before = (found ?? {}) as Readonly<Record<string, string>>;
  // A container that is not there yet: what the image brings is not news.
  const after = (whole && found ? merged(wanted, inherited) : wanted) as Readonly<Record<string, string>>;
  const keys = new Set([...Object.keys(after), ...(whole ? Object.keys(before) : [])]);
  return [...keys]
    .filter((key) => before[key] !== after[key])
    .map((key) => {
      const veil = (value: string | undefined, mask: string) =>
        value === undefined || !(name === 'env' && hidden(key)) ? value : mask;
      const as = { before: veil(before[key], MASK), after: veil(after[key], `${MASK} (as declared)`) };
      return { subject: `${name} ${key}`, ...as };
    });
}

function lineOf(view: View | undefined, kind: Kind): string | undefined {
  if (view === undefined || view === '' || view.length === 0) return undefined;
  if (typeof view === 'string') return view;
  const all = view as readonly string[];
  return kind === 'set'
    ? all.join(', ')
    : all.map((word) => (/^\S+$/.test(word) ? word : JSON.stringify(word))).join(' ');
}
