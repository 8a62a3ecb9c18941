import type { Report } from './sections.ts';

const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const two = (value: number) => String(value).padStart(2, '0');

/** The host's clock and zone, in all the forms that Ansible gives; one `date` on the host is enough for them. */
export function timeFacts(report: Report): Record<string, unknown> {
  const found = /^(\d+) ([+-])(\d\d)(\d\d) (.*)$/.exec(report.lines('date')[0] ?? '');
  if (!found) return {};
  const epoch = Number(found[1]);
  const offset = (Number(found[3]) * 60 + Number(found[4])) * (found[2] === '-' ? -1 : 1);
  const local = new Date((epoch + offset * 60) * 1000);
  const utc = new Date(epoch * 1000);
  const [year, month, day] = [local.getUTCFullYear(), two(local.getUTCMonth() + 1), two(local.getUTCDate())];
  const [hour, minute, second] = [local.getUTCHours(), local.getUTCMinutes(), local.getUTCSeconds()].map(two);
  const weekday = local.getUTCDay();
  const firstDay = Date.UTC(local.getUTCFullYear(), 0, 1);
  const dayOfYear = Math.floor((local.getTime() - firstDay) / 86_400_000);
  // The week as %W counts it: weeks begin on Monday, days before the first Monday are in week 0.
  const week = Math.floor((dayOfYear + 7 - ((weekday + 6) % 7)) / 7);
  const basic = `${year}${month}${day}T${hour}${minute}${second}`;
  return {
    date_time: {
      year: String(year),
      month,
      day,
      hour,
      minute,
      second,
      weekday: DAYS[weekday],
      weekday_number: String(weekday),
      weeknumber: two(week),
      date: `${year}-${month}-${day}`,
      time: `${hour}:${minute}:${second}`,
      epoch: String(epoch),
      epoch_int: String(epoch),
      iso8601: utc.toISOString().replace('.000Z', 'Z'),
      iso8601_micro: utc.toISOString().replace('.000Z', '.000000Z'),
      iso8601_basic: `${basic}000000`,
      iso8601_basic_short: basic,
      tz: found[5],
      tz_dst: found[5],
      tz_offset: `${found[2]}${found[3]}${found[4]}`,
    },
  };
}
