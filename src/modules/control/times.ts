import type { Clock } from '../../transport/types.ts';

/** Start, end and duration of a step as Python writes them: local time of the host, and `[D days, ]H:MM:SS.ffffff`. */
export function timesOf(clock: Clock): { start: string; end: string; delta: string } | undefined {
  const now = microseconds(clock.date);
  if (now === undefined) return undefined;
  const at = (uptime: number) => now + Math.round((uptime - clock.at) * 1e6);
  const [start, end] = [at(clock.begun), at(clock.ended)];
  return { start: dateText(start), end: dateText(end), delta: durationText(end - start) };
}

/** A local time as if it were UTC; busybox knows no fractions of a second. */
function microseconds(date: string): number | undefined {
  const found = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?/.exec(date);
  if (!found) return undefined;
  return Date.parse(`${found[1]}Z`) * 1000 + Number((found[2] ?? '').padEnd(9, '0').slice(0, 6));
}

function dateText(time: number): string {
  const part = time % 1_000_000;
  const seconds = new Date((time - part) / 1000).toISOString().slice(0, 19).replace('T', ' ');
  return seconds + fraction(part);
}

function durationText(time: number): string {
  const part = time % 1_000_000;
  const seconds = (time - part) / 1_000_000;
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0');
  const days = Math.floor(seconds / 86_400);
  const prefix = days === 0 ? '' : `${days} day${days === 1 ? '' : 's'}, `;
  return `${prefix}${Math.floor((seconds % 86_400) / 3600)}:${two((seconds % 3600) / 60)}:${two(seconds % 60)}${fraction(part)}`;
}

function fraction(part: number): string {
  return part === 0 ? '' : `.${String(part).padStart(6, '0')}`;
}
