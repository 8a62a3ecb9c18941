/** A unit as its files say: sections of keys with all their values, in order. */
export type UnitSections = ReadonlyMap<string, ReadonlyMap<string, readonly string[]>>;

/**
 * Reads unit files of one unit, the main one first and drop-ins after it. As in systemd an empty value forgets what
 * stood before, a backslash joins lines, and unknown keys are kept.
 */
export function parseUnit(texts: readonly string[]): UnitSections {
  const sections = new Map<string, Map<string, string[]>>();
  for (const text of texts) {
    let section: Map<string, string[]> | undefined;
    for (const line of logicalLines(text)) {
      const heading = /^\[(.+)\]$/.exec(line);
      if (heading) {
        section = sections.get(heading[1]!) ?? new Map<string, string[]>();
        sections.set(heading[1]!, section);
        continue;
      }
      const at = line.indexOf('=');
      if (at < 0 || !section) continue;
      const key = line.slice(0, at).trim();
      const value = line.slice(at + 1).trim();
      if (value === '') section.set(key, []);
      else section.set(key, [...(section.get(key) ?? []), value]);
    }
  }
  return sections;
}

function logicalLines(text: string): string[] {
  const lines: string[] = [];
  let open: string | undefined;
  for (const raw of text.split('\n')) {
    const line = raw.trim();
    if (/^[#;]/.test(line)) continue;
    const joined: string = open === undefined ? line : `${open} ${line}`;
    if (joined.endsWith('\\')) open = joined.slice(0, -1).trimEnd();
    else {
      open = undefined;
      if (joined !== '') lines.push(joined);
    }
  }
  if (open !== undefined) lines.push(open);
  return lines;
}

/** The last value of a key. */
export function value(unit: UnitSections, section: string, key: string): string | undefined {
  return unit.get(section)?.get(key)?.at(-1);
}

export function values(unit: UnitSections, section: string, key: string): readonly string[] {
  return unit.get(section)?.get(key) ?? [];
}

/** Names in a list that may stand on several lines (`WantedBy=a b`). */
export function names(unit: UnitSections, section: string, key: string): string[] {
  return values(unit, section, key).flatMap((text) => text.split(/\s+/).filter(Boolean));
}

export function isYes(text: string | undefined): boolean {
  return text !== undefined && /^(yes|true|on|1)$/i.test(text);
}

/** Milliseconds of `5`, `100ms`, `1min 30s`, `infinity`. */
export function milliseconds(text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  if (text === 'infinity') return Infinity;
  const units: Record<string, number> = {
    us: 0.001,
    ms: 1,
    s: 1000,
    sec: 1000,
    m: 60_000,
    min: 60_000,
    h: 3_600_000,
  };
  let total = 0;
  for (const [, number, unit] of text.matchAll(/(\d+(?:\.\d+)?)\s*([a-z]*)/g))
    total += Number(number) * (units[unit || 's'] ?? 1000);
  return total;
}
