import { SlipwayError } from '../base/errors.ts';
import type { Span } from '../base/span.ts';

/** `serial`: a number, "30%", or a list of these, of which the last one repeats. @throws {SlipwayError} */
export function batchesOf(
  hosts: readonly string[],
  serial: unknown,
  span?: Span,
): readonly (readonly string[])[] {
  if (serial === undefined || serial === null || hosts.length === 0) return hosts.length === 0 ? [] : [hosts];
  const sizes = (Array.isArray(serial) ? serial : [serial]).map((size) => sizeOf(size, hosts.length, span));
  const batches: (readonly string[])[] = [];
  let at = 0;
  for (let turn = 0; at < hosts.length; turn++) {
    const size = sizes[Math.min(turn, sizes.length - 1)] || hosts.length;
    batches.push(hosts.slice(at, at + size));
    at += size;
  }
  return batches;
}

// 0 means all, as in Ansible; a percentage is at least one host.
function sizeOf(size: unknown, hosts: number, span: Span | undefined): number {
  const percent = typeof size === 'string' && /^\s*(\d+(?:\.\d+)?)\s*%\s*$/.exec(size)?.[1];
  if (percent) return Math.max(1, Math.floor((Number(percent) / 100) * hosts));
  const count = typeof size === 'string' && size.trim() !== '' ? Number(size) : size;
  if (typeof count === 'number' && Number.isInteger(count) && count >= 0) return count;
  throw new SlipwayError('schema.invalid-value', `\`serial\` is ${JSON.stringify(size)}`, {
    span,
    hint: 'Give a number of hosts, a percentage like "30%", or a list of these.',
  });
}
