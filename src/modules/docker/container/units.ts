import { SlipwayError } from '../../../base/errors.ts';

const BINARY: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  k: 2 ** 10,
  m: 2 ** 20,
  g: 2 ** 30,
  t: 2 ** 40,
  p: 2 ** 50,
};

/** `512m`, `1.5GiB`, `1048576` as bytes; `unlimited` is -1. @throws {SlipwayError} task.invalid */
export function bytesOf(name: string, given: string | number): number {
  if (typeof given === 'number') return given;
  const text = given.trim().toLowerCase();
  if (text === 'unlimited' || text === '-1') return -1;
  const [, number = '', unit = ''] = /^(\d+(?:\.\d+)?)\s*([kmgtp]?)i?b?$/.exec(text) ?? [];
  if (number !== '') return Math.round(Number(number) * BINARY[unit]!);
  throw new SlipwayError('task.invalid', `${name} "${given}" is no size`, {
    hint: 'Write bytes, or a number with K, M, G or T: 512M.',
  });
}

/** As people write it: 512M where it is even, else bytes. */
export function sizeText(bytes: number): string {
  if (bytes < 0) return 'unlimited';
  for (const unit of ['T', 'G', 'M', 'K']) {
    const one = BINARY[unit.toLowerCase()]!;
    if (bytes >= one && bytes % one === 0) return `${bytes / one}${unit}`;
  }
  return String(bytes);
}

const NANOSECONDS: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
};

/** `1m30s`, `500ms` as nanoseconds; undefined where it is none. */
export function durationOf(text: string): number | undefined {
  if (!/^(\d+(\.\d+)?(ns|us|ms|s|m|h))+$/.test(text)) return undefined;
  let sum = 0;
  for (const [, number, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ns|us|ms|s|m|h)/g))
    sum += Number(number) * NANOSECONDS[unit!]!;
  return Math.round(sum);
}

/** `1m30s`, `500ms`, or seconds, as nanoseconds. @throws {SlipwayError} task.invalid */
export function nanosecondsOf(name: string, given: string | number): number {
  if (typeof given === 'number') return Math.round(given * 1e9);
  const text = given.trim();
  const nanoseconds = /^\d+$/.test(text) ? Number(text) * 1e9 : durationOf(text);
  if (nanoseconds !== undefined) return nanoseconds;
  throw new SlipwayError('task.invalid', `${name} "${given}" is no duration`, {
    hint: 'Write 30s, 1m30s or 500ms.',
  });
}

export function durationText(nanoseconds: number): string {
  let left = nanoseconds;
  let text = '';
  for (const unit of ['h', 'm', 's', 'ms', 'us', 'ns']) {
    const one = NANOSECONDS[unit]!;
    const count = Math.floor(left / one);
    if (count > 0) text += `${count}${unit}`;
    left -= count * one;
  }
  return text === '' ? '0s' : text;
}
