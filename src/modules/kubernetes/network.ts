import { isIP, isIPv4 } from 'node:net';

/** A range of addresses, as bits: `first` has none set behind the first `prefix` ones. */
export interface Network {
  readonly text: string;
  readonly family: 4 | 6;
  readonly prefix: number;
  readonly first: bigint;
}

const bitsOf = (family: 4 | 6) => (family === 4 ? 32 : 128);

function valueOf(address: string): bigint {
  if (isIPv4(address)) return address.split('.').reduce((sum, part) => (sum << 8n) | BigInt(part), 0n);
  // The last 32 bits may stand as an IPv4 address.
  const plain = address.replace(/[^:]+\.[^:]+$/, (tail) => {
    const low = valueOf(tail);
    return `${(low >> 16n).toString(16)}:${(low & 0xffffn).toString(16)}`;
  });
  const [head = '', tail] = plain.split('::');
  const words = (text: string) => (text === '' ? [] : text.split(':'));
  const [front, back] = [words(head), words(tail ?? '')];
  const zeros = tail === undefined ? 0 : 8 - front.length - back.length;
  const all = [...front, ...Array.from({ length: zeros }, () => '0'), ...back];
  return all.reduce((sum, word) => (sum << 16n) | BigInt(`0x${word}`), 0n);
}

/** `10.244.0.0/16`, `fd00::/56`; undefined for all else. An address alone is a network of one. */
export function parseNetwork(text: string): Network | undefined {
  const [address = '', bits, ...more] = text.trim().split('/');
  const family = isIP(address);
  if ((family !== 4 && family !== 6) || address.includes('%') || more.length > 0) return undefined;
  const size = bitsOf(family);
  const prefix = bits === undefined ? size : Number(bits);
  if (bits !== undefined && (!/^\d{1,3}$/.test(bits) || prefix > size)) return undefined;
  const rest = BigInt(size - prefix);
  return { text: text.trim(), family, prefix, first: (valueOf(address) >> rest) << rest };
}

/** Whether some address is in both. */
export function overlap(a: Network, b: Network): boolean {
  if (a.family !== b.family) return false;
  const rest = BigInt(bitsOf(a.family) - Math.min(a.prefix, b.prefix));
  return a.first >> rest === b.first >> rest;
}

/** How many bits of an address are free in it. */
export const freeBits = (network: Network) => bitsOf(network.family) - network.prefix;
