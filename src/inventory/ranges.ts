/** A host entry of an inventory, opened up: its names, and the port where `name:port` was written. */
export interface HostEntry {
  readonly names: readonly string[];
  readonly port?: number | undefined;
}

const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';
const RANGE = /\[([^\][]*:[^\][]*)\]/;

/**
 * Reads `name`, `name:port`, `[ipv6]:port` and ranges: `n[01:50]`, `n[a:f]`, `n[1:9:2]`, several in one name.
 * @throws {RangeError} with a sentence that says what is wrong
 */
export function readHostEntry(text: string): HostEntry {
  const six = /^\[([0-9a-fA-F:.]*:[0-9a-fA-F:.]*:[0-9a-fA-F:.%\w]*)\](?::(\d+))?$/.exec(text);
  if (six?.[1]?.includes('::') || (six && six[2] !== undefined)) return entry([six![1]!], six![2]);
  const bare = text.replace(/\[[^\]]*\]/g, '');
  const colons = bare.split(':').length - 1;
  if (colons !== 1) return entry(expandRanges(text), undefined);
  const port = /^(.*):(\d+)$/.exec(text);
  if (!port) throw new RangeError(`\`${text}\` is not a host name or name:port`);
  return entry(expandRanges(port[1]!), port[2]);
}

function entry(names: readonly string[], port: string | undefined): HostEntry {
  if (port === undefined) return { names };
  const number = Number(port);
  if (number < 1 || number > 65535) throw new RangeError(`${port} is not a port (1 to 65535)`);
  return { names, port: number };
}

/** All names that a pattern with ranges stands for, first range slowest. */
export function expandRanges(pattern: string): string[] {
  const match = RANGE.exec(pattern);
  if (!match) {
    if (/[[\]]/.test(pattern)) throw new RangeError(`\`${pattern}\` has a bracket but no range`);
    return [pattern];
  }
  const head = pattern.slice(0, match.index);
  const tails = expandRanges(pattern.slice(match.index + match[0].length));
  return items(match[1]!).flatMap((item) => tails.map((tail) => head + item + tail));
}

function items(range: string): string[] {
  const parts = range.split(':');
  if (parts.length > 3)
    throw new RangeError(`[${range}] is not a range; write [first:last] or [first:last:step]`);
  const first = parts[0] || '0';
  const last = parts[1] ?? '';
  const step = parts[2] === undefined ? 1 : Number(parts[2]);
  if (last === '') throw new RangeError(`the range [${range}] has no end`);
  if (!Number.isInteger(step) || step < 1)
    throw new RangeError(`the step of [${range}] is not a whole number above 0`);
  if (/^\d+$/.test(first) && /^\d+$/.test(last)) return numbers(range, first, last, step);
  const from = LETTERS.indexOf(first);
  const to = LETTERS.indexOf(last);
  if (first.length !== 1 || last.length !== 1 || from < 0 || to < 0)
    throw new RangeError(`[${range}] must go from number to number or from letter to letter`);
  if (from > to) throw new RangeError(`the range [${range}] ends before it starts`);
  return Array.from(LETTERS.slice(from, to + 1)).filter((_, index) => index % step === 0);
}

function numbers(range: string, first: string, last: string, step: number): string[] {
  const width = first.length > 1 && first.startsWith('0') ? first.length : 0;
  if (width > 0 && last.length !== first.length)
    throw new RangeError(
      `both ends of [${range}] need the same number of digits, since the first has a leading 0`,
    );
  const [from, to] = [Number(first), Number(last)];
  if (from > to) throw new RangeError(`the range [${range}] ends before it starts`);
  if ((to - from) / step > 100_000)
    throw new RangeError(`the range [${range}] stands for more than 100000 hosts`);
  const names: string[] = [];
  for (let n = from; n <= to; n += step) names.push(String(n).padStart(width, '0'));
  return names;
}
