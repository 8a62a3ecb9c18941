import { isIPv6 } from 'node:net';

/** An address and the names that it has. */
export interface HostsLine {
  readonly ip: string;
  readonly names: readonly string[];
}

export interface HostsWanted {
  readonly entries: readonly HostsLine[];
  readonly absent: boolean;
  /** Take the names from other addresses of the same family. */
  readonly unique: boolean;
  /** Begin and end of the block; undefined: single lines. */
  readonly marker: { readonly begin: string; readonly end: string } | undefined;
}

interface Parsed {
  readonly text: string;
  readonly entry?: HostsLine;
  readonly comment: string;
}

function parseLine(text: string): Parsed {
  const at = text.indexOf('#');
  const comment = at === -1 ? '' : text.slice(at);
  const words = (at === -1 ? text : text.slice(0, at)).trim().split(/\s+/);
  const [ip, ...names] = words;
  return ip && names.length > 0 ? { text, entry: { ip, names }, comment } : { text, comment };
}

const format = (line: HostsLine, comment = '') => [line.ip, ...line.names, comment].filter(Boolean).join(' ');

/** Names that belong to the loopback addresses for good. */
const isLocal = (name: string) => /^(localhost|ip6-|localhost[46.])/.test(name);

/** The text of the hosts file as wanted. Lines that need no change stay as they are, with blanks and comments. */
export function editHosts(text: string, wanted: HostsWanted): string {
  const all = text === '' ? [] : text.replace(/\n$/, '').split('\n');
  const edited = wanted.marker ? block(all, wanted, wanted.marker) : single(all, wanted);
  return edited.length === 0 ? '' : `${edited.join('\n')}\n`;
}

function block(
  all: readonly string[],
  wanted: HostsWanted,
  marker: { begin: string; end: string },
): string[] {
  const begin = all.indexOf(marker.begin);
  const found = begin === -1 ? -1 : all.indexOf(marker.end, begin);
  // A block that lost its end is one line: what follows may be the user's.
  const end = found === -1 ? begin : found;
  const before = begin === -1 ? all : all.slice(0, begin);
  const after = begin === -1 ? [] : all.slice(end + 1);
  if (wanted.absent) return [...before, ...after];
  const lines = [marker.begin, ...wanted.entries.map((entry) => format(entry)), marker.end];
  const clean = (part: readonly string[]) => (wanted.unique ? withoutNames(part, wanted.entries) : part);
  return [...clean(before), ...lines, ...clean(after)];
}

function single(all: readonly string[], wanted: HostsWanted): string[] {
  let lines = [...all];
  for (const entry of wanted.entries) {
    if (wanted.absent) lines = removeEntry(lines, entry);
    else lines = addEntry(wanted.unique ? withoutNames(lines, [entry]) : lines, entry);
  }
  return lines;
}

/** Takes names away from other addresses of the same family; a line that has none left goes. */
function withoutNames(lines: readonly string[], entries: readonly HostsLine[]): string[] {
  return lines.flatMap((line) => {
    const { entry, comment } = parseLine(line);
    if (!entry) return [line];
    const taken = entries
      .filter(({ ip }) => ip !== entry.ip && isIPv6(ip) === isIPv6(entry.ip))
      .flatMap(({ names }) => names);
    const left = entry.names.filter((name) => isLocal(name) || !taken.includes(name));
    if (left.length === entry.names.length) return [line];
    return left.length === 0 ? [] : [format({ ip: entry.ip, names: left }, comment)];
  });
}

function addEntry(lines: readonly string[], entry: HostsLine): string[] {
  const same = lines.map(parseLine).filter(({ entry: there }) => there?.ip === entry.ip);
  const missing = entry.names.filter((name) => !same.some(({ entry: there }) => there?.names.includes(name)));
  if (missing.length === 0) return [...lines];
  const first = same[0];
  if (!first) return [...lines, format(entry)];
  // The first name of a line is the canonical one: the names asked for come first, in their order.
  const names = [...entry.names, ...first.entry!.names.filter((name) => !entry.names.includes(name))];
  const better = format({ ip: entry.ip, names }, first.comment);
  return lines.map((line) => (line === first.text ? better : line));
}

/** Without an address: the names wherever they are. Without names: the whole address. */
function removeEntry(lines: readonly string[], wanted: HostsLine): string[] {
  return lines.flatMap((line) => {
    const { entry, comment } = parseLine(line);
    if (!entry || (wanted.ip !== '' && entry.ip !== wanted.ip)) return [line];
    if (wanted.names.length === 0) return [];
    const left = entry.names.filter((name) => !wanted.names.includes(name));
    if (left.length === entry.names.length) return [line];
    return left.length === 0 ? [] : [format({ ip: entry.ip, names: left }, comment)];
  });
}
