import { isIPv4 } from 'node:net';

const bitsOf = (address: string) => (isIPv4(address) ? 32 : 128);

function toNumber(address: string): bigint {
  if (isIPv4(address)) return address.split('.').reduce((sum, part) => sum * 256n + BigInt(part), 0n);
  const [head = '', tail] = address.split('::');
  const words = (text = ''): string[] => (text === '' ? [] : text.split(':'));
  const front = words(head);
  const back = words(tail);
  const zeros = tail === undefined ? [] : Array<string>(8 - front.length - back.length).fill('0');
  return [...front, ...zeros, ...back].reduce((sum, word) => sum * 65_536n + BigInt(`0x${word}`), 0n);
}

function toAddress(value: bigint, bits: number): string {
  const part = (size: bigint) => (_: unknown, at: number, all: readonly unknown[]) =>
    (value >> (size * BigInt(all.length - 1 - at))) & ((1n << size) - 1n);
  if (bits === 32) return Array.from({ length: 4 }).map(part(8n)).join('.');
  const words = Array.from({ length: 8 }).map(part(16n));
  const text = words.map((word) => word.toString(16)).join(':');
  // The first run of zeros is written as `::`.
  return text.replace(/\b0(:0)+\b/, ':').replace(/:{3,}/, '::');
}

/** The address so many places behind the first of a range: 10 of `10.96.0.0/12` is `10.96.0.10`. */
export function nthAddress(range: string, n: number): string {
  const [base = ''] = range.split('/');
  return toAddress(toNumber(base) + BigInt(n), bitsOf(base));
}

/** The first part of a range, of the size that a node gets, that is not used; undefined when it is used up. */
export function freePart(range: string, used: ReadonlySet<string>): string | undefined {
  const [base = '', prefix = ''] = range.split('/');
  const bits = bitsOf(base);
  const size = Math.max(bits === 32 ? 24 : 64, Number(prefix));
  for (let i = 0; i < 2 ** Math.min(16, size - Number(prefix)); i++) {
    const part = `${toAddress(toNumber(base) + (BigInt(i) << BigInt(bits - size)), bits)}/${size}`;
    if (!used.has(part)) return part;
  }
  return undefined;
}
