/** Columns padded to the widest cell and `gap` blanks, as the tabwriter of these programs prints them. */
export function table(rows: readonly (readonly string[])[], gap = 3, minimum = 0): string {
  const widths: number[] = [];
  for (const row of rows)
    for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? minimum, cell.length + gap);
  return rows
    .map((row) => row.map((cell, i) => (i === row.length - 1 ? cell : cell.padEnd(widths[i] ?? 0))).join(''))
    .map((line) => `${line}\n`)
    .join('');
}

/** The age column: `43s`, `5m12s`, `3h`, `2d4h`. */
export function humanDuration(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  const days = Math.floor(hours / 24);
  const both = (big: number, unit: string, small: number, of: string): string =>
    small === 0 ? `${big}${unit}` : `${big}${unit}${small}${of}`;
  if (seconds < 120) return `${seconds}s`;
  if (minutes < 10) return both(minutes, 'm', seconds % 60, 's');
  if (hours < 3) return `${minutes}m`;
  if (hours < 8) return both(hours, 'h', minutes % 60, 'm');
  if (hours < 48) return `${hours}h`;
  if (days < 8) return both(days, 'd', hours % 24, 'h');
  return `${days}d`;
}

/** The TTL column of `kubeadm token list`: one unit only. */
export function shortDuration(milliseconds: number): string {
  if (milliseconds < -1000) return '<invalid>';
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m`;
  if (seconds < 86400) return `${Math.floor(seconds / 3600)}h`;
  return `${Math.floor(seconds / 86400)}d`;
}

const UNITS: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 };

/** Go's duration, `1h30m`, in milliseconds; undefined where it is none. */
export function goDuration(text: string): number | undefined {
  if (text === '0') return 0;
  if (!/^(?:\d+(?:\.\d+)?(?:ms|h|m|s))+$/.test(text)) return undefined;
  let sum = 0;
  for (const part of text.matchAll(/(\d+(?:\.\d+)?)(ms|h|m|s)/g))
    sum += Number(part[1]) * (UNITS[part[2] ?? ''] ?? 0);
  return sum;
}

/** RFC 3339 without fractions, as Kubernetes writes times. */
export function stamp(time = Date.now()): string {
  return new Date(time).toISOString().replace(/\.\d+Z$/, 'Z');
}

/** The head of a klog line: `W1123 19:30:01.000000   12345 `. */
export function klog(level: 'I' | 'W' | 'E', where: string, message: string): string {
  const now = new Date();
  const two = (n: number): string => String(n).padStart(2, '0');
  const time = `${two(now.getHours())}:${two(now.getMinutes())}:${two(now.getSeconds())}.${String(now.getMilliseconds()).padStart(3, '0')}000`;
  return `${level}${two(now.getMonth() + 1)}${two(now.getDate())} ${time} ${String(process.pid).padStart(7)} ${where}] ${message}\n`;
}
