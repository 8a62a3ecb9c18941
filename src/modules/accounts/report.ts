/** Reads `key value` lines, as small probes print them: all values of a key, in order. */
export function readValues(stdout: string): (key: string) => string[] {
  const values = new Map<string, string[]>();
  for (const line of stdout.split('\n')) {
    const at = line.indexOf(' ');
    const key = at === -1 ? line : line.slice(0, at);
    const value = at === -1 ? '' : line.slice(at + 1);
    const there = values.get(key);
    if (there) there.push(value);
    else values.set(key, [value]);
  }
  return (key) => values.get(key) ?? [];
}

/** The first value of a key, or undefined where it is empty or not there. */
export function firstOf(values: (key: string) => string[], key: string): string | undefined {
  return values(key)[0]?.trim() || undefined;
}
