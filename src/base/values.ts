/** The type of plain data in words, with its article. */
export function describeType(value: unknown): string {
  if (value === null) return 'null';
  if (value === undefined) return 'undefined';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'bigint' || typeof value === 'number') return 'a number';
  if (typeof value === 'string') return 'a string';
  return typeof value === 'boolean' ? 'a boolean' : 'a map';
}

/** A value as it may stand in a message: short, and never a whole document. */
export function show(value: unknown): string {
  if (typeof value === 'string')
    return value.length > 40 ? `${JSON.stringify(value.slice(0, 37))}…` : JSON.stringify(value);
  if (value !== null && typeof value === 'object') return describeType(value);
  return String(value);
}

/** Type and value together: `a string ("abc")`, `a list`. */
export function describe(value: unknown): string {
  const type = describeType(value);
  return type === show(value) ? type : `${type} (${show(value)})`;
}
