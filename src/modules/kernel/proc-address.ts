import { isIPv4, isIPv6 } from 'node:net';

/** An address as /proc/net/tcp and tcp6 write it on a little-endian host: each 32 bits in the order of the machine. */
export function procAddresses(address: string): string[] {
  if (isIPv4(address)) {
    const hex = address
      .split('.')
      .reverse()
      .map((part) => Number(part).toString(16).padStart(2, '0'))
      .join('')
      .toUpperCase();
    return [hex, `0000000000000000FFFF0000${hex}`];
  }
  if (!isIPv6(address)) return [];
  const halves = address.split('::');
  const words = (text: string | undefined) => (text ? text.split(':') : []);
  const [head, tail] = [words(halves[0]), words(halves[1])];
  const zeros = halves.length === 1 ? 0 : 8 - head.length - tail.length;
  const all = [...head, ...Array.from({ length: zeros }, () => '0'), ...tail].map((word) =>
    word.padStart(4, '0'),
  );
  const bytes = all.join('').toUpperCase().match(/.{8}/g) ?? [];
  return [bytes.map((word) => word.match(/../g)!.reverse().join('')).join('')];
}
