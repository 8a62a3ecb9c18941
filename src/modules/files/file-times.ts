import { SlipwayError } from '../../base/errors.ts';
import type { Difference } from '../../module/contract.ts';
import { lines, type Program, type Raw, raw, sh } from '../../module/program.ts';
import type { Stat } from './path-state.ts';

/** A time that a path should have: the host's clock at the moment, or a fixed one in the host's time zone. */
type Wish = 'now' | { readonly date: string; readonly stamp: string };

export interface Times {
  readonly access?: Wish | undefined;
  readonly modification?: Wish | undefined;
}

export interface TimeParams {
  readonly access_time?: string | undefined;
  readonly access_time_format?: string | undefined;
  readonly modification_time?: string | undefined;
  readonly modification_time_format?: string | undefined;
}

export const TIME_FORMAT = '%Y%m%d%H%M.%S';
/** `now` holds when the time is no older than this by the host's own clock. Seconds. */
const FRESH = 30;

/** @throws {SlipwayError} task.invalid when a time does not fit its format */
export function timesOf(p: TimeParams): Times {
  return {
    access: wish(p.access_time, p.access_time_format),
    modification: wish(p.modification_time, p.modification_time_format),
  };
}

const DIGITS: Readonly<Record<string, string>> = {
  Y: '(?<Y>\\d{4})',
  m: '(?<m>\\d\\d)',
  d: '(?<d>\\d\\d)',
  H: '(?<H>\\d\\d)',
  M: '(?<M>\\d\\d)',
  S: '(?<S>\\d\\d)',
};

function wish(time: string | undefined, format = TIME_FORMAT): Wish | undefined {
  if (time === undefined || time === 'preserve') return undefined;
  if (time === 'now') return 'now';
  const pattern = format.replace(/%([A-Za-z])|[.*+?^${}()|[\]\\]/g, (part, letter?: string) => {
    if (letter === undefined) return `\\${part}`;
    const digits = DIGITS[letter];
    if (digits === undefined)
      throw new SlipwayError(
        'task.invalid',
        `the time format ${format} has ${part}, which is not supported`,
        {
          hint: 'Use %Y %m %d %H %M %S.',
        },
      );
    return digits;
  });
  const found = new RegExp(`^${pattern}$`).exec(time)?.groups;
  if (!found)
    throw new SlipwayError('task.invalid', `the time ${time} does not have the form ${format}`, {
      hint: 'Write now, preserve, or the time in that form, in quotes.',
    });
  const { Y = '1970', m = '01', d = '01', H = '00', M = '00', S = '00' } = found;
  return { date: `${Y}-${m}-${d} ${H}:${M}:${S}`, stamp: `${Y}${m}${d}${H}${M}.${S}` };
}

/** Read-only sh: a line `times NOW ACCESS MODIFICATION`, seconds, `-` where nothing fixed is wished. */
export function probeTimes({ access, modification }: Times): Program | undefined {
  if (!access && !modification) return undefined;
  const seconds = (wished: Wish | undefined): Raw =>
    raw(wished && wished !== 'now' ? `"$(${sh`date -d ${wished.date} +%s`.text})"` : '-');
  return sh`echo times "$(date +%s)" ${seconds(access)} ${seconds(modification)}`;
}

export function compareTimes(path: string, current: Stat, times: Times, stdout: string): Difference[] {
  const said = /^times (\d+) (\S+) (\S+)$/m.exec(stdout);
  if (!said) return [];
  const now = Number(said[1]);
  const row = (name: string, wished: Wish | undefined, has: number, fixed: string): Difference[] => {
    if (!wished) return [];
    const fits = wished === 'now' ? Math.abs(now - has) <= FRESH : Number(fixed) === has;
    if (fits) return [];
    const after = wished === 'now' ? 'now' : wished.date;
    return [{ subject: `${path} ${name} time`, before: String(has), after, kind: 'value' }];
  };
  return [
    ...row('access', times.access, current.atime, said[2]!),
    ...row('modification', times.modification, current.mtime, said[3]!),
  ];
}

export function setTimes(word: Raw, { access, modification }: Times): Program | undefined {
  const touch = (which: string, wished: Wish | undefined) =>
    wished !== undefined &&
    (wished === 'now' ? sh`touch ${raw(which)} ${word}` : sh`touch ${raw(which)} -t ${wished.stamp} ${word}`);
  if (!access && !modification) return undefined;
  return lines(touch('-a', access), touch('-m', modification));
}
