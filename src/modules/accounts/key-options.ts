/** Splits the options (which may hold quoted blanks) from the rest of an authorized_keys line. */
export function splitOptions(line: string): [string, string] {
  let quoted = false;
  for (let at = 0; at < line.length; at++) {
    const c = line[at];
    if (c === '\\' && quoted) at++;
    else if (c === '"') quoted = !quoted;
    else if (!quoted && (c === ' ' || c === '\t')) return [line.slice(0, at), line.slice(at).trim()];
  }
  return [line, ''];
}
