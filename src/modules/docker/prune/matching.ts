import { SlipwayError } from '../../../base/errors.ts';
import { nearest } from '../../../base/suggest.ts';
import { durationOf } from '../container/units.ts';
import { engineFilters, type Filters } from '../filters.ts';

/** What filters look at. */
export interface Dated {
  readonly Created?: string | undefined;
  readonly Labels?: Readonly<Record<string, string>> | null | undefined;
}

/** Milliseconds since 1970 of `24h` before now, of `2026-01-31`, `2026-01-31T12:00:00Z`, or of seconds since 1970. */
function momentOf(until: string, now: number): number | undefined {
  const ago = durationOf(until);
  if (ago !== undefined) return now - ago / 1e6;
  if (/^\d{9,}(\.\d+)?$/.test(until)) return Number(until) * 1000;
  if (!/^\d{4}-\d\d-\d\d(T[\d:.]+(Z|[+-]\d\d:\d\d)?)?$/.test(until)) return undefined;
  const moment = Date.parse(until);
  return Number.isNaN(moment) ? undefined : moment;
}

/** @throws {SlipwayError} task.invalid for a filter that the Engine does not have there, or no moment */
export function checkFilters(name: string, filters: Filters = {}, more: readonly string[] = []): void {
  const known = ['label', 'label!', ...more];
  for (const key of Object.keys(filters)) {
    if (known.includes(key)) continue;
    const near = nearest(key, known);
    throw new SlipwayError('task.invalid', `${name} has no filter "${key}"`, {
      hint: near ? `Do you mean \`${near}\`?` : `There are ${known.join(', ')}.`,
    });
  }
  const { until = [] } = engineFilters(filters);
  const wrong = until.find((one) => momentOf(one, 0) === undefined);
  if (wrong === undefined && until.length < 2) return;
  throw new SlipwayError('task.invalid', `${name} has \`until: ${until.join(', ')}\``, {
    hint: 'Write one of 24h, 2026-01-31, 2026-01-31T12:00:00Z.',
  });
}

/** Whether filters let an object go. `now`: by the host's clock, in milliseconds. */
export function isMatched({ Created, Labels }: Dated, filters: Filters | undefined, now: number): boolean {
  const { until: [until] = [], label = [], 'label!': not = [] } = engineFilters(filters);
  const moment = until === undefined ? undefined : momentOf(until, now);
  if (moment !== undefined && Created !== undefined && Date.parse(Created) > moment) return false;
  const has = (one: string) => {
    const [key = '', ...rest] = one.split('=');
    const value = Labels?.[key];
    return value !== undefined && (rest.length === 0 || value === rest.join('='));
  };
  return label.every(has) && (not.length === 0 || !not.every(has));
}
